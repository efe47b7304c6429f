// Who can act at the moment: the log-ins and API tokens that the player holds, made when first needed and dropped when they must have
// ended.

import { Actor } from './actor.ts'
import type { Doors, Reply } from './doors.ts'
import { Disagreement } from './disagreement.ts'
import type { Organisation, User } from './organisation.ts'
import type { Who } from './steps.ts'
import { heldNowhere, readOnly } from './verdict.ts'
import type { Refusal, Verdict } from './verdict.ts'

interface Access {
  readonly token: string
  readonly only: readonly string[] | null | undefined
}

interface Entry {
  session: Promise<Access> | undefined
  readonly tokens: Access[]
  /** What had ended the user's sessions when this was made. */
  endings: number
}

/** Whether a verdict is what a step aims at. */
function isAt(aim: Who['aim'], { must }: Verdict): boolean {
  const isDeep = ({ code, why }: Refusal): boolean => (code === 'forbidden' || code === 'conflict') && !why.startsWith(readOnly)
  switch (aim) {
    case 'anyone': return true
    case 'holder': return must.every(({ why }) => !why.startsWith(heldNowhere))
    case 'winner': return must.length === 0
    case 'nearly': return must.length > 0 && must.every((refusal) => isDeep(refusal) && !refusal.why.startsWith(heldNowhere))
  }
}

export interface Keeper {
  readonly id: string
  readonly token: string
}

/** Someone who acts: as the model sees them, and how they are heard. */
export interface Acting {
  readonly actor: Actor
  readonly token: string
  readonly socket: boolean
  readonly many: boolean
  readonly name: string
}

export class People {
  readonly #org: Organisation
  readonly #doors: Doors
  readonly #keeper: Keeper
  readonly #prefix: string
  readonly #entries = new Map<string, Entry>()

  constructor(org: Organisation, doors: Doors, keeper: Keeper, prefix: string) {
    this.#org = org
    this.#doors = doors
    this.#keeper = keeper
    this.#prefix = prefix
  }

  #canAct(user: User | undefined): user is User {
    return user !== undefined && user.status === 'active' && user.password !== undefined && !this.#org.outside.has(user.id)
  }

  /** Everyone who can log in. */
  all(): User[] {
    return this.#org.rows('user').filter((user) => this.#canAct(user))
  }

  /** The one named, or else the next who can act and of whom the aim holds, or else who can act; undefined when no one can. */
  async find(who: Who, judge: (actor: Actor) => Verdict): Promise<Acting | undefined> {
    if (who.user === 'keeper') {
      const user = this.#org.row('user', this.#keeper.id)
      return user && { actor: new Actor(this.#org, user, undefined), token: this.#keeper.token, socket: false, many: false, name: 'keeper' }
    }
    const all = this.all().toSorted((a, b) => (a.id < b.id ? -1 : 1))
    const from = Math.max(0, all.findIndex((each) => each.id >= who.user))
    const ring = [...all.slice(from), ...all.slice(0, from)]
    const tokenOf = ({ id }: User): Access | undefined => (who.token ? this.#entries.get(id)?.tokens.at(-1) : undefined)
    const user = ring.find((each) => isAt(who.aim, judge(new Actor(this.#org, each, tokenOf(each)?.only)))) ?? ring[0]
    if (user === undefined) return undefined
    const entry = this.#entryOf(user)
    const access = tokenOf(user) ?? (await this.#session(entry, user))
    const by =
      access.only === undefined
        ? ''
        : access.only === null
          ? ' by a token of all keys'
          : ` by a token of ${access.only.join(' ') || 'no key'}`
    return {
      actor: new Actor(this.#org, user, access.only), token: access.token, socket: who.socket, many: who.many === true,
      name: `${user.id.slice(this.#prefix.length)}${by}${who.many === true ? ' (as one of many)' : ''}`,
    }
  }

  #entryOf(user: User): Entry {
    const known = this.#entries.get(user.id)
    if (known !== undefined) return known
    const entry: Entry = { session: undefined, tokens: [], endings: user.endings }
    this.#entries.set(user.id, entry)
    return entry
  }

  async #session(entry: Entry, user: User): Promise<Access> {
    entry.session ??= this.#doors.http('auth-login', { email: user.email, password: user.password }).then((reply): Access => {
      const token = reply.body['accessToken']
      if (typeof token !== 'string') throw new Disagreement(`${user.id} cannot log in: ${reply.error?.text ?? JSON.stringify(reply.body)}`)
      return { token, only: undefined }
    })
    return entry.session
  }

  /** Keeps an API token that was handed out. */
  keep(user: User, reply: Reply, only: unknown): void {
    const token = reply.body['token']
    if (typeof token !== 'string') throw new Disagreement('auth-token-create gave no token')
    this.#entries.get(user.id)?.tokens.push({ token, only: Array.isArray(only) ? only as string[] : null })
  }

  /** "ends every session and API token for good": what has ended by the model must be refused by the server. */
  async review(): Promise<void> {
    for (const [id, entry] of this.#entries) {
      const user = this.#org.row('user', id)
      if (this.#canAct(user) && user.endings === entry.endings) continue
      this.#entries.delete(id)
      const session = await entry.session
      for (const access of [...(session === undefined ? [] : [session]), ...entry.tokens]) {
        const { error } = await this.#doors.http('auth-me', {}, access.token)
        await this.#doors.drop(access.token)
        const what = access.only === undefined ? 'session' : 'API token'
        if (error?.code !== 'unauthenticated')
          throw new Disagreement(`a ${what} of ${id} must have ended and answers ${error?.text ?? 'with success'}`)
      }
    }
  }

  async leave(): Promise<void> {
    for (const entry of this.#entries.values()) {
      const session = await entry.session?.catch(() => undefined)
      for (const { token } of [...(session === undefined ? [] : [session]), ...entry.tokens]) await this.#doors.drop(token)
    }
    this.#entries.clear()
  }
}
