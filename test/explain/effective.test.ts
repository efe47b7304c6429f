// auth-me: the keys that one effectively has, and where each reaches; they say what permission-explain says.
import { expect } from 'chai'
import { onHouse } from '../auth/on-house.ts'
import { rows, type Row } from '../kit/replies.ts'
import type { TestServer } from '../kit/test-server.ts'
import { explain, made, world, type World } from './world.ts'

const keysOf = async (house: TestServer, by: { readonly token: string }): Promise<Row[]> =>
  rows((await house.ok('auth-me', {}, by))['keys'])

onHouse('auth-me: the effective keys', (house) => {
  let at: World
  before(async () => {
    at = await world(house)
  })

  it('are those that are held, by scopes and rows, without what is denied', async () => {
    const by = await house.enter({
      can: [
        'read-sites', { permissionId: 'read-user', scopeId: at.sub }, { permissionId: 'read-user', scopeId: at.site }, 'read-groups',
        'read-group', { permissionId: 'update-user', scopeId: at.sub },
      ],
      direct: [
        { permissionId: 'read-groups', deny: true }, { permissionId: 'read-sites', scopeId: at.site, deny: true },
        // Above the scope that is granted: nothing is left.
        { permissionId: 'update-user', scopeId: at.top, deny: true },
      ],
    })
    await house.ok('group-add-responsible', { id: at.group, userId: by.id }, house.admin)
    const onGroup = { scopes: [], except: [], rows: [{ resource: 'group', id: at.group }] }
    expect(await keysOf(house, by)).to.deep.equal([
      { key: 'manage-group-members', ...onGroup }, { key: 'manage-group-responsibles', ...onGroup },
      { key: 'read-group', scopes: null, except: [], rows: [] },
      { key: 'read-sites', scopes: null, except: [at.site], rows: [] },
      { key: 'read-user', scopes: [at.sub, at.site].toSorted(), except: [], rows: [] },
      { key: 'update-group', ...onGroup },
    ])
  })

  it('write out root, which a deny binds too', async () => {
    const all = await keysOf(house, house.admin)
    const names = all.map(({ key }) => key)
    expect(names).to.include.members(['root', 'read-user', 'manage-sites', 'update-config', 'manage-mfa', 'view_audit_logs'])
    expect(new Set(names).size).to.equal(names.length)
    for (const each of all) expect(each).to.deep.include({ scopes: null, except: [], rows: [] })
    const by = await house.enter({
      can: ['root', { permissionId: 'read-site', scopeId: at.site }],
      direct: [{ permissionId: 'root', scopeId: at.site, deny: true }, { permissionId: 'read-user', deny: true }],
    })
    const some = await keysOf(house, by)
    const of = (name: string): Row[] => some.filter(({ key }) => key === name)
    expect(of('read-user')).to.deep.equal([])
    expect(of('manage-sites')).to.deep.equal([{ key: 'manage-sites', scopes: null, except: [at.site], rows: [] }])
    expect(of('read-site'), 'what is granted beside root stays').to.deep.equal([
      { key: 'read-site', scopes: null, except: [at.site], rows: [] }, { key: 'read-site', scopes: [at.site], except: [], rows: [] },
    ])
  })

  it('are those of an API token alone', async () => {
    const token = async (permissions?: readonly string[]) => {
      const payload = { name: 'Script', ...(permissions ? { permissions } : {}) }
      return { token: String((await house.ok('auth-token-create', payload, house.admin))['token']) }
    }
    const readSites = { key: 'read-sites', scopes: null, except: [], rows: [] }
    expect(await keysOf(house, await token(['read-sites', 'profile']))).to.deep.equal([readSites])
    expect(await keysOf(house, await token([]))).to.deep.equal([])
    expect(await keysOf(house, await token())).to.deep.equal(await keysOf(house, house.admin))
  })

  it('say of each row what permission-explain says of it', async () => {
    const other = await made(house, 'department-create', { label: 'Other', parentId: at.top })
    const by = await house.enter({
      can: ['root', { permissionId: 'update-department', scopeId: at.sub }],
      direct: [{ permissionId: 'root', scopeId: at.top, deny: true }, { permissionId: 'read-department', scopeId: other, deny: true }],
    })
    const within: Readonly<Record<string, readonly string[]>> = {
      [at.top]: [at.top, at.site], [at.sub]: [at.sub, at.top], [other]: [other, at.top],
    }
    const keys = await keysOf(house, by)
    const of = (key: string): Row[] => keys.filter((each) => each['key'] === key)
    const reaches = (key: string, id: string): boolean => of(key).some(({ scopes, except }) => {
      const isIn = (scope: unknown): boolean => within[id]?.includes(String(scope)) === true
      return (scopes === null || (scopes as unknown[]).some(isIn)) && !(except as unknown[]).some(isIn)
    })
    const answers = new Set<boolean>()
    for (const id of Object.keys(within)) {
      for (const action of ['get', 'update', 'delete']) {
        const key = `${action === 'get' ? 'read' : action}-department`
        const { allowed } = await explain(house, by.id, [`department-${action}`, id])
        expect(allowed, `${key} on ${id}`).to.equal(reaches(key, id))
        answers.add(allowed === true)
      }
    }
    expect(answers.size).to.equal(2)
  })
})
