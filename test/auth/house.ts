// What the authentication suites share: a server (or several on one database), its mail server, people, doors, and the rows behind it.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import { startServer, type Server } from '../../core/boot/server.ts'
import { definePlugin } from '../../core/define/index.ts'
import { jobs as jobsPlugin, type Jobs } from '../../plugins/jobs/index.ts'
import { appWith, type Environment } from '../jobs/support.ts'
import { openPostbox, read, type Postbox } from '../mail/support.ts'
import { recordingLog, type Recorded } from '../support/app-server.ts'
import { administrator, cleanUp, freshEnvironment, type Kind } from '../support/databases.ts'
import { open, type Client } from '../wire/support/client.ts'
import { post } from '../wire/support/http.ts'
import { refusal, row, success, text, type Row, type WireError } from '../wire/support/replies.ts'

export { administrator }

/** The password of everybody here but the administrator. */
export const password = 'Quiet-River-52-Lantern'
export const otherPassword = 'Brisk-Meadow-81-Teapot'

/** Milliseconds until a wait is given up: long, for a machine that others use too. */
const patience = 15_000

export interface Person {
  readonly id: string
  readonly email: string
  readonly password: string
}

/** Somebody logged in. */
export interface Session extends Person {
  readonly token: string
  readonly refreshToken: string
  readonly sessionId: string
}

let count = 0
/** A word that no other test uses. */
export const unique = (prefix: string): string => `${prefix}-${process.pid}-${(count += 1)}`

/** Waits until something holds. */
export const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + patience
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`did not come about: ${what}`)
    await sleep(10)
  }
}

export const claimsOf = (token: string): Row => row(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')))

export class House {
  readonly kind: Kind
  readonly servers: Server[] = []
  readonly log: Recorded = recordingLog()
  readonly #extra: Environment
  readonly #clients = new Set<Client>()
  #environment: Environment = {}
  #postbox: Postbox | undefined
  #jobs: Jobs | undefined
  #admin: Session | undefined

  constructor(kind: Kind, extra: Environment = {}) {
    this.kind = kind
    this.#extra = extra
  }

  async open(): Promise<void> {
    this.#postbox = await openPostbox()
    this.#environment = { ...await freshEnvironment(this.kind), SMTP_URL: this.#postbox.url, PUBLIC_URL: 'https://sovrane.test/app', ...this.#extra }
    await this.start()
    await this.renew()
  }

  /** Logs the administrator in anew: his token may have expired, or his key be gone. */
  async renew(): Promise<void> {
    this.#admin = await this.login({ id: '', ...administrator })
  }

  get environment(): Environment { return this.#environment }

  /** Starts a server on the database of this house; `change` is for restarts with another environment. */
  async start(change: Environment = {}): Promise<Server> {
    const witness = definePlugin({ name: 'witness', requires: { jobs: jobsPlugin }, setup: ({ use }) => {
      this.#jobs = use.jobs
      return {}
    } })
    const environment = { ...this.#environment, ...change }
    const server = await startServer(appWith(witness), { environment, log: this.log, print: () => undefined, interactive: false })
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

  /** One request over HTTP, as it is answered. */
  async ask(event: string, payload: Row = {}, by?: { readonly token: string }, url = this.url): Promise<unknown> {
    return (await post(url, event, JSON.stringify(payload), by?.token)).body
  }

  async ok(event: string, payload: Row = {}, by?: { readonly token: string }): Promise<Row> {
    return success(await this.ask(event, payload, by), event)
  }

  async no(code: string, event: string, payload: Row = {}, by?: { readonly token: string }): Promise<WireError> {
    return refusal(await this.ask(event, payload, by), code)
  }

  /** Somebody with a password and these rights, given by a role of his own. */
  async person({ can = [], ...fields }: { readonly can?: readonly unknown[]; readonly [field: string]: unknown } = {}): Promise<Person> {
    const id = unique('person')
    const roles = can.length === 0 ? [] : [(await this.ok('role-create', { label: id, permissions: can }, this.admin))['id']]
    const email = `${id}@example.com`
    await this.ok('user-create', { id, firstName: 'Some', lastName: 'Body', email, password, roles, ...fields }, this.admin)
    return { id, email, password }
  }

  async login(person: Person): Promise<Session> {
    const reply = await this.ok('auth-login', { email: person.email, password: person.password })
    return this.sessionOf(person, reply)
  }

  /** The session in the reply to a log-in. */
  sessionOf(person: Person, reply: Row): Session {
    const token = text(reply['accessToken'])
    return { ...person, id: text(row(reply['user'])['id']), token, refreshToken: text(reply['refreshToken']), sessionId: text(claimsOf(token)['sid']) }
  }

  /** Somebody new, logged in. */
  async enter(wanted: Parameters<House['person']>[0] = {}): Promise<Session> {
    return this.login(await this.person(wanted))
  }

  /** A socket on `/` that has heard its `session`. */
  async socket(by: { readonly token: string }, url = this.url): Promise<Client> {
    const client = await open(url, { auth: { token: by.token }, transports: ['websocket'], reconnection: false })
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
  async sql(statement: string, bindings: readonly (string | number)[] = []): Promise<Row[]> {
    const result = (await this.db.raw(statement, [...bindings])) as { rows: Row[] }
    return result.rows
  }

  /** The texts of the mails to these addresses so far, once no job is left. */
  async mailsTo(...addresses: readonly string[]): Promise<string[]> {
    await this.#jobs?.idle()
    return (this.#postbox?.mails ?? []).filter(({ to }) => to.some((each) => addresses.includes(each))).map(({ source }) => read(source).text)
  }

  /** All mails as they came over the wire, once no job is left. */
  async mailSources(): Promise<string[]> {
    await this.#jobs?.idle()
    return (this.#postbox?.mails ?? []).map(({ source }) => source)
  }

  /** The token in the link of the last mail to an address, whose text it must be. */
  async mailedToken(address: string, path: string): Promise<string> {
    const link = (await this.mailsTo(address)).at(-1)?.match(/https:\/\/\S+/)?.[0] ?? ''
    const url = new URL(link)
    if (url.origin + url.pathname !== `https://sovrane.test/app${path}`) throw new Error(`the link is ${link}`)
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
