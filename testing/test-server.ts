// A server for a suite (or several on one database) with all that tests want of it: requests, people, sessions, sockets, settings,
// mails, SQL.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Knex } from 'knex'
import { startServer, type Server } from '../core/boot/server.ts'
import { definePlugin } from '../core/define/index.ts'
import { jobs as jobsPlugin, type Jobs } from '../plugins/jobs/index.ts'
import { open, type Client } from './client.ts'
import { openListener, type Listener } from './contract/listener.ts'
import { expectDescribed } from './described.ts'
import { post } from './http.ts'
import { read } from './mails.ts'
import { password } from './passwords.ts'
import { freshPlace, type Place } from './place.ts'
import { readyOf } from './project.ts'
import { administrator, type Kind, type Ready } from './ready.ts'
import { refusal, row, success, text, type Row, type WireError } from './replies.ts'
import { expectWhole } from './reply-faults.ts'
import { after, before } from './runner.ts'
import { recordingLog, type AnyApp, type Environment, type Recorded } from './server.ts'

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

export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

let count = 0
/** A word that no other test uses. */
export const unique = (prefix: string): string => `${prefix}-${process.pid}-${(count += 1)}`

/** What an access token says, without a check of its signature. */
export const claimsOf = (token: string): Row => row(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')))

/** A permission everywhere, or within a scope, or denied. */
export type Grant = string | { readonly permissionId: string; readonly scopeId?: string; readonly deny?: boolean }

/** What someone new is to have. */
export interface Wanted {
  /** Permissions by a role of their own: keys, or `{ permissionId, scopeId }`. */
  readonly can?: readonly unknown[]
  /** Permissions of the user. */
  readonly direct?: readonly Grant[]
  /** Fields of the user. */
  readonly [field: string]: unknown
}

export interface ServerOptions {
  /** Further variables, or others. */
  readonly environment?: Environment
  /** The databases to copy; without it, those of the app, made when they are missing. */
  readonly ready?: Ready
}

export class TestServer {
  readonly kind: Kind
  readonly servers: Server[] = []
  readonly log: Recorded = recordingLog()
  readonly #app: AnyApp
  readonly #options: ServerOptions
  readonly #clients = new Set<{ close(): void }>()
  #environment: Environment = {}
  #place: Place | undefined
  #jobs: Jobs | undefined
  #admin: Session | undefined

  constructor(app: AnyApp, kind: Kind = 'embedded', options: ServerOptions = {}) {
    this.#app = app
    this.kind = kind
    this.#options = options
  }

  /** Starts the first server, with these variables beside those of the options, and logs its administrator in. */
  async open(more: Environment = {}): Promise<void> {
    const { environment = {}, ready = readyOf(this.#app, environment) } = this.#options
    this.#place = await freshPlace(ready, this.kind)
    this.#environment = { ...this.#place.environment, ...more, ...environment }
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
    const hasJobs = this.#app.plugins.some((plugin) => plugin === jobsPlugin)
    const server = await startServer({ ...this.#app, plugins: [...this.#app.plugins, ...(hasJobs ? [witness] : [])] }, {
      environment: { ...this.#environment, ...change }, log: this.log, print: () => undefined, interactive: false,
    })
    this.servers.push(server)
    return server
  }

  /** Stops all servers and starts one with another environment. */
  async restart(change: Environment): Promise<void> {
    await this.#stop()
    await this.start(change)
  }

  /** Stops all servers and takes their database away. */
  async close(): Promise<void> {
    await this.#stop()
    await this.#place?.remove()
  }

  async #stop(): Promise<void> {
    for (const client of this.#clients) client.close()
    for (const server of this.servers.splice(0)) await server.stop()
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

  /** The reply of a request that must succeed. */
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

  /** The error of a request that must be refused with this code. */
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
    const client = await this.connect(url, { token: by.token, ...auth })
    await client.hear('session')
    return client
  }

  /** A socket on any namespace, closed with the server. */
  protected async connect(url: string, auth: Row = {}): Promise<Client> {
    const client = await open(url, { auth, transports: ['websocket'], reconnection: false })
    this.#clients.add(client)
    return client
  }

  /** Someone who listens to all changes that they may hear of. */
  async listener(by: { readonly id: string; readonly token: string }): Promise<Listener> {
    const listener = await openListener(this.server, by)
    this.#clients.add(listener)
    return listener
  }

  /** Changes a setting. */
  async set(key: string, value: unknown): Promise<void> {
    await this.ok('config-update', { key, value }, this.admin)
  }

  /** Gives settings their defaults again. */
  async unset(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.ok('config-delete', { key }, this.admin)
  }

  /** Rows by raw SQL. */
  async sql<T = Row>(statement: string, bindings: readonly (string | number)[] = []): Promise<T[]> {
    const result = (await this.db.raw(statement, [...bindings])) as { rows: T[] }
    return result.rows
  }

  /** Waits until no job that is due is left. */
  async idle(): Promise<void> {
    await this.#jobs?.idle()
  }

  /** All mails as they were sent, oldest first, once no job is left. */
  async mailSources(): Promise<string[]> {
    await this.idle()
    const folder = join(this.#environment['DATA_DIR'] ?? '', 'mail')
    const names = await readdir(folder).catch(() => [])
    return Promise.all(names.filter((name) => name.endsWith('.eml')).toSorted().map((name) => readFile(join(folder, name), 'utf8')))
  }

  /** The mails to an address, oldest first, once no job is left. */
  async mails(to: string): Promise<Mail[]> {
    return (await this.mailSources()).map(read).filter(({ headers }) => headers.get('to')?.includes(to)).map((mail) =>
      ({ to, subject: mail.headers.get('subject') ?? '', text: mail.text, html: mail.html }))
  }
}

/** A server for the tests of a suite: it is opened before them, and closed after them. */
export const openServer = (...options: ConstructorParameters<typeof TestServer>): TestServer => {
  const server = new TestServer(...options)
  before(() => server.open())
  after(() => server.close())
  return server
}
