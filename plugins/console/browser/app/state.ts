// What all screens share: the client, the description of the app, and who is logged in with what they may do.
import { computed, signal, type ReadonlySignal } from '@preact/signals'
import { createClient, SovraneError, webStorage, type ClientState, type LiveList } from '../../../../client/index.ts'
import type { Contract } from '#sovrane'
import { signalOf } from '../../../../client/signals.ts'
import type { Told } from '../../described.ts'

export type Payload = Readonly<Record<string, unknown>>
export type Row = Payload & { readonly id: string }
export interface PageOf<Item = Row> {
  readonly items: readonly Item[]
  readonly page: number
  readonly limit: number
  readonly total: number
  readonly next?: string
}

/** Where the console begins, without a slash at its end: behind a proxy it may be below a path. */
export const start = document.documentElement.dataset['start'] ?? ''
/** Where the server is: the console stands at its root, or below it. */
export const serverUrl = `${location.origin}${document.documentElement.dataset['server'] ?? ''}`

/** The names of resources and events are the app's own: those of this client are not known when the console is built. */
interface AnyClient {
  readonly state: { readonly current: ClientState; subscribe(listener: (state: ClientState) => void): () => void }
  call(event: string, payload?: Payload, options?: { readonly signal?: AbortSignal; readonly timeout?: number }): Promise<Payload>
  onChanged(listener: (change: Changed) => void): () => void
  onRightsChanged(listener: () => void): () => void
  onResync(listener: () => void): () => void
  retry(): void
}

interface Changed {
  readonly resource: string
  readonly id: string
  readonly action: string
  readonly version: number
  readonly requestId?: string | undefined
}

type Opens = (query: Payload) => LiveList<Row>
const made = createClient<Contract>({ url: serverUrl, storage: webStorage() }) as unknown
export const client = made as AnyClient

const camel = (name: string): string => name.replaceAll(/-[a-z0-9]/g, (part) => part.slice(1).toUpperCase())

/** A live list of a resource, or of what belongs to one of its rows: `liveList(['group', 'members'], { id })`. */
export const liveList = (path: readonly string[], query: Payload): LiveList<Row> => {
  const found = path.reduce<unknown>((at, name) => Reflect.get(at as object, camel(name)) as unknown, made)
  return (Reflect.get(found as object, 'live') as Opens)(query)
}

/** Asks. @throws SovraneError */
export const ask = async <Reply = Payload>(event: string, payload: Payload = {}, signal?: AbortSignal): Promise<Reply> =>
  (await client.call(event, payload, signal ? { signal } : {})) as Reply

/** An error as one of the client's, whatever was thrown. */
export const asError = (thrown: unknown): SovraneError =>
  thrown instanceof SovraneError ? thrown : new SovraneError('internal', { message: String(thrown), cause: thrown })

export const [connection] = signalOf(client.state, signal as (initial: ClientState) => { value: ClientState })

/** Of the key: the scopes where one holds it, null for everywhere; the scopes where not; single rows. */
export interface EffectiveKey {
  readonly key: string
  readonly scopes: readonly string[] | null
  readonly except: readonly string[]
  readonly rows: readonly { readonly resource: string; readonly id: string }[]
}

export interface Session {
  readonly id: string
  readonly ip: string | null
  readonly userAgent: string | null
  readonly createdAt: string
  readonly lastSeenAt: string
  readonly current: boolean
}

export interface Me {
  readonly user: Row
  readonly session: Session | null
  readonly keys: readonly EffectiveKey[]
}

export const me = signal<Me | undefined>(undefined)
export const app = signal<Told | undefined>(undefined)
/** Why the console cannot be shown. */
export const trouble = signal<SovraneError | undefined>(undefined)
/** The account must first set up a second factor. */
export const mustEnrol = signal(false)
/** Why the last session has ended. */
export const endedBy = signal<string | undefined>(undefined)

export const isSignedIn: ReadonlySignal<boolean> = computed(() => connection.value.status !== 'signed-out')

const isOwnSession = (code: string): boolean => ['unauthenticated', 'closed', 'aborted'].includes(code)

export const readMe = async (): Promise<void> => {
  try {
    me.value = (await ask('auth-me')) as unknown as Me
    trouble.value = undefined
  } catch (thrown) {
    const error = asError(thrown)
    if (!isOwnSession(error.code)) trouble.value = error
  }
}

const readDescription = async (): Promise<void> => {
  try {
    const response = await fetch(`${start}/console/description.json`)
    if (!response.ok) throw new SovraneError('protocol', { message: `description.json: ${response.status}` })
    app.value = (await response.json()) as Told
  } catch (thrown) {
    trouble.value = asError(thrown)
  }
}

/** What is decided by who is logged in follows the session, their row and their rights. */
export const begin = (): void => {
  void readDescription()
  let wasOf: string | undefined
  const follow = ({ status, error, sessionId }: ClientState): void => {
    if (status === 'signed-out') {
      if (wasOf !== undefined) endedBy.value = error?.reason
      wasOf = undefined
      me.value = undefined
      mustEnrol.value = false
    } else if (status === 'live' && sessionId !== wasOf) {
      wasOf = sessionId
      endedBy.value = undefined
      void readMe()
    }
  }
  client.state.subscribe(follow)
  follow(client.state.current)
  client.onRightsChanged(() => void readMe())
  client.onChanged(({ resource, id }) => {
    if (resource === 'user' && id === me.value?.user.id) void readMe()
  })
}
