// What the invitation suites want of a server beside the kit: invitations made, accepted, found in lists, overdue.
import { TestServer, password, unique, type Session } from '../kit/test-server.ts'
import { row, text, type Row } from '../kit/replies.ts'
import type { Kind } from '../kit/ready.ts'

export { password }
export type { Grant, Session } from '../kit/test-server.ts'

export class World extends TestServer {
  constructor(kind: Kind) {
    super(kind, { environment: { PUBLIC_URL: 'https://sovrane.test' } })
  }

  address(): string { return `${unique('guest')}@example.com` }

  /** Makes a site, a department or a role and gives back its id. */
  async make(resource: 'site' | 'department' | 'role', fields: Row = {}): Promise<string> {
    const id = unique(resource)
    return text((await this.ok(`${resource}-create`, { id, label: `Label of ${id}`, ...fields }, this.admin))['id'])
  }

  /** An invitation; by the administrator unless told otherwise. */
  async invite(
    fields: Row = {}, by: Session = this.admin,
  ): Promise<{ readonly id: string; readonly token: string; readonly email: string }> {
    const reply = await this.ok('invitation-create', { email: this.address(), firstName: 'Ada', lastName: 'Byron', ...fields }, by)
    return { id: text(reply['id']), token: text(reply['token']), email: text(reply['email']) }
  }

  /** Accepts, and gives back the new user. */
  async accept(token: string, fields: Row = {}): Promise<Row> {
    return row((await this.ok('invitation-accept', { token, password, ...fields }))['user'])
  }

  /** The invitation as a list shows it. */
  async listed(id: string, by: Session = this.admin): Promise<Row> {
    const { items } = await this.ok('invitation-list-request', { limit: 100, sort: '-createdAt' }, by)
    const item = (items as Row[]).find((each) => each['id'] === id)
    if (!item) throw new Error(`the list has no ${id}`)
    return item
  }

  /** As if the seven days were over. */
  async makeOverdue(id: string): Promise<void> {
    await this.sql("update invitations set expires_at = now() - interval '1 second' where id = ?", [id])
  }
}
