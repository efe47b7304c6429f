// docs/protocol.md §3.4: the relations of departments.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { expectExactly, ids, refusal, row } from '../kit/replies.ts'
import { unique } from './support/wire.ts'

onAnyDatabase('Departments: manager', (wire) => {
  it('set, get, replace, remove', async () => {
    const [one, two] = [await wire.make('user'), await wire.make('user')]
    const id = await wire.make('department')
    expect(await wire.admin.ok('department-manager-get', { id })).to.deep.equal({ manager: null })
    await wire.admin.ok('department-manager-set', { id, userId: one })
    expect(row((await wire.admin.ok('department-manager-get', { id }))['manager'])['id']).to.equal(one)
    await wire.admin.ok('department-manager-set', { id, userId: two })
    expect(row((await wire.admin.ok('department-manager-get', { id }))['manager'])['id']).to.equal(two)
    expect(await wire.admin.ok('department-manager-remove', { id })).to.include({ id, managerId: null })
    expect(await wire.admin.ok('department-manager-get', { id })).to.deep.equal({ manager: null })
  })

  it('one user may manage several departments, and need not belong to them', async () => {
    const managerId = await wire.make('user')
    const [one, two] = [await wire.make('department', { managerId }), await wire.make('department', { managerId })]
    for (const id of [one, two]) expect(row((await wire.admin.ok('department-manager-get', { id }))['manager'])['id']).to.equal(managerId)
    expect(await wire.admin.ok('user-get', { id: managerId })).to.include({ departmentId: null })
  })

  it('a manager who does not exist is refused by every path', async () => {
    const id = await wire.make('department')
    refusal(await wire.admin.ask('department-manager-set', { id, userId: 'nobody' }), 'not_found')
    refusal(await wire.admin.ask('department-update', { id, managerId: 'nobody' }), 'invalid_payload')
    expect(await wire.admin.ok('department-get', { id })).to.include({ managerId: null, version: 1 })
  })
})

