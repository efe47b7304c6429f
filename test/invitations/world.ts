// A server of app.ts with invitations on an empty database: requests by every door, people with rights, mails, SQL.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Knex } from 'knex'
import { app as base } from '../../app.ts'
import { startServer, type Server } from '../../core/boot/server.ts'
import { defineApp, definePlugin, type AnyPlugin } from '../../core/define/index.ts'
import { invitations } from '../../plugins/invitations/index.ts'
import { jobs, type Jobs } from '../../plugins/jobs/index.ts'
import { read } from '../mail/support.ts'
import { recordingLog } from '../support/app-server.ts'
import { administrator, cleanUp, freshEnvironment, type Kind } from '../support/databases.ts'
import { open, type Client } from '../wire/support/client.ts'
import { post } from '../wire/support/http.ts'
import { refusal, row, success, text, type Row, type WireError } from '../wire/support/replies.ts'

export const password = 'Quiet-River-52-Lantern'

/** A permission everywhere, or within a scope, or denied. */
export type Grant = string | { readonly permissionId: string; readonly scopeId?: string; readonly deny?: boolean }

export interface Person {
  readonly id: string
  readonly email: string
  readonly token: string
}

export interface Letter {
  readonly to: string
  readonly subject: string
  readonly text: string
  /** The token of the link in it. */
  readonly token: string
}

const found: { jobs?: Jobs } = {}
const probe = definePlugin({
  name: 'probe',
  requires: { jobs },
  setup({ use }) {
    found.jobs = use.jobs
    return {}
  },
})

// app.ts may have the plugin or not.
const others = (base.plugins as readonly AnyPlugin[]).filter(({ name }) => name !== invitations.name)

const app = defineApp({
  ...base,
  plugins: [...others, invitations, probe],
  migrations: new URL('../../resources/migrations/', import.meta.url),
})

export class World {
  readonly log = recordingLog()
  readonly #clients = new Set<Client>()
  #environment: Readonly<Record<string, string>> = {}
  #server: Server | undefined
  #jobs: Jobs | undefined
  #admin: Person | undefined
  #count = 0

  async open(kind: Kind): Promise<void> {
    this.#environment = { ...(await freshEnvironment(kind)), PUBLIC_URL: 'https://sovrane.test' }
    this.#server = await startServer(app, { environment: this.#environment, log: this.log, print: () => undefined, interactive: false })
    this.#jobs = found.jobs
    this.#admin = await this.login(administrator.email, administrator.password)
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close()
    await this.#server?.stop()
    await cleanUp()
  }

  get server(): Server {
    if (!this.#server) throw new Error('the server is not up')
    return this.#server
  }

  get url(): string { return this.server.url }
  get knex(): Knex { return this.server.database.knex }

  get admin(): Person {
    if (!this.#admin) throw new Error('the server is not up')
    return this.#admin
  }

  unique(prefix: string): string {
    this.#count += 1
    return `${prefix}-${this.#count}`
  }

  address(): string { return `${this.unique('guest')}@example.com` }

  /** One request by HTTP, by the administrator unless told otherwise; `null`: by nobody. */
  async ask(event: string, payload: Row = {}, token: string | null = this.admin.token): Promise<unknown> {
    return (await post(this.url, event, JSON.stringify(payload), token ?? undefined)).body
  }

  async ok(event: string, payload: Row = {}, token: string | null = this.admin.token): Promise<Row> {
    const reply = await this.ask(event, payload, token)
    if ('error' in row(reply)) throw new Error(`${event}: ${JSON.stringify(reply)} ${this.log.lines.slice(-2).map(({ details }) => String((details as { err?: unknown }).err)).join('; ')}`)
    return success(reply, event)
  }

  async no(event: string, payload: Row, code: string, token: string | null = this.admin.token): Promise<WireError> {
    return refusal(await this.ask(event, payload, token), code)
  }

  async login(email: string, secret = password): Promise<Person> {
    const reply = await this.ok('auth-login', { email, password: secret }, null)
    return { id: text(row(reply['user'])['id']), email, token: text(reply['accessToken']) }
  }

  /** A logged-in user with exactly these grants. */
  async person(...can: readonly Grant[]): Promise<Person> {
    const email = `${this.unique('person')}@example.com`
    const { id } = await this.ok('user-create', { firstName: 'Test', lastName: 'Person', email, password })
    for (const grant of can) await this.ok('user-add-permission', { id, ...(typeof grant === 'string' ? { permissionId: grant } : grant) })
    return this.login(email)
  }

  /** Makes a site, a department or a role and gives back its id. */
  async make(resource: 'site' | 'department' | 'role', fields: Row = {}): Promise<string> {
    const id = this.unique(resource)
    return text((await this.ok(`${resource}-create`, { id, label: `Label of ${id}`, ...fields }))['id'])
  }

  /** An invitation; by the administrator unless told otherwise. */
  async invite(fields: Row = {}, by: Person = this.admin): Promise<{ readonly id: string; readonly token: string; readonly email: string }> {
    const reply = await this.ok('invitation-create', { email: this.address(), firstName: 'Ada', lastName: 'Byron', ...fields }, by.token)
    return { id: text(reply['id']), token: text(reply['token']), email: text(reply['email']) }
  }

  /** Accepts, and gives back the new user. */
  async accept(token: string, fields: Row = {}): Promise<Row> {
    return row((await this.ok('invitation-accept', { token, password, ...fields }, null))['user'])
  }

  /** The invitation as a list shows it. */
  async listed(id: string, by: Person = this.admin): Promise<Row> {
    const { items } = await this.ok('invitation-list-request', { limit: 100, sort: '-createdAt' }, by.token)
    const item = (items as Row[]).find((each) => each['id'] === id)
    if (!item) throw new Error(`the list has no ${id}`)
    return item
  }

  /** All mails sent to an address, oldest first. */
  async letters(to: string): Promise<Letter[]> {
    await this.#jobs?.idle()
    const directory = join(this.#environment['DATA_DIR'] ?? '', 'mail')
    const names = await readdir(directory).catch((): string[] => [])
    // Their names begin with the time.
    const all = await Promise.all(names.toSorted((a, b) => (a < b ? -1 : 1)).map(async (name) => read(await readFile(join(directory, name), 'utf8'))))
    return all.filter(({ headers }) => headers.get('to') === to).map(({ headers, text: body }) => {
      const link = new URL(/https:\/\/\S+/.exec(body)?.[0] ?? 'about:blank')
      return { to, subject: headers.get('subject') ?? '', text: body, token: link.searchParams.get('token') ?? '' }
    })
  }

  /** A socket of a person's on `/`. */
  async connect({ token }: Person = this.admin): Promise<Client> {
    const client = await open(this.url, { auth: { token } })
    this.#clients.add(client)
    await client.hear('session')
    return client
  }

  /** A socket on `/auth`. */
  async connectPublic(): Promise<Client> {
    const client = await open(`${this.url}/auth`)
    this.#clients.add(client)
    return client
  }

  async sql<T = Row>(statement: string, bindings: readonly string[] = []): Promise<T[]> {
    const result = (await this.knex.raw(statement, [...bindings])) as { rows: T[] }
    return result.rows
  }

  /** As if the seven days were over. */
  async makeOverdue(id: string): Promise<void> {
    await this.sql("update invitations set expires_at = now() - interval '1 second' where id = ?", [id])
  }
}
