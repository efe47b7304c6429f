// rights-scopes: in which of the scopes of one's keys rows lie, and nothing of what one may not see.
import { expect } from 'chai'
import { onEachHouse } from '../auth/on-house.ts'
import { rows, type Row } from '../kit/replies.ts'
import { made, world, type World } from './world.ts'

const event = 'rights-scopes'

onEachHouse('rights-scopes', (house) => {
  let at: World
  before(async () => {
    at = await world(house)
  })

  const scopesOf = async (by: { readonly token: string }, resource: string, ids: readonly string[]): Promise<Row> => {
    const { items } = await house.ok(event, { resource, ids }, by)
    return Object.fromEntries(rows(items).map(({ id, scopes }) => [String(id), new Set(scopes as string[])]))
  }

  it('tells all that a row lies in, whatever way leads there, of the scopes that the keys name', async () => {
    const other = await made(house, 'site-create', { label: 'Lyon' })
    const user = (await house.person({ departmentId: at.sub, siteId: other })).id
    const by = await house.enter({
      can: ['read-user', 'read-department', 'read-site', { permissionId: 'update-department', scopeId: at.top }],
      direct: [{ permissionId: 'update-user', scopeId: at.top }, { permissionId: 'update-user', scopeId: other }],
    })
    expect(await scopesOf(by, 'department', [at.top, at.sub])).to.deep.equal({
      [at.top]: new Set([at.top]), [at.sub]: new Set([at.top]),
    })
    expect(await scopesOf(by, 'user', [user, by.id])).to.deep.equal({ [user]: new Set([at.top, other]), [by.id]: new Set() })
    expect(await scopesOf(by, 'site', [at.site, other])).to.deep.equal({ [at.site]: new Set(), [other]: new Set([other]) })
    await house.ok('user-add-permission', { id: by.id, permissionId: 'read-site', scopeId: at.site, deny: true }, house.admin)
    expect(await scopesOf(by, 'department', [at.top]), 'what is denied is a scope, too').to.deep.equal({
      [at.top]: new Set([at.top, at.site]),
    })
    expect(await scopesOf(by, 'user', [])).to.deep.equal({})
    expect(await scopesOf(house.admin, 'department', [at.sub])).to.deep.equal({ [at.sub]: new Set() })
  })

  it('tells nothing of rows that one may not see, or that there are not', async () => {
    const by = await house.enter({ direct: [{ permissionId: 'read-departments', scopeId: at.sub }] })
    expect(await scopesOf(by, 'department', [at.top, at.sub, 'none'])).to.deep.equal({ [at.sub]: new Set([at.sub]) })
    expect(await scopesOf(by, 'user', [by.id, house.admin.id])).to.deep.equal({ [by.id]: new Set() })
  })

  it('refuses what is no resource, and too many', async () => {
    await house.no('invalid_payload', event, { resource: 'nothing', ids: [] }, house.admin)
    const many = Array.from({ length: 101 }, (_, index) => `id-${index}`)
    await house.no('invalid_payload', event, { resource: 'user', ids: many }, house.admin)
    await house.no('unauthenticated', event, { resource: 'user', ids: [] })
  })
})
