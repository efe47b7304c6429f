// docs/protocol.md §6: what a client needs to keep what it has read true: feed-about.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { refusal, row, rows, text, type Row } from '../kit/replies.ts'
import type { Wanted, Wire } from './support/wire.ts'

/** What is said of one resource to who holds these keys. */
const said = async (wire: Wire, resource: string, direct: Required<Wanted>['direct']): Promise<Row> => {
  const { token } = await wire.actor({ direct })
  const reply = row((await wire.http('feed-about', { resources: [resource] }, token)).body)
  const [item] = rows(reply['items'])
  return item ?? {}
}

onAnyDatabase('feed-about { resources? } → { items }', (wire) => {
  it('says of each resource whose changes decide what one may read of it, and where its relations lead', async () => {
    const { items } = await wire.admin.ok('feed-about', { resources: ['department', 'group'] })
    expect(items).to.deep.equal([
      {
        resource: 'department', about: ['department'], alike: true,
        relations: { site: 'site', parent: 'department', manager: 'user', children: 'department', users: 'user' },
      },
      { resource: 'group', about: ['group'], alike: true, relations: { members: 'user', responsibles: 'user' } },
    ])
    const all = rows((await wire.admin.ok('feed-about'))['items']).map(({ resource }) => text(resource))
    expect(all).to.include.members(['user', 'role', 'site', 'permission', 'invitation'])
    expect(all).to.deep.equal(all.toSorted((a, b) => (a < b ? -1 : 1)))
  })

  it('what rows lie in counts for those whose rights reach into scopes', async () => {
    const scopeId = await wire.make('department')
    const keys = (names: readonly string[], scoped: boolean): Required<Wanted>['direct'] =>
      names.map((permissionId) => ({ permissionId, ...(scoped ? { scopeId } : {}) }))
    expect((await said(wire, 'user', keys(['read-users', 'read-user'], true)))['about']).to.deep.equal(['department', 'site', 'user'])
    expect((await said(wire, 'department', keys(['read-departments'], true)))['about']).to.deep.equal(['department', 'site'])
    expect((await said(wire, 'department', keys(['read-departments', 'read-department'], false)))['about']).to.deep.equal(['department'])
  })

  it('a list is not alike where its rows may not all be got', async () => {
    const [list, get] = [{ permissionId: 'read-departments' }, { permissionId: 'read-department' }]
    const scopeId = await wire.make('department')
    expect((await said(wire, 'department', [list]))['alike']).to.equal(false)
    expect((await said(wire, 'department', [list, get]))['alike']).to.equal(true)
    expect((await said(wire, 'department', [list, { ...get, scopeId }]))['alike']).to.equal(false)
    expect((await said(wire, 'department', [{ ...list, scopeId }, { ...get, scopeId }]))['alike']).to.equal(true)
    // One's own row may be got beyond it.
    const scoped = [{ permissionId: 'read-users', scopeId }, { permissionId: 'read-user', scopeId }]
    expect((await said(wire, 'user', scoped))['alike']).to.equal(true)
  })

  it('a deny may take away what hangs on where scopes lie: then they are told of too', async () => {
    const [outer, inner] = [await wire.make('department'), await wire.make('department')]
    const grants = [
      { permissionId: 'read-groups', scopeId: inner }, { permissionId: 'read-groups', scopeId: outer, deny: true },
    ]
    expect((await said(wire, 'group', grants))['about']).to.deep.equal(['department', 'group', 'site'])
  })

  it('unknown names are refused; without a session it is unauthenticated', async () => {
    expect(refusal(await wire.admin.ask('feed-about', { resources: ['vehicle'] }), 'invalid_payload').details).to.have.length(1)
    refusal((await wire.http('feed-about', {})).body, 'unauthenticated')
  })
})
