// Races of updates: `ifVersion` lets one through, different fields never clobber each other, a replaced set is one that somebody sent.
import { expect } from 'chai'
import type { Fields, Reply } from './client.ts'
import { barrier, parallel } from '../kit/wait.ts'
import { caught, describeRaces, successes } from './harness.ts'

const many = 50
const rounds = 10

describeRaces('lost updates', 2, (arena) => {
  const versionOf = async (table: string, id: string): Promise<number> =>
    Number((await arena.sql<{ version: string }>(`select version from ${table} where id = $1`, [id]))[0]?.version)

  const makeUser = async (): Promise<string> => {
    const id = arena.unique('user')
    await arena.must('user-create', { id, firstName: 'A', lastName: id, email: `${id}@example.com` })
    return id
  }

  const expectOneWinner = (replies: readonly Reply[], version: number): void => {
    arena.onlyCodes(replies, 'conflict')
    expect(successes(replies)).to.equal(1)
    for (const reply of replies) {
      if (reply.ok) expect(reply.data['version']).to.equal(version)
      else expect(reply.details).to.deep.equal({ version })
    }
  }

  it('the check catches read-modify-write and look-at-the-version-then-write', async () => {
    await arena.sql('create table counters (id int primary key, n int not null, version int not null)')
    let [lost, double] = [0, 0]
    for (let round = 0; round < rounds; round += 1) {
      await arena.sql('insert into counters values ($1, 0, 1)', [round])
      const passed = barrier(8)
      const won = await parallel(8, async () => {
        const [row] = await arena.sql<{ n: number; version: number }>('select n, version from counters where id = $1', [round])
        await passed()
        if (row?.version !== 1) return 0
        await arena.sql('update counters set n = $2, version = version + 1 where id = $1', [round, row.n + 1])
        return 1
      })
      const [after] = await arena.sql<{ n: number }>('select n from counters where id = $1', [round])
      if (after?.n !== 8) lost += 1
      if (won.filter((one) => one === 1).length > 1) double += 1
    }
    caught('read, modify, write', lost, rounds)
    caught('look at the version, then write', double, rounds)
  })

  it('ifVersion ×50: one winner a version, generation after generation', async () => {
    const id = arena.unique('site')
    await arena.must('site-create', { id, label: id })
    for (let version = 1; version <= 5; version += 1) {
      expectOneWinner(await parallel(
        many, (index) => arena.ask('site-update', { id, label: `${version}-${index}`, ifVersion: version }, { node: index }),
      ), version + 1)
    }
    expect(await versionOf('sites', id)).to.equal(6)
  })

  it('ifVersion ×50 in relations and deletes', async () => {
    const [id, user] = [arena.unique('group'), await makeUser()]
    await arena.must('group-create', { id, name: id })
    expectOneWinner(await parallel(many, (index) => arena.ask('group-add-user', { id, userId: user, ifVersion: 1 }, { node: index })), 2)
    const replies = await parallel(many, (index) => arena.ask('group-delete', { id, ifVersion: index % 2 === 0 ? 2 : 1 }, { node: index }))
    arena.onlyCodes(replies, 'conflict', 'not_found')
    expect(successes(replies)).to.equal(1)
  })

  it('a read-modify-write with ifVersion, tried again on conflict, loses nothing', async function () {
    this.timeout(60_000)
    const id = await makeUser()
    const wins = await parallel(8, async (index) => {
      for (let done = 0; done < 5;) {
        const read = await arena.must('user-get', { id })
        const count = Number(((read['metadata'] ?? {}) as Fields)['count'] ?? 0)
        const reply = await arena.ask('user-update', { id, metadata: { count: count + 1 }, ifVersion: read['version'] }, { node: index })
        arena.onlyCodes([reply], 'conflict')
        if (reply.ok) done += 1
      }
      return 5
    })
    // A node has what another has written once it was told of it.
    const [row] = await arena.sql<{ metadata: unknown; version: string }>('select metadata, version from users where id = $1', [id])
    expect(row?.metadata).to.deep.equal({ count: wins.reduce((sum, one) => sum + one, 0) })
    expect(Number(row?.version)).to.equal(1 + 40)
  })

  it('without ifVersion, updates of different fields never clobber each other', async () => {
    const [site, role, department] = ['field-site', 'field-role', 'field-department']
    await arena.must('site-create', { id: site, label: site })
    await arena.must('role-create', { id: role, label: role })
    await arena.must('department-create', { id: department, label: department })
    const fields: Fields = {
      firstName: 'Ada', lastName: 'Byron', email: 'ada@example.com', picture: 'https://example.com/a.png', metadata: { a: 1 },
      siteId: site, departmentId: department, locale: 'fr', roles: [role], status: 'suspended',
    }
    for (let round = 0; round < 4; round += 1) {
      const id = await makeUser()
      const changed: Fields = { ...fields, email: `ada${round}@example.com` }
      const names = Object.keys(changed)
      arena.onlyCodes(await parallel(names.length, (index) => {
        const name = names[index] ?? ''
        return arena.ask('user-update', { id, [name]: changed[name] }, { node: index })
      }))
      expect(await arena.must('user-get', { id })).to.deep.include(changed)
    }
  })

  it('user-update of roles ×16: the set is one that was sent, and each reply is the set it sent', async () => {
    const roles = await parallel(8, async () => String((await arena.must('role-create', { label: 'One of eight' }))['id']))
    for (let round = 0; round < 4; round += 1) {
      const id = await makeUser()
      const sets = Array.from({ length: 16 }, (_, index) => [roles[index % 8] ?? '', roles[(index + 3) % 8] ?? ''].toSorted())
      const replies = await parallel(sets.length, (index) => arena.ask('user-update', { id, roles: sets[index] }, { node: index }))
      arena.onlyCodes(replies)
      replies.forEach((reply, index) => {
        if (reply.ok) expect(reply.data['roles'], 'the set of the reply').to.have.members(sets[index] ?? [])
      })
      const final = (await arena.must('user-get', { id }))['roles'] as string[]
      expect(sets.map(String)).to.include(String(final.toSorted()))
    }
  })

  it('role-update of permissions ×16: the set is one that was sent', async () => {
    const keys = ['read-site', 'read-user', 'read-role', 'read-group', 'read-sites', 'read-users', 'read-roles', 'read-groups']
    const id = arena.unique('role')
    await arena.must('role-create', { id, label: id })
    const sets = Array.from({ length: 16 }, (_, index) => [keys[index % 8] ?? '', keys[(index + 3) % 8] ?? ''].toSorted())
    arena.onlyCodes(await parallel(sets.length, (index) => arena.ask('role-update', { id, permissions: sets[index] }, { node: index })))
    const final = (await arena.must('role-get', { id }))['permissions'] as string[]
    expect(sets.map(String)).to.include(String(final.toSorted()))
  })
})
