// What the audit suites want of a server beside the kit: entries by SQL, the services of the audit plugin, alerts on demand.
import { expect } from 'chai'
import type { Alerts } from '../../plugins/audit/alerts.ts'
import { createSigner, type Signer } from '../../plugins/audit/entry.ts'
import type { Audit } from '../../plugins/audit/index.ts'
import { send } from '../kit/http.ts'
import type { Kind } from '../kit/ready.ts'
import { row, rows, text, type Row } from '../kit/replies.ts'
import type { Environment } from '../kit/server.ts'
import { TestServer } from '../kit/test-server.ts'
import { probePlugins, type Probe } from './audit-app.ts'

export { administrator } from '../kit/ready.ts'
export { row, rows, text }
export type { Row }
export type { Session } from '../kit/test-server.ts'

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
  readonly pos: number | null
  readonly seal: string | null
}

export class AuditWorld extends TestServer {
  readonly #probe: Probe

  constructor(kind: Kind, environment: Environment = {}) {
    const probe = probePlugins()
    // Mails go into files, where no server sends them. Retention by schedule would take away the old months that a test makes.
    super(kind, { environment: { SMTP_URL: '', JOB_SCHEDULES: 'none', ...environment }, plugins: probe.plugins })
    this.#probe = probe
  }

  get signer(): Signer { return createSigner([Buffer.from(this.environment['AUDIT_KEY'] ?? '')]) }
  get services(): Audit { return this.#probe.services() }
  get dataDir(): string { return this.environment['DATA_DIR'] ?? '' }

  /** One request with further headers. */
  async askWith(headers: Readonly<Record<string, string>>, event: string, payload: Row, by?: { readonly token: string }): Promise<unknown> {
    const authorization = by === undefined ? {} : { authorization: `Bearer ${by.token}` }
    const reply = await send(this.url, {
      path: `/api/${event}`, body: JSON.stringify(payload), headers: { 'content-type': 'application/json', ...authorization, ...headers },
    })
    return reply.body
  }

  /** Looks for alerts, as the job does. */
  async look(): Promise<void> {
    const alerts: Alerts = this.#probe.alerts()
    await this.server.run((call) => alerts.look(call))
  }

  /** All entries with their seals, oldest first. */
  entries(): Promise<Stored[]> {
    return this.sql<Stored>('select * from audit_entries left join audit_seals using (at, id) order by at, id')
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
    return this.ok('audit-verify', {}, this.admin)
  }
}
