// rights-on: the events that one may ask about a row, as permission-explain says of each, and the fields that an update may change.
import { expect } from 'chai'
import { describeApp } from '../../core/describe/description.ts'
import { onHouse } from '../auth/on-house.ts'
import type { Session } from '../kit/test-server.ts'
import { world, type World } from './world.ts'

const event = 'rights-on'

onHouse('rights-on', (house) => {
  let at: World
  before(async () => {
    at = await world(house)
  })

  const on = async (by: Session, resource: string, id: string): Promise<{ readonly events: string[]; readonly fields: string[] }> => {
    const { events, fields } = await house.ok(event, { resource, ids: [id] }, by)
    return { events: (events as string[]).toSorted(), fields: (fields as string[]).toSorted() }
  }

  /** What the administrator is told of each event that takes the row. */
  const explained = async (by: Session, resource: string, id: string): Promise<string[]> => {
    const found: string[] = []
    for (const { event: name, resource: of, each } of describeApp(house.server.assembly).events) {
      if (of !== resource || each !== undefined) continue
      const reply = await house.ask('permission-explain', { userId: by.id, event: name, id }, house.admin)
      if (reply && typeof reply === 'object' && 'allowed' in reply && reply['allowed'] === true) found.push(name)
    }
    return found.toSorted()
  }

  it('says of each event about the row what permission-explain says', async () => {
    const mate = (await house.person({ departmentId: at.sub })).id
    const scoped = (key: string) => ({ permissionId: key, scopeId: at.top })
    const people = [
      house.admin, await house.enter(),
      await house.enter({ can: ['read-user', 'read-department', scoped('update-user'), scoped('update-department')] }),
      await house.enter({ can: ['read-user', 'read-group', 'manage-group-members', 'manage-sessions', 'read-department'] }),
    ]
    for (const by of people) {
      for (const [resource, id] of [['user', mate], ['user', by.id], ['department', at.sub], ['group', at.group]] as const) {
        const reply = await house.ask(event, { resource, ids: [id] }, by)
        if (reply && typeof reply === 'object' && 'error' in reply) continue
        expect((await on(by, resource, id)).events, `${resource} ${id}`).to.deep.equal(await explained(by, resource, id))
      }
    }
  })

  it('leaves out what one may not change: of others who hold more, of oneself, by a link whose key one lacks', async () => {
    const plain = (await house.person({ departmentId: at.sub })).id
    const profile = ['firstName', 'lastName', 'locale', 'metadata', 'picture']
    const rights = ['read-user', 'read-department', 'update-user', 'update-department']
    const by = await house.enter({ can: [...rights, 'read-site', 'read-role'] })
    expect((await on(by, 'user', by.id)).fields).to.deep.equal([...profile, 'password', 'roles', 'siteId', 'status'].toSorted())
    expect((await on(by, 'user', house.admin.id)).fields).to.deep.equal([...profile, 'siteId'].toSorted())
    expect((await on(by, 'user', plain)).fields).to.deep.equal([...profile, 'email', 'password', 'roles', 'siteId', 'status'].toSorted())
    expect((await on(by, 'department', at.sub)).fields).to.deep.equal(['label', 'siteId'])
    // What is empty can only be filled with what one may name.
    const blind = await house.enter({ can: rights })
    expect((await on(blind, 'user', plain)).fields).to.deep.equal([...profile, 'email', 'password', 'status'].toSorted())
    const noOne = await house.enter()
    expect(await on(noOne, 'user', noOne.id)).to.deep.equal({
      events: ['user-get', 'user-permissions-request', 'user-roles-request', 'user-update'], fields: profile,
    })
  })

  it('of several rows says what holds of each of them', async () => {
    const scoped = (key: string) => ({ permissionId: key, scopeId: at.top })
    const plain = (await house.person({ departmentId: at.sub })).id
    const elsewhere = (await house.person()).id
    const by = await house.enter({ can: ['read-user', 'read-department', scoped('update-user'), scoped('delete-user')] })
    const all = async (...ids: readonly string[]): Promise<unknown> => {
      const { events, fields } = await house.ok(event, { resource: 'user', ids }, by)
      return { events: (events as string[]).toSorted(), fields: (fields as string[]).toSorted() }
    }
    const [inside, outside, own] = [await on(by, 'user', plain), await on(by, 'user', elsewhere), await on(by, 'user', by.id)]
    expect(inside.events).to.include('user-delete')
    expect(outside.events).to.not.include('user-delete')
    const both = (one: readonly string[], other: readonly string[]): string[] => one.filter((each) => other.includes(each))
    expect(await all(plain, plain)).to.deep.equal(inside)
    for (const [id, other] of [[elsewhere, outside], [by.id, own]] as const) {
      expect(await all(plain, id)).to.deep.equal({ events: both(inside.events, other.events), fields: both(inside.fields, other.fields) })
    }
    await house.no('not_found', event, { resource: 'user', ids: [plain, 'none'] }, by)
    for (const wrong of [{}, { ids: [] }, { id: plain }, { ids: Array.from({ length: 101 }, (_, number) => `u${number}`) }])
      await house.no('invalid_payload', event, { resource: 'user', ...wrong }, by)
  })

  it('tells nothing of a row that one may not see, or that there is not', async () => {
    const by = await house.enter()
    for (const id of [at.sub, 'none']) await house.no('not_found', event, { resource: 'department', ids: [id] }, by)
    await house.no('invalid_payload', event, { resource: 'nothing', ids: ['x'] }, by)
    await house.no('unauthenticated', event, { resource: 'user', ids: [by.id] })
  })
})
