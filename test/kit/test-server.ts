// A server for a suite (or several on one database) with all that tests want of it: requests, people, sessions, sockets, settings,
// mails, SQL.
import type { Knex } from 'knex'
import { startServer, type Server } from '../../core/boot/server.ts'
import { definePlugin, type AnyPlugin } from '../../core/define/index.ts'
import { jobs as jobsPlugin, type Jobs } from '../../plugins/jobs/index.ts'
import { openPostbox, read, type Postbox } from './postbox.ts'
import { eventually } from './wait.ts'
import { appWith, recordingLog, type Environment, type Recorded } from './server.ts'
import type { Kind } from './databases.ts'
import { cleanUp, freshEnvironment } from './place.ts'
import { otherPassword, password } from './passwords.ts'
import { administrator } from './ready.ts'
import { open, type Client } from './client.ts'
import { post } from './http.ts'
import { expectDescribed } from './described.ts'
import { expectWhole } from './reply-faults.ts'
import { refusal, row, success, text, type Row, type WireError } from './replies.ts'

export { administrator, otherPassword, password }


export interface Person {
  readonly id: string
  readonly email: string
  readonly password: string
}

/** Someone logged in. */
export interface Session extends Person {
  readonly token: string
  readonly refreshToken: string
  readonly sessionId: string
}

export interface Letter {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly token: string
}

let count = 0
/** A word that no other test uses. */
export const unique = (prefix: string): string => `${prefix}-${process.pid}-${(count += 1)}`

