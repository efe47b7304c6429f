// A link that is changed from the end that does not declare it: decided, guarded and heard as from the end that does.
import { expect } from 'chai'
import { onAnyDatabase } from '../kit/databases.ts'
import type { RunningApp } from '../kit/server.ts'
import { sharedApp } from '../kit/shared-app.ts'
import { endsApp } from '../support/ends/app.ts'
import { openPeople, type Grant, type People } from '../../testing/contract/people.ts'
import { httpDoor, refusal, success, type Door, type Person, type Row } from '../../testing/contract/transport.ts'

const keys = (...names: readonly string[]): Grant[] => names.map((key) => ({ key }))

onAnyDatabase('contract: the other end of a link', (kind) => {
  let world: { running: RunningApp; door: Door; people: People } | undefined

  before(async function () {
    this.timeout(120_000)
    const running = await sharedApp(endsApp, kind)
    const door = httpDoor(running.server.url)
    world = { running, door, people: await openPeople(door) }
  })

  const given = () => {
    if (!world) throw new Error('The app has not started')
    return world
  }
  const ok = async (person: Person, event: string, payload: Row): Promise<Row> =>
    success(await given().door.ask(person, event, payload), event)
  const refused = async (person: Person, event: string, payload: Row): Promise<unknown> =>
    refusal(await given().door.ask(person, event, payload), 'forbidden', event).details
  const versions = async (user: string, group: string): Promise<[unknown, unknown]> => {
    const { admin } = given().people
    return [(await ok(admin, 'user-get', { id: user }))['version'], (await ok(admin, 'group-get', { id: group }))['version']]
  }

  it('adds and removes the same link, and changes the rows of both ends once', async () => {
    const { admin, holding } = given().people
    const { id: userId } = await holding()
    const groupId = String((await ok(admin, 'group-create', { name: 'Choir' }))['id'])
    const before = await versions(userId, groupId)
    const grown = (by: number): number[] => before.map((version) => Number(version) + by)
    await ok(admin, 'user-add-group', { id: userId, groupId })
    expect(await ok(admin, 'group-members-request', { id: groupId })).to.include({ total: 1 })
    expect(await versions(userId, groupId)).to.deep.equal(grown(1))
    await ok(admin, 'group-add-user', { id: groupId, userId })
    expect(await versions(userId, groupId), 'what is so already').to.deep.equal(grown(1))
    await ok(admin, 'group-remove-user', { id: groupId, userId })
    expect(await ok(admin, 'user-groups-request', { id: userId })).to.include({ total: 0 })
    expect(await versions(userId, groupId)).to.deep.equal(grown(2))
  })

  it('needs the key of the link, on the rows of both ends', async () => {
    const { admin, holding } = given().people
    const { id: siteId } = await ok(admin, 'site-create', { label: 'Here' })
    const { id: groupId } = await ok(admin, 'group-create', { name: 'Band' })
    const { id } = await ok(admin, 'user-create', { firstName: 'A', lastName: 'B', email: 'ends@example.com', siteId })
    const member = { id, groupId }
    const reader = await holding(...keys('read-user', 'read-group', 'update-user', 'update-group'))
    expect(await refused(reader, 'user-add-group', member)).to.deep.equal({ permission: 'manage-group-members' })
    // Groups lie in no site: who holds the key within one reaches the user, and not the group.
    const local = await holding(...keys('read-user', 'read-group'), { key: 'manage-group-members', scopeId: String(siteId) })
    expect(await refused(local, 'user-add-group', member)).to.deep.equal({ permission: 'manage-group-members' })
    await ok(await holding(...keys('read-user', 'read-group', 'manage-group-members')), 'user-add-group', member)
  })

  it('asks the guard of the resource that declares the link', async () => {
    const { admin, holding } = given().people
    const { id: roleId } = await ok(admin, 'role-create', { label: 'Audit', permissions: ['view_audit_logs'] })
    const { id: userId } = await holding()
    const giver = await holding(...keys('read-user', 'read-role', 'update-user', 'update-role'))
    expect(await refused(giver, 'user-add-role', { id: userId, roleId })).to.deep.equal({ permission: 'view_audit_logs' })
    expect(await refused(giver, 'role-add-holder', { id: roleId, userId })).to.deep.equal({ permission: 'view_audit_logs' })
    expect(await refused(giver, 'role-remove-holder', { id: roleId, userId: admin.id })).to.have.property('permission')
    await ok(admin, 'role-add-holder', { id: roleId, userId })
    expect((await ok(admin, 'user-get', { id: userId }))['roles']).to.deep.equal([roleId])
  })

  it('gives no one rights over a row by their own hand', async () => {
    const { admin, holding } = given().people
    const { id: groupId } = await ok(admin, 'group-create', { name: 'Orchestra' })
    const person = await holding(...keys('read-user', 'read-group', 'manage-group-responsibles'))
    const own = { id: person.id, groupId }
    expect(await refused(person, 'group-add-responsible', { id: groupId, userId: person.id })).to.deep.equal({
      permission: 'manage-group-members',
    })
    expect(await refused(person, 'user-add-lead', own)).to.deep.equal({ permission: 'manage-group-members' })
    await ok(admin, 'user-add-lead', own)
    await ok(person, 'group-update', { id: groupId, name: 'Symphony' })
  })
})
