// Races for several rows in opposite orders: the database may end one of two, the client hears success or conflict, never `internal`.
import { expect } from 'chai'
import type { Fields, Reply } from './client.ts'
import { barrier, parallel } from '../kit/wait.ts'
import { caught, describeRaces, successes } from './harness.ts'

const writers = 16
const moves = 4
const rounds = 3

describeRaces('rows locked in opposite orders', 2, (arena) => {
  let users: string[] = []
  let departments: string[] = []

  const deadlocks = async (): Promise<number> => {
    await arena.sql('select pg_stat_clear_snapshot()')
    return Number(
      (await arena.sql<{ deadlocks: string }>('select deadlocks from pg_stat_database where datname = current_database()'))[0]?.deadlocks,
    )
  }

  const say = async (what: string, replies: readonly Reply[], before: number): Promise<void> => {
    const failed = replies.length - successes(replies)
    process.stdout.write(`        ${what}: ${replies.length} requests, ${failed} not done, ${(await deadlocks()) - before} deadlocks\n`)
  }

  /** Every writer makes his moves one after the other, all writers at once. */
  const race = async (
    what: string, pick: (writer: number, move: number) => [event: string, payload: Fields], ...allowed: string[]
  ): Promise<Reply[]> => {
    const before = await deadlocks()
    const replies = (await parallel(writers, async (writer) => {
      const own: Reply[] = []
      for (let move = 0; move < moves; move += 1) own.push(await arena.ask(...pick(writer, move), { node: writer }))
      return own
    })).flat()
    await say(what, replies, before)
    arena.onlyCodes(replies, 'conflict', ...allowed)
    return replies
  }

  before(async () => {
    departments = await parallel(3, async () => String((await arena.must('department-create', { label: 'One of three' }))['id']))
    users = await parallel(writers, async (index) => String((await arena.must('user-create', {
      firstName: 'M', lastName: 'M', email: `m${index}@example.com`, departmentId: departments[index % 3],
    }))['id']))
  })

  /** The counts by which the rows themselves say that no move was half done: each version step of a department has its entry. */
  const expectWhole = async (): Promise<void> => {
    const rows = await arena.sql('select d.id from departments d where d.version <> (select max(version) from (select version from feed where id = d.id union all select version from outbox where id = d.id) x)')
    expect(rows).to.deep.equal([])
  }

  it('the check catches two rows written in opposite orders and never tried again', async function () {
    this.timeout(60_000)
    await arena.sql('create table pair (id int primary key, n int not null default 0); insert into pair values (0), (1)')
    let ended = 0
    for (let round = 0; round < rounds; round += 1) {
      const passed = barrier(2)
      const results = await parallel(2, async (index) => {
        const db = await arena.session()
        try {
          await db.query(`begin; set local deadlock_timeout = '20ms'`)
          await db.query('update pair set n = n + 1 where id = $1', [index])
          await passed()
          await db.query('update pair set n = n + 1 where id = $1', [1 - index])
          await db.query('commit')
          return ''
        } catch (error) {
          await db.query('rollback')
          return (error as { code?: string }).code ?? ''
        } finally {
          db.release()
        }
      })
      if (results.includes('40P01')) ended += 1
    }
    caught('two rows in opposite orders', ended, rounds)
  })

  it('department-add-user to and fro', async function () {
    this.timeout(60_000)
    await race('department-add-user', (writer, move) =>
      ['department-add-user', { id: departments[(writer + move * (1 + (writer % 2))) % 3], userId: users[writer] }])
    await expectWhole()
  })

  it('user-update of departmentId to and fro, of the same few users', async function () {
    this.timeout(60_000)
    await race('user-update', (writer, move) =>
      ['user-update', { id: users[(writer + move) % 4], departmentId: departments[(writer * 2 + move) % 3] }])
    await expectWhole()
  })

  it('by all ways at once, with the tree moving too', async function () {
    this.timeout(60_000)
    const [a = '', b = '', c = ''] = departments
    await race('mixed', (writer, move) => {
      const [department, user] = [departments[(writer + move) % 3], users[(writer * 3 + move) % writers]]
      const list: [string, Fields][] = [
        ['department-add-user', { id: department, userId: user }],
        ['user-update', { id: user, departmentId: department }],
        ['department-remove-user', { id: department, userId: user }],
        ['department-manager-set', { id: department, userId: user }],
        ['department-parent-set', { id: a, parentId: move % 2 === 0 ? b : c }],
        ['department-add-child', { id: move % 2 === 0 ? b : c, childId: a }],
        ['department-update', { id: department, label: `${writer}-${move}` }],
        ['user-update', { id: user, departmentId: null }],
      ]
      return list[(writer + move) % list.length] as [string, Fields]
    })
    await expectWhole()
  })

  it('groups and their members, while members are deleted', async function () {
    this.timeout(60_000)
    const groups = await parallel(3, async () => String((await arena.must('group-create', { name: 'One of three' }))['id']))
    const members = await parallel(writers * 2, async (index) => {
      const id = String((await arena.must('user-create', { firstName: 'G', lastName: 'G', email: `g${index}@example.com` }))['id'])
      await arena.must('group-add-user', { id: groups[index % 3], userId: id })
      return id
    })
    await race('groups', (writer, move) => {
      const member = members[writer * 2 + (move % 2)]
      return move >= 2 ? ['user-delete', { id: member }] : [
        move % 2 === 0 ? 'group-add-user' : 'group-add-responsible', { id: groups[(writer + move) % 3], userId: member },
      ]
    }, 'not_found')
    expect(await arena.sql('select 1 from users where id = any($1)', [members]), 'all are gone').to.have.length(0)
    expect(await arena.sql('select 1 from group_members union all select 1 from group_responsibles')).to.have.length(0)
  })
})
