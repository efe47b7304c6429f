// Races of the same addition, fifty at once: one row, fifty successes, one step of the version, one change heard.
import { expect } from 'chai'
import type { Client, Fields } from './client.ts'
import { barrier, parallel } from '../kit/wait.ts'
import { caught, describeRaces, successes } from './harness.ts'

const many = 50
const rounds = 10

interface Addition {
  readonly add: string
  readonly remove: string
  readonly owner: 'group' | 'role' | 'user'
  readonly table: string
  readonly link: Fields
  /** SQL: the links of the owner $1. */
  readonly where: string
}

describeRaces('the same addition fifty times', 2, (arena) => {
  let observers: Client[] = []
  let member = ''

  before(async () => {
    observers = await parallel(2, (node) => arena.connect(arena.admin.token, { node }))
    member = (await arena.person({ permissions: ['read-site'] })).id
    await arena.must('site-create', { id: 'here', label: 'Here' })
    await arena.must('role-create', { id: 'extra', label: 'Extra' })
  })

  const owners: Readonly<Record<Addition['owner'], (id: string) => Fields>> = {
    group: (id) => ({ id, name: id }),
    role: (id) => ({ id, label: id }),
    user: (id) => ({ id, firstName: 'A', lastName: id, email: `${id}@example.com` }),
  }

  const additions: readonly Addition[] = [
    {
      add: 'group-add-user', remove: 'group-remove-user', owner: 'group', table: 'group_members', link: { userId: 'person-1' },
      where: 'group_id = $1',
    },
    {
      add: 'group-add-responsible', remove: 'group-remove-responsible', owner: 'group', table: 'group_responsibles',
      link: { userId: 'person-1' }, where: 'group_id = $1',
    },
    {
      add: 'user-add-role', remove: 'user-remove-role', owner: 'user', table: 'user_roles', link: { roleId: 'extra' },
      where: 'user_id = $1',
    },
    {
      add: 'role-add-permission', remove: 'role-remove-permission', owner: 'role', table: 'role_permissions',
      link: { permissionId: 'read-site', scopeId: null }, where: 'role_id = $1',
    },
    {
      add: 'role-add-permission', remove: 'role-remove-permission', owner: 'role', table: 'role_permissions',
      link: { permissionId: 'read-site', scopeId: 'here' }, where: 'role_id = $1',
    },
    {
      add: 'user-add-permission', remove: 'user-remove-permission', owner: 'user', table: 'user_permissions',
      link: { permissionId: 'read-site' }, where: 'user_id = $1',
    },
    {
      add: 'user-add-permission', remove: 'user-remove-permission', owner: 'user', table: 'user_permissions',
      link: { permissionId: 'read-site', scopeId: 'here', deny: true }, where: 'user_id = $1',
    },
  ]

  const versionOf = async (owner: string, id: string): Promise<number> =>
    Number((await arena.sql<{ version: string }>(`select version from ${owner}s where id = $1`, [id]))[0]?.version)

  const countOf = async (table: string, where: string, id: string): Promise<number> =>
    Number((await arena.sql<{ count: string }>(`select count(*) from ${table} where ${where}`, [id]))[0]?.count)

  it('the check catches look-then-insert without a unique key', async () => {
    await arena.sql('create table links (owner text, member text)')
    let twice = 0
    for (let round = 0; round < rounds; round += 1) {
      const owner = `g${round}`
      const passed = barrier(4)
      await parallel(4, async () => {
        const found = await countOf('links', 'owner = $1', owner)
        await passed()
        if (found === 0) await arena.sql(`insert into links values ($1, 'u')`, [owner])
      })
      if ((await countOf('links', 'owner = $1', owner)) !== 1) twice += 1
    }
    caught('look, then insert', twice, rounds)
  })

  it('the check catches an upsert that counts a change where none was', async () => {
    await arena.sql('create table counted (owner text primary key, version int not null)')
    let moved = 0
    for (let round = 0; round < rounds; round += 1) {
      await parallel(4, () => arena.sql('insert into counted values ($1, 1) on conflict (owner) do update set version = counted.version + 1', [`g${round}`]))
      const [row] = await arena.sql<{ version: number }>('select version from counted where owner = $1', [`g${round}`])
      if (row?.version !== 1) moved += 1
    }
    caught('each addition a version', moved, rounds)
  })

  for (const { add, remove, owner, table, link, where } of additions) {
    it(`${add} ${JSON.stringify(link)}, and its removal`, async () => {
      expect(member, 'the member of the table above').to.equal('person-1')
      const id = arena.unique(owner)
      await arena.must(`${owner}-create`, owners[owner](id))
      for (const [event, rows] of [[add, 1], [remove, 0]] as const) {
        await arena.settle(...observers)
        const before = await versionOf(owner, id)
        const from = observers.map((observer) => observer.changes.length)
        const replies = await parallel(many, (index) => arena.ask(event, { id, ...link }, { node: index }))
        arena.onlyCodes(replies)
        expect(successes(replies)).to.equal(many)
        expect(await countOf(table, where, id)).to.equal(rows)
        expect(await versionOf(owner, id), 'one step of the version').to.equal(before + 1)
        for (const reply of replies)
          if (reply.ok) expect(reply.data['version'], 'each reply is the row after the change').to.equal(before + 1)
        await arena.settle(...observers)
        observers.forEach((observer, index) => {
          const heard = observer.changes.slice(from[index]).filter((change) => change.resource !== 'site')
          expect(heard.map((change) => [change.resource, change.id, change.action, change.version]), `what node ${index} told`)
            .to.deep.equal([[owner, id, 'update', before + 1]])
        })
        const entries = await arena.sql('select 1 from feed where resource = $1 and id = $2 and version > $3', [owner, id, before])
        expect(entries, 'entries of the feed').to.have.length(1)
      }
    })
  }

  it('additions and removals of one link, mixed: as many rows as the last word said, versions without a gap', async () => {
    const id = arena.unique('group')
    await arena.must('group-create', { id, name: id })
    arena.onlyCodes(await parallel(many, (index) =>
      arena.ask(index % 2 === 0 ? 'group-add-user' : 'group-remove-user', { id, userId: member }, { node: index })))
    await arena.settle(...observers)
    const versions = await arena.sql<{ version: string }>(
      `select version from feed where resource = 'group' and id = $1 order by pos`, [id],
    )
    expect(versions.map((row) => Number(row.version))).to.deep.equal(versions.map((_, index) => index + 1))
    // Each step is an addition or a removal in turn, beginning with an addition.
    expect(await countOf('group_members', 'group_id = $1', id)).to.equal((versions.length - 1) % 2)
  })
})
