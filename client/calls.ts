// One call: over the socket or, without a session, over HTTP; with an end, a `requestId`, and repetitions where they are safe.
import { refusalIn, SovraneError, toSovraneError } from './errors.ts'
import type { Connection } from './connection.ts'
import { newId } from './ids.ts'
import type { Http } from './http.ts'
import type { TokenKeeper } from './tokens.ts'
import { backOff, bound, type Bound } from './time.ts'
import { Lost, type Wire } from './wire.ts'

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds, repetitions and all; default the client's `timeout`. */
  readonly timeout?: number | undefined
}

export type Payload = Readonly<Record<string, unknown>>

/** What became of a call. */
export interface Outcome {
  readonly event: string
  readonly requestId: string
  /** The only connection over which it was sent; undefined: there were several, or none. */
  readonly wire: Wire | undefined
  readonly payload: Payload
  readonly reply?: Payload
  readonly error?: SovraneError
}

export interface Calls {
  /** @throws SovraneError */
  readonly call: (event: string, payload?: Payload, options?: CallOptions) => Promise<Payload>
}

export interface CallsOptions {
  readonly connection: Connection
  readonly http: Http
  readonly tokens: TokenKeeper
  /** Milliseconds. */
  readonly timeout: number
  /** It is about to be sent over this connection, perhaps not for the first time. */
  readonly onSend: (requestId: string, event: string, wire: Wire) => void
  readonly onOutcome: (outcome: Outcome) => void
}

/** These open a session: never over the socket of another. Further ones are known by their replies. */
const opening: ReadonlySet<string> = new Set(['auth-login', 'auth-mfa-verify', 'invitation-accept'])

/** Milliseconds within which a socket ends whose token has. */
const moment = 100

const isTemporary = ({ code }: SovraneError): boolean => code === 'rate_limited' || code === 'unavailable'

interface Sent {
  readonly requestId: string
  readonly wires: Set<Wire>
  /** Over HTTP. */
  isSent?: boolean
  /** Why the last attempt came to nothing. */
  last?: SovraneError
}

export const createCalls = ({ connection, http, tokens, timeout, onSend, onOutcome }: CallsOptions): Calls => {
  /** Over the socket: what is lost or refused for now is sent again, with its `requestId`, so that it is done once. */
  const onWire = async (event: string, body: Payload, limit: Bound, sent: Sent): Promise<unknown> => {
    for (let failures = 0; ; failures += 1) {
      const wire = await limit.race(connection.ready())
      sent.wires.add(wire)
      onSend(sent.requestId, event, wire)
      try {
        const reply = await limit.race(wire.send(event, body))
        const refusal = refusalIn(reply, event)
        if (!refusal) return reply
        if (await isOfTheEnd(refusal, wire, limit)) continue
        // Longer than its time it need not wait.
        if (!isTemporary(refusal) || (refusal.retryAfter ?? 0) * 1000 > limit.left()) throw refusal
        sent.last = refusal
        await limit.sleep(Math.max((refusal.retryAfter ?? 0) * 1000, backOff(failures)))
      } catch (thrown) {
        if (!(thrown instanceof Lost)) throw thrown
      }
    }
  }

  /** Whether it was refused only because its socket was about to end with its token: then there will be another. */
  const isOfTheEnd = async ({ code, reason, event = '' }: SovraneError, wire: Wire, limit: Bound): Promise<boolean> => {
    if (code !== 'unauthenticated' || reason !== undefined || event.startsWith('auth-')) return false
    await limit.sleep(moment)
    return connection.wire !== wire && tokens.current() !== undefined
  }

  const timedOut = (event: string, sent: Sent): SovraneError => {
    const { error } = connection.state.current
    if (sent.last) return sent.last
    if (!sent.isSent && sent.wires.size === 0 && error) return error
    return sent.isSent || sent.wires.size > 0
      ? new SovraneError('timeout', { message: `${event} was not answered in time`, event })
      : new SovraneError('offline', { message: 'There is no connection', event })
  }

  return {
    async call(event, payload = {}, { signal, timeout: own = timeout } = {}) {
      const given = payload['requestId']
      const requestId = typeof given === 'string' ? given : newId()
      const body = { ...payload, requestId }
      const sent: Sent = { requestId, wires: new Set() }
      const limit = bound(own, signal, () => timedOut(event, sent))
      const outcome = (): Omit<Outcome, 'reply' | 'error'> =>
        ({ event, requestId, payload, wire: sent.wires.size === 1 ? [...sent.wires][0] : undefined })
      try {
        if (connection.state.current.status === 'closed') throw new SovraneError('closed', { message: 'The client was closed', event })
        const overHttp = opening.has(event) || !tokens.current()
        sent.isSent = overHttp
        const answer = await (overHttp ? limit.race(http.post(event, body, limit.signal)) : onWire(event, body, limit, sent))
        const { requestId: echoed, ...rest } = answer as Payload
        const reply = given === undefined ? rest : { ...rest, requestId: echoed }
        tokens.adopt(reply)
        onOutcome({ ...outcome(), reply })
        return reply
      } catch (thrown) {
        const error = toSovraneError(thrown, event)
        onOutcome({ ...outcome(), error })
        throw error
      } finally {
        limit.release()
      }
    },
  }
}
