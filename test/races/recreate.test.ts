// Races of deleting and making again: a row made with a deleted row's id goes on from a higher version, whoever came first.
import { expect } from 'chai'
import type { Client, Reply } from './client.ts'
import { parallel } from '../kit/wait.ts'
import { caught, describeRaces, successes } from './harness.ts'

const writers = 16
const rounds = 10

/** How often a version is not higher than the one before it. */
const inversions = (versions: readonly number[]): number =>
  versions.filter((version, index) => index > 0 && version <= (versions[index - 1] ?? 0)).length

describeRaces('delete and create of one id', 2, (arena) => {
  let observers: Client[] = []

  before(async () => {
    observers = await parallel(2, (node) => arena.connect(arena.admin.token, { node }))
  })

  const feedOf = async (id: string): Promise<{ action: string; version: number }[]> =>
    (await arena.sql<{ action: string; version: string }>('select action, version from feed where id = $1 order by pos', [id])).map((row) =>
      ({ action: row.action, version: Number(row.version) }))

  const expectGrowing = async (id: string): Promise<void> => {
    await arena.settle(...observers)
    const entries = await feedOf(id)
    expect(
      inversions(entries.map((entry) => entry.version)),
      `the versions of ${id}: ${entries.map((entry) => `${entry.action} ${entry.version}`).join(', ')}`,
    ).to.equal(0)
    for (const observer of observers) {
      const heard = observer.changes.filter((change) => change.id === id).map((change) => change.version)
      expect(inversions(heard), 'versions heard').to.equal(0)
      expect(heard.at(-1)).to.equal(entries.at(-1)?.version)
    }
  }

  it('the check catches versions that begin again at 1, and a memory of the deleted that is asked before the wait for the key', async () => {
    await arena.sql('create table plain (id text primary key, version int not null default 1); create table plain_feed (seq bigserial, id text, version int); create table graves (id text primary key, version int)')
    const insert = 'with made as (insert into plain select $1::text, coalesce((select version from graves where id = $1), 0) + 1 on conflict do nothing returning id, version) insert into plain_feed (id, version) select id, version from made'
    const remove = 'with gone as (delete from plain where id = $1 returning id, version) insert into plain_feed (id, version) select id, version + 1 from gone'
    const inverted = async (id: string): Promise<number> => {
      const rows = await arena.sql<{ version: number }>('select version from plain_feed where id = $1 order by seq', [id])
      return inversions(rows.map((row) => row.version)) > 0 ? 1 : 0
    }
    let [forgotten, early] = [0, 0]
    for (let round = 0; round < rounds; round += 1) {
      const [bare, buried] = [`bare${round}`, `buried${round}`]
      await parallel(4, async () => {
        for (const step of [insert, remove, insert, remove]) await arena.sql(step, [bare])
      })
      forgotten += await inverted(bare)
      await arena.sql(insert, [buried])
      const deleting = await arena.session()
      await deleting.query('begin')
      await deleting.query(remove, [buried])
      await deleting.query('insert into graves values ($1, 2)', [buried])
      const making = arena.sql(insert, [buried])
      await arena.waiting(1)
      await deleting.query('commit')
      deleting.release()
      await making
      early += await inverted(buried)
    }
    caught('versions without a memory of the deleted', forgotten, rounds)
    caught('the memory asked before the wait', early, rounds)
  })

  it('one after the other, the version goes on', async () => {
    for (let round = 0; round < 3; round += 1) {
      await arena.must('site-create', { id: 'again', label: 'Again' })
      await arena.must('site-update', { id: 'again', label: `Again ${round}` })
      await arena.must('site-delete', { id: 'again' })
    }
    expect(await feedOf('again').then((entries) => entries.map((entry) => entry.version))).to.have.length.of.at.least(6)
    await expectGrowing('again')
  })

  it('a create that waits for the delete of its id to be committed', async () => {
    await arena.must('site-create', { id: 'waited', label: 'First life' })
    await arena.must('site-update', { id: 'waited', label: 'Still the first' })
    const deleting = await arena.session()
    await deleting.query('begin')
    await deleting.query(`delete from sites where id = 'waited'`)
    const creating = arena.ask('site-create', { id: 'waited', label: 'Second life' }, { node: 1 })
    await arena.waiting(1)
    await deleting.query('commit')
    deleting.release()
    const reply = await creating
    arena.onlyCodes([reply])
    if (reply.ok) expect(reply.data['version'], 'after version 2 and its delete, 3').to.be.at.least(4)
    await expectGrowing('waited')
  })

  it('updates that wait while their row is deleted and made again: ifVersion still lets one through', async () => {
    await arena.must('site-create', { id: 'renewed', label: 'First life' })
    const renewing = await arena.session()
    await renewing.query(`begin; delete from sites where id = 'renewed'; insert into sites (id, label) values ('renewed', 'Second life')`)
    const { rows: [row = { version: '' }] } = await renewing.query<{ version: string }>(`select version from sites where id = 'renewed'`)
    const version = Number(row.version)
    expect(version, 'after version 1 and its delete, 2').to.be.at.least(3)
    const updating = parallel(8, (index) =>
      arena.ask('site-update', { id: 'renewed', label: `update ${index}`, ifVersion: version }, { node: index }))
    await arena.waiting(8)
    await renewing.query('commit')
    renewing.release()
    const replies = await updating
    // Who waited for the row that is gone may also say so.
    arena.onlyCodes(replies, 'conflict', 'not_found')
    expect(successes(replies), 'winners').to.be.at.most(1)
    await expectGrowing('renewed')
  })

  for (const [resource, fields] of [['site', {}], ['department', {}], ['role', {}]] as const) {
    it(`${resource}: ${writers} writers create, update and delete the same three ids`, async function () {
      this.timeout(60_000)
      const ids = ['a', 'b', 'c'].map((name) => `${resource}-${name}`)
      const replies = (await parallel(writers, async (writer) => {
        const own: Reply[] = []
        for (let step = 0; step < 8; step += 1) {
          const id = ids[(writer + step) % ids.length]
          const what = ['create', 'update', 'delete', 'create'][(writer + step) % 4]
          own.push(await arena.ask(
            `${resource}-${what}`, { id, ...(what === 'delete' ? {} : { label: `${writer}-${step}` }), ...fields }, { node: writer },
          ))
        }
        return own
      })).flat()
      arena.onlyCodes(replies, 'conflict', 'not_found')
      for (const id of ids) await expectGrowing(id)
    })
  }

  it('the same by raw SQL beside the server', async function () {
    this.timeout(60_000)
    // As whoever writes to PostgreSQL must: a statement that lost a deadlock, or met a delete half done, is tried again.
    const write = async (statement: string): Promise<void> => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          await arena.sql(statement)
          return
        } catch (error) {
          if (attempt === 10 || !['40P01', '40001'].includes(String((error as { code?: string }).code))) throw error
        }
      }
    }
    await Promise.all([
      parallel(6, async (writer) => {
        for (let step = 0; step < 8; step += 1) {
          if ((writer + step) % 2 === 0) await write(`insert into sites (id, label) values ('raw', 'Raw') on conflict do nothing`)
          else await write(`delete from sites where id = 'raw'`)
        }
      }),
      parallel(6, async (writer) => {
        for (let step = 0; step < 8; step += 1) {
          const reply = await arena.ask(
            (writer + step) % 2 === 0 ? 'site-create' : 'site-delete',
            (writer + step) % 2 === 0 ? { id: 'raw', label: 'Raw' } : { id: 'raw' }, { node: writer },
          )
          arena.onlyCodes([reply], 'conflict', 'not_found')
        }
      }),
    ])
    await expectGrowing('raw')
  })
})