onAnyDatabase('Departments: parent and children', (wire) => {
  it('parent set, get, remove', async () => {
    const [parentId, id] = [await wire.make('department'), await wire.make('department')]
    expect(await wire.admin.ok('department-parent-get', { id })).to.deep.equal({ parent: null })
    await wire.admin.ok('department-parent-set', { id, parentId })
    expect(row((await wire.admin.ok('department-parent-get', { id }))['parent'])['id']).to.equal(parentId)
    expectExactly(await wire.admin.ok('department-children-request', { id: parentId }), [id])
    await wire.admin.ok('department-parent-remove', { id })
    expect(await wire.admin.ok('department-parent-get', { id })).to.deep.equal({ parent: null })
    expectExactly(await wire.admin.ok('department-children-request', { id: parentId }), [])
  })

  it('add-child and remove-child: the same link from above', async () => {
    const [id, childId] = [await wire.make('department'), await wire.make('department')]
    await wire.admin.ok('department-add-child', { id, childId })
    expect(await wire.admin.ok('department-get', { id: childId })).to.include({ parentId: id })
    await wire.admin.ok('department-remove-child', { id, childId })
    expect(await wire.admin.ok('department-get', { id: childId })).to.include({ parentId: null })
  })

  it('"Adding a child … that has another parent … moves it"', async () => {
    const [old, id] = [await wire.make('department'), await wire.make('department')]
    const childId = await wire.make('department', { parentId: old })
    await wire.admin.ok('department-add-child', { id, childId })
    expectExactly(await wire.admin.ok('department-children-request', { id }), [childId])
    expectExactly(await wire.admin.ok('department-children-request', { id: old }), [])
  })

  it('remove-child of another\'s child "succeeds and changes nothing"', async () => {
    const [parentId, id] = [await wire.make('department'), await wire.make('department')]
    const childId = await wire.make('department', { parentId })
    expect(await wire.admin.ok('department-remove-child', { id, childId })).to.include({ id, version: 1 })
    expect(await wire.admin.ok('department-get', { id: childId })).to.include({ parentId })
  })

  it('children are a page with all the options of a list, direct children only', async () => {
    const id = await wire.make('department')
    const mark = unique('child')
    const children = [
      await wire.make('department', { parentId: id, label: `${mark} b` }),
      await wire.make('department', { parentId: id, label: `${mark} a` }),
    ]
    await wire.make('department', { parentId: children[0] ?? '' })
    expectExactly(await wire.admin.ok('department-children-request', { id }), children)
    expect(ids(await wire.admin.ok('department-children-request', { id, sort: 'label' }))).to.deep.equal([...children].toReversed())
    expect(ids(await wire.admin.ok('department-children-request', { id, search: `${mark} b` }))).to.deep.equal([children[0]])
    expect(await wire.admin.ok('department-children-request', { id, limit: 1, page: 2 })).to.include({ limit: 1, page: 2, total: 2 })
    refusal(await wire.admin.ask('department-children-request', { id, limit: 101 }), 'invalid_payload')
  })

  it('ancestors: "{ items } from the root down"', async () => {
    const top = await wire.make('department')
    const middle = await wire.make('department', { parentId: top })
    const low = await wire.make('department', { parentId: middle })
    expect(ids(await wire.admin.ok('department-ancestors-request', { id: low }))).to.deep.equal([top, middle])
    expect(ids(await wire.admin.ok('department-ancestors-request', { id: top }))).to.deep.equal([])
  })

  it('a parent or child that does not exist is refused by every path', async () => {
    const id = await wire.make('department')
    const attempts = [
      ['department-parent-set', { id, parentId: 'nowhere' }, 'not_found'],
      ['department-add-child', { id, childId: 'nowhere' }, 'not_found'],
      ['department-update', { id, parentId: 'nowhere' }, 'invalid_payload'],
      ['department-create', { label: 'No', parentId: 'nowhere' }, 'invalid_payload'],
    ] as const
    for (const [event, payload, code] of attempts) refusal(await wire.admin.ask(event, payload), code)
    for (const event of ['department-parent-set', 'department-parent-get', 'department-parent-remove', 'department-children-request', 'department-ancestors-request']) {
      refusal(await wire.admin.ask(event, { id: 'nowhere', ...(event === 'department-parent-set' ? { parentId: id } : {}) }), 'not_found')
    }
    expect(await wire.admin.ok('department-get', { id })).to.include({ version: 1 })
  })
})

onAnyDatabase('Departments: users', (wire) => {
  it('add-user and remove-user', async () => {
    const [id, userId] = [await wire.make('department'), await wire.make('user')]
    await wire.admin.ok('department-add-user', { id, userId })
    expect(await wire.admin.ok('user-get', { id: userId })).to.include({ departmentId: id })
    expectExactly(await wire.admin.ok('department-users-request', { id }), [userId])
    await wire.admin.ok('department-remove-user', { id, userId })
    expect(await wire.admin.ok('user-get', { id: userId })).to.include({ departmentId: null })
    expectExactly(await wire.admin.ok('department-users-request', { id }), [])
  })

  it('"Adding a … user that has another … department moves it"', async () => {
    const [old, id] = [await wire.make('department'), await wire.make('department')]
    const userId = await wire.make('user', { departmentId: old })
    await wire.admin.ok('department-add-user', { id, userId })
    expectExactly(await wire.admin.ok('department-users-request', { id }), [userId])
    expectExactly(await wire.admin.ok('department-users-request', { id: old }), [])
  })

  it('remove-user of another department\'s user "succeeds and changes nothing"', async () => {
    const [departmentId, id] = [await wire.make('department'), await wire.make('department')]
    const userId = await wire.make('user', { departmentId })
    await wire.admin.ok('department-remove-user', { id, userId })
    expect(await wire.admin.ok('user-get', { id: userId })).to.include({ departmentId, version: 1 })
  })

  it('a user or department that does not exist is not_found', async () => {
    const [id, userId] = [await wire.make('department'), await wire.make('user')]
    refusal(await wire.admin.ask('department-add-user', { id, userId: 'nobody' }), 'not_found')
    refusal(await wire.admin.ask('department-add-user', { id: 'nowhere', userId }), 'not_found')
    refusal(await wire.admin.ask('department-users-request', { id: 'nowhere' }), 'not_found')
  })
})