/** Waits until something holds. */
export const until = (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => eventually(holds, what)

export const claimsOf = (token: string): Row => row(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')))

/** A permission everywhere, or within a scope, or denied. */
export type Grant = string | { readonly permissionId: string; readonly scopeId?: string; readonly deny?: boolean }

/** What someone new is to have. */
export interface Wanted {
  /** Permissions by a role of their own. */
  readonly can?: readonly unknown[]
  /** Permissions of the user. */
  readonly direct?: readonly Grant[]
  readonly [field: string]: unknown
}

export interface Options {
  /** Further variables, or others. */
  readonly environment?: Environment
  /** Beside those of app.ts. */
  readonly plugins?: readonly AnyPlugin[]
}

export class TestServer {
  readonly kind: Kind
  readonly servers: Server[] = []
  readonly log: Recorded = recordingLog()
  readonly #options: Options
  readonly #clients = new Set<Client>()
  #environment: Environment = {}
  #postbox: Postbox | undefined
  #jobs: Jobs | undefined
  #admin: Session | undefined

  constructor(kind: Kind, options: Options = {}) {
    this.kind = kind
    this.#options = options
  }

  async open(): Promise<void> {
    this.#postbox = await openPostbox()
    this.#environment = {
      ...await freshEnvironment(this.kind), SMTP_URL: this.#postbox.url, PUBLIC_URL: 'https://sovrane.test/app',
      ...this.#options.environment,
    }
    await this.start()
    await this.renew()
  }

  /** Logs the administrator in anew: their token may have expired, or its key be gone. */
  async renew(): Promise<void> {
    this.#admin = await this.login({ id: '', ...administrator })
  }

  get environment(): Environment { return this.#environment }

  /** Starts a server on this one's database; `change` is for restarts with another environment. */
  async start(change: Environment = {}): Promise<Server> {
    const witness = definePlugin({ name: 'witness', requires: { jobs: jobsPlugin }, setup: ({ use }) => {
      this.#jobs = use.jobs
      return {}
    } })
    const environment = { ...this.#environment, ...change }
    const server = await startServer(appWith(...this.#options.plugins ?? [], witness), {
      environment, log: this.log, print: () => undefined, interactive: false,
    })
    this.servers.push(server)
    return server
  }

  /** Stops all servers and starts one with another environment. */
  async restart(change: Environment): Promise<void> {
    for (const client of this.#clients) client.close()
    for (const server of this.servers.splice(0)) await server.stop()
    await this.start(change)
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close()
    for (const server of this.servers.splice(0)) await server.stop()
    await this.#postbox?.close()
    await cleanUp()
  }

  /** The first server. */
  get server(): Server {
    const [server] = this.servers
    if (!server) throw new Error('the server is not up')
    return server
  }

  get url(): string { return this.server.url }
  get db(): Knex { return this.server.database.knex }

  get admin(): Session {
    if (!this.#admin) throw new Error('the server is not up')
    return this.#admin
  }

  /** One request over HTTP, as it is answered: a success is what its event says that it answers, an error one that it is said to give. */
  async ask(event: string, payload: Row = {}, by?: { readonly token: string }, url = this.url): Promise<unknown> {
    const { body } = await post(url, event, JSON.stringify(payload), by?.token)
    expectWhole(this.server.assembly, event, body)
    expectDescribed(this.server.assembly, event, body)
    return body
  }

  async ok(event: string, payload: Row = {}, by?: { readonly token: string }): Promise<Row> {
    const reply = await this.ask(event, payload, by)
    if ('error' in row(reply)) throw new Error(`${event} was refused: ${JSON.stringify(reply)} ${this.troubles()}`)
    return success(reply, event)
  }

  /** The last lines of the log with their causes: for messages. */
  troubles(): string {
    return this.log.lines.slice(-2).map(({ details }) => {
      const { err } = details as { err?: unknown }
      return err instanceof Error ? `${err.message} (${err.cause instanceof Error ? err.cause.message : 'no cause'})` : ''
    }).join('; ')
  }

  async no(code: string, event: string, payload: Row = {}, by?: { readonly token: string }): Promise<WireError> {
    return refusal(await this.ask(event, payload, by), code)
  }

  /** Someone with a password and these rights. */
  async person({ can = [], direct = [], ...fields }: Wanted = {}): Promise<Person> {
    const id = unique('person')
    const roles = can.length === 0 ? [] : [(await this.ok('role-create', { label: id, permissions: can }, this.admin))['id']]
    const email = `${id}@example.com`
    await this.ok('user-create', { id, firstName: 'Some', lastName: 'Body', email, password, roles, ...fields }, this.admin)
    for (const grant of direct)
      await this.ok('user-add-permission', { id, ...(typeof grant === 'string' ? { permissionId: grant } : grant) }, this.admin)
    return { id, email, password }
  }

  async login(person: Person): Promise<Session> {
    const reply = await this.ok('auth-login', { email: person.email, password: person.password })
    return this.sessionOf(person, reply)
  }

  /** The session in the reply to a log-in. */
  sessionOf(person: Person, reply: Row): Session {
    const token = text(reply['accessToken'])
    const [id, sessionId] = [text(row(reply['user'])['id']), text(claimsOf(token)['sid'])]
    return { ...person, id, token, refreshToken: text(reply['refreshToken']), sessionId }
  }

  /** Someone new, logged in. */
  async enter(wanted: Wanted = {}): Promise<Session> {
    return this.login(await this.person(wanted))
  }

  /** A socket on `/` that has heard its `session`; `auth`: what it says beside the token. */
  async socket(by: { readonly token: string }, url = this.url, auth: Row = {}): Promise<Client> {
    const client = await open(url, { auth: { token: by.token, ...auth }, transports: ['websocket'], reconnection: false })
    this.#clients.add(client)
    await client.hear('session')
    return client
  }

  /** A socket on `/auth`. */
  async lobby(url = this.url): Promise<Client> {
    const client = await open(`${url}/auth`, { transports: ['websocket'], reconnection: false })
    this.#clients.add(client)
    return client
  }

  async set(key: string, value: unknown): Promise<void> {
    await this.ok('config-update', { key, value }, this.admin)
  }

  async unset(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.ok('config-delete', { key }, this.admin)
  }

  /** Rows by raw SQL. */
  async sql<T = Row>(statement: string, bindings: readonly (string | number)[] = []): Promise<T[]> {
    const result = (await this.db.raw(statement, [...bindings])) as { rows: T[] }
    return result.rows
  }

  /** The texts of the mails to these addresses so far, once no job is left. */
  async mailsTo(...addresses: readonly string[]): Promise<string[]> {
    await this.#jobs?.idle()
    const sent = (this.#postbox?.mails ?? []).filter(({ to }) => to.some((each) => addresses.includes(each)))
    return sent.map(({ source }) => read(source).text)
  }

  /** The mails to an address, oldest first, with the token of the link in each. */
  async letters(to: string): Promise<Letter[]> {
    return (await this.mailSources()).map(read).filter(({ headers }) => headers.get('to') === to).map(({ headers, text: body }) => {
      const link = new URL(/https:\/\/\S+/.exec(body)?.[0] ?? 'about:blank')
      return { to, subject: headers.get('subject') ?? '', text: body, token: link.searchParams.get('token') ?? '' }
    })
  }

  /** All mails as they came over the wire, once no job is left. */
  async mailSources(): Promise<string[]> {
    await this.#jobs?.idle()
    return (this.#postbox?.mails ?? []).map(({ source }) => source)
  }

  /** The token in the last link to a path that was mailed to an address: jobs that run together send their mails in any order. */
  async mailedToken(address: string, path: string): Promise<string> {
    const links = (await this.mailsTo(address)).map((mail) => new URL(/https:\/\/\S+/.exec(mail)?.[0] ?? 'about:blank'))
    const url = links.findLast(({ origin, pathname }) => origin + pathname === `https://sovrane.test/app${path}`)
    if (!url) throw new Error(`the links are ${links.join(', ')}`)
    return url.searchParams.get('token') ?? ''
  }

  /** The six digits in the last mail to an address. */
  async mailedCode(address: string): Promise<string> {
    return (await this.mailsTo(address)).at(-1)?.match(/\b\d{6}\b/)?.[0] ?? ''
  }

  /** Ends the window in which the just rotated refresh token of a session is still good. */
  async endGrace(session: Session): Promise<void> {
    await this.sql("update sessions set rotated_at = rotated_at - interval '11 seconds' where id = ?", [session.sessionId])
  }
}

/** Milliseconds that a start or an end may take on a busy machine. */
const patience = 120_000

/** A server for the tests of a suite: it is opened before them, and closed after them. */
export const openServer = (...options: ConstructorParameters<typeof TestServer>): TestServer => {
  const server = new TestServer(...options)
  before(async function () {
    this.timeout(patience)
    await server.open()
  })
  after(async function () {
    this.timeout(patience)
    await server.close()
  })
  return server
}
