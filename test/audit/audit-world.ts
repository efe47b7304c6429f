// One server with the audit log on an empty database: requests by HTTP, entries by SQL, people with rights.
import { expect } from 'chai'
import type { Knex } from 'knex'
import { startServer, type Server } from '../../core/boot/server.ts'
import type { Alerts } from '../../plugins/audit/alerts.ts'
import { createSigner, type Signer } from '../../plugins/audit/entry.ts'
import type { Audit } from '../../plugins/audit/index.ts'
import { administrator, cleanUp, freshEnvironment, type Kind } from '../support/databases.ts'
import { recordingLog, type Recorded } from '../support/app-server.ts'
import { send } from '../wire/support/http.ts'
import { isRow, row, rows, text, type Row } from '../wire/support/replies.ts'
import { probeApp } from './audit-app.ts'

export { administrator, row, rows, text }
export type { Row }

const password = 'Quiet-River-52-Lantern'

export interface Person {
  readonly id: string
  readonly email: string
  readonly token: string
}

export interface Stored {
  readonly id: string
  readonly at: Date
  readonly actor_id: string | null
  readonly actor_type: string
  readonly action: string
  readonly level: string
  readonly category: string
  readonly target_type: string | null
  readonly target_id: string | null
  readonly details: Row
  readonly ip_address: string | null
  readonly user_agent: string | null
  readonly request_id: string | null
  readonly seal_pos: number | null
  readonly seal: string | null
}

export class AuditWorld {
  readonly log: Recorded = recordingLog()
  #server: Server | undefined
  #services: (() => Audit) | undefined
  #alerts: (() => Alerts) | undefined
  #admin: Person | undefined
  #signer: Signer | undefined
  #count = 0
  #dataDir = ''

  async open(kind: Kind, extra: Readonly<Record<string, string>> = {}): Promise<void> {
    const environment: Readonly<Record<string, string>> = { ...await freshEnvironment(kind), ...extra }
    const { app, services, alerts } = probeApp()
    this.#server = await startServer(app, { environment, log: this.log, print: () => undefined, interactive: false })
    this.#services = services
    this.#alerts = alerts
    this.#dataDir = environment['DATA_DIR'] ?? ''
    this.#signer = createSigner([Buffer.from(environment['AUDIT_KEY'] ?? '')])
    this.#admin = await this.login(administrator.email, administrator.password)
  }

  async close(): Promise<void> {
    await this.#server?.stop()
    await cleanUp()
  }

  get server(): Server {
    if (!this.#server) throw new Error('the server is not up')
    return this.#server
  }

  get knex(): Knex { return this.server.database.knex }

  get admin(): Person {
    if (!this.#admin) throw new Error('the server is not up')
    return this.#admin
  }

  get signer(): Signer {
    if (!this.#signer) throw new Error('the server is not up')
    return this.#signer
  }

  get services(): Audit {
    if (!this.#services) throw new Error('the server is not up')
    return this.#services()
  }

  /** Looks for alerts, as the job does. */
  async look(): Promise<void> {
    if (!this.#alerts) throw new Error('the server is not up')
    const alerts = this.#alerts()
    await this.server.run((call) => alerts.look(call))
  }

  /** Where mails go that no server sends. */
  get dataDir(): string { return this.#dataDir }

  unique(prefix: string): string {
    this.#count += 1
    return `${prefix}-${this.#count}`
  }

  /** One request by HTTP, by the administrator unless told otherwise; `null`: by nobody. */
  async ask(event: string, payload: Row = {}, token: string | null = this.admin.token, headers: Readonly<Record<string, string>> = {}): Promise<Row> {
    const reply = await send(this.server.url, {
      path: `/api/${event}`, body: JSON.stringify(payload),
      headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
    })
    return row(reply.body)
  }

  async ok(event: string, payload: Row = {}, token: string | null = this.admin.token): Promise<Row> {
    const reply = await this.ask(event, payload, token)
    if (isRow(reply['error'])) throw new Error(`${event}: ${JSON.stringify(reply)} ${JSON.stringify(this.log.lines.slice(-2), (_, value: unknown) => (value instanceof Error ? `${value.message} ${String(value.cause)}` : value))}`)
    return reply
  }

  async no(event: string, payload: Row, code: string, token: string | null = this.admin.token): Promise<Row> {
    const error = row((await this.ask(event, payload, token))['error'])
    expect(error['code'], JSON.stringify(error)).to.equal(code)
    return error
  }

  async login(email: string, secret = password): Promise<Person> {
    const reply = await this.ok('auth-login', { email, password: secret }, null)
    return { id: text(row(reply['user'])['id']), email, token: text(reply['accessToken']) }
  }

  /** A logged-in user with these permissions. */
  async person(...can: readonly string[]): Promise<Person> {
    const email = `${this.unique('person')}@example.com`
    const { id } = await this.ok('user-create', { firstName: 'Test', lastName: 'Person', email, password })
    for (const permissionId of can) await this.ok('user-add-permission', { id, permissionId })
    return this.login(email)
  }

  async sql<T = Row>(statement: string, bindings: readonly (string | number)[] = []): Promise<T[]> {
    const found = (await this.knex.raw(statement, [...bindings])) as { rows: T[] }
    return found.rows
  }

  /** All entries, oldest first. */
  entries(): Promise<Stored[]> {
    return this.sql<Stored>('select * from audit_entries order by at, id')
  }

  /** The entries that `work` leaves. */
  async entriesOf(work: () => Promise<unknown>): Promise<Stored[]> {
    const known = new Set((await this.entries()).map(({ id }) => id))
    await work()
    return (await this.entries()).filter(({ id }) => !known.has(id))
  }

  /** The one entry that `work` leaves. */
  async entryOf(work: () => Promise<unknown>): Promise<Stored> {
    const left = await this.entriesOf(work)
    expect(left, JSON.stringify(left)).to.have.length(1)
    const [only] = left
    if (!only) throw new Error('unreachable')
    return only
  }

  verdict(): Promise<Row> {
    return this.ok('audit-verify')
  }
}
