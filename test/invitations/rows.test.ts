// The events of invitations, by their literal names: docs/protocol.md §7, through every door.
import { expect } from 'chai'
import { onAnyDatabase } from '../kit/databases.ts'
import { faultPaths, refusal, row, rows, success, type Row } from '../kit/replies.ts'
import { password, World } from './world.ts'

interface TableRow {
  readonly event: string
  readonly response: string
  readonly isPublic?: true
  readonly payload: (world: World) => Promise<Row>
  readonly keys: readonly string[]
}

const login = ['accessToken', 'refreshToken', 'expiresIn', 'user', 'passwordWillExpireSoon']

const table: readonly TableRow[] = [
  {
    event: 'invitation-create', response: 'invitation-create-response', keys: ['id', 'token', 'email', 'status', 'expiresAt'],
    payload: (world) => Promise.resolve({ email: world.address() }),
  },
  {
    event: 'invitation-fetch', response: 'invitation-fetch-response', isPublic: true,
    keys: ['email', 'firstName', 'lastName', 'role', 'expiresAt'],
    payload: async (world) => ({ token: (await world.invite()).token }),
  },
  {
    event: 'invitation-accept', response: 'invitation-accept-response', isPublic: true, keys: login,
    payload: async (world) => ({ token: (await world.invite()).token, password }),
  },
  {
    event: 'invitation-list-request', response: 'invitation-list-response', keys: ['items', 'page', 'limit', 'total'],
    payload: () => Promise.resolve({ page: 1, limit: 20, filter: { status: 'revoked' } }),
  },
  {
    event: 'invitation-revoke', response: 'invitation-revoke-response', keys: ['id'],
    payload: async (world) => ({ id: (await world.invite()).id }),
  },
  {
    event: 'invitation-resend', response: 'invitation-resend-response', keys: ['id', 'expiresAt'],
    payload: async (world) => ({ id: (await world.invite()).id }),
  },
]

onAnyDatabase('invitations: the table of events', (kind) => {
  const world = new World(kind)
  before(() => world.open())
  after(() => world.close())

  for (const { event, response, isPublic, payload, keys } of table) {
    it(`${event} on / answers the acknowledgement`, async () => {
      const client = await world.socket(world.admin)
      expect(success(await client.ask(event, await payload(world)))).to.have.all.keys(...keys)
    })

    it(`${event} on / without an acknowledgement answers by ${response}`, async () => {
      const client = await world.socket(world.admin)
      expect(success(await client.askByEvent(event, response, await payload(world)))).to.have.all.keys(...keys)
    })

    it(`POST /api/${event}`, async () => {
      expect(await world.ok(event, await payload(world), isPublic ? undefined : world.admin)).to.have.all.keys(...keys)
    })

    it(`${event} refuses unknown fields by name`, async () => {
      const error = await world.no('invalid_payload', event, { ...(await payload(world)), bogus: 1, status: 'accepted' }, world.admin)
      expect(faultPaths(error)).to.include.members(['bogus', 'status'])
    })

    if (isPublic) {
      it(`${event} on /auth`, async () => {
        const client = await world.lobby()
        expect(success(await client.ask(event, await payload(world)))).to.have.all.keys(...keys)
        expect(success(await client.askByEvent(event, response, await payload(world)))).to.have.all.keys(...keys)
      })
    } else {
      it(`${event} needs a session`, async () => {
        await world.no('unauthenticated', event, await payload(world))
        const client = await world.lobby()
        refusal(await client.ask(event, await payload(world)), 'unknown_event')
      })
    }
  }

  it('there is no generic get, update or delete', async () => {
    const { id } = await world.invite()
    for (const event of ['invitation-get', 'invitation-update', 'invitation-delete'])
      await world.no('unknown_event', event, { id }, world.admin)
  })

  it('an item of the list has the fields of an invitation, and includes what it names', async () => {
    const [site, department, role] = [await world.make('site'), await world.make('department'), await world.make('role')]
    const { id, email } = await world.invite({ role, siteId: site, departmentId: department })
    const { items, total } = await world.ok(
      'invitation-list-request', { search: email, include: ['site', 'department', 'role'] }, world.admin,
    )
    expect(total).to.equal(1)
    const [item = {}] = rows(items)
    expect(item).to.have.all.keys('id', 'version', 'createdAt', 'updatedAt', 'createdBy', 'updatedBy', 'email', 'firstName', 'lastName',
      'role', 'siteId', 'departmentId', 'status', 'expiresAt', 'site', 'department')
    expect(item).to.include({ id, email, status: 'pending', siteId: site, departmentId: department, createdBy: world.admin.id, version: 1 })
    for (const [name, target] of [['site', site], ['department', department], ['role', role]] as const)
      expect(row(item[name])['id']).to.equal(target)
    for (const request of [{ filter: { token: 'x' } }, { filter: { tokenHash: 'x' } }, { sort: 'tokenHash' }]) {
      refusal(await world.ask('invitation-list-request', request, world.admin), 'invalid_payload')
    }
  })
})
