// Races for the tree: four moves at once, each fine by itself, that together would close a circle.
import { expect } from 'chai'
import type { Fields, Reply } from './client.ts'
import { barrier } from '../kit/wait.ts'
import { caught, describeRaces, successes, type Arena } from './harness.ts'

const size = 4
const rounds = 12

/** The ids that are their own ancestors, by the whole table of child → parent. */
const inCircles = async (arena: Arena, table: string): Promise<string[]> => {
  const rows = await arena.sql<{ id: string; parent_id: string | null }>(`select id, parent_id from ${table}`)
  const parents = new Map(rows.map((row) => [row.id, row.parent_id]))
  return [...parents.keys()].filter((start) => {
    let at = parents.get(start) ?? null
    for (let steps = 0; at !== null && at !== start && steps <= parents.size; steps += 1) at = parents.get(at) ?? null
    return at === start
  })
}

type Way = (id: string, parentId: string) => [event: string, payload: Fields]

const ways: Readonly<Record<string, Way>> = {
  'department-parent-set': (id, parentId) => ['department-parent-set', { id, parentId }],
  'department-add-child': (id, parentId) => ['department-add-child', { id: parentId, childId: id }],
  'department-update': (id, parentId) => ['department-update', { id, parentId }],
}

describeRaces('four-way circles', 2, (arena) => {
  const makeFour = async (): Promise<string[]> => {
    const ids = Array.from({ length: size }, () => arena.unique('d'))
    await arena.sql('insert into departments (id, label) select x, x from unnest($1::text[]) x', [ids])
    return ids
  }

  const expectLosers = (replies: readonly Reply[]): void => {
    arena.onlyCodes(replies, 'conflict')
    for (const reply of replies)
      if (!reply.ok) expect(reply.details, 'the circle is named').to.have.property('cycle').that.is.an('array').with.length(size)
  }

  const moved = async (ids: readonly string[], indexes: readonly number[], pick: (index: number) => Way, node?: number): Promise<Reply[]> =>
    Promise.all(indexes.map((index) => {
      const [event, payload] = pick(index)(ids[index] ?? '', ids[(index + 1) % size] ?? '')
      return arena.ask(event, payload, { node: node ?? index })
    }))

  const race = async (pick: (index: number) => Way): Promise<Reply[]> => moved(await makeFour(), [0, 1, 2, 3], pick)

  /** Every other move first: the last two then have no row in common, and locks on rows cannot see them together. */
  const raceInTwoWaves = async (pick: (index: number) => Way, node?: number): Promise<Reply[]> => {
    const ids = await makeFour()
    return [...(await moved(ids, [0, 2], pick, node)), ...(await moved(ids, [1, 3], pick, node))]
  }

  const brokenMove = async (lock: string, [id, parentId]: readonly [string, string], wait: () => Promise<void>): Promise<void> => {
    const db = await arena.session()
    try {
      await db.query('begin')
      if (lock !== '') await db.query(lock, [[id, parentId]])
      const above = await db.query(
        'with recursive up(id) as (select $1::text union select t.parent_id from tree t join up on t.id = up.id) select id from up where id = $2', [parentId, id])
      await wait()
      if (above.rows.length === 0) await db.query('update tree set parent_id = $2 where id = $1', [id, parentId])
      await db.query('commit')
    } finally {
      db.release()
    }
  }

  /** The moves of a wave check together and write together. */
  const circlesOf = async (lock: string, waves: readonly (readonly number[])[]): Promise<number> => {
    let found = 0
    for (let round = 0; round < rounds; round += 1) {
      await arena.sql("truncate tree; insert into tree values ('1'), ('2'), ('3'), ('4')")
      for (const wave of waves) {
        const passed = barrier(wave.length)
        await Promise.all(wave.map((index) => brokenMove(lock, [String(index + 1), String((index + 1) % size + 1)], passed)))
      }
      if ((await inCircles(arena, 'tree')).length > 0) found += 1
    }
    return found
  }

  it('the check catches moves that check without a lock, and ones that lock their two rows only', async () => {
    await arena.sql('create table tree (id text primary key, parent_id text)')
    caught('check, then write', await circlesOf('', [[0, 1, 2, 3]]), rounds)
    caught(
      'for update of both rows', await circlesOf('select 1 from tree where id = any($1) order by id for update', [[0, 2], [1, 3]]), rounds,
    )
  })

  for (const [name, way] of Object.entries(ways)) {
    it(`${name}: of four, exactly one loses with the circle named`, async function () {
      this.timeout(60_000)
      for (let round = 0; round < rounds; round += 1) {
        const replies = await race(() => way)
        expectLosers(replies)
        expect(successes(replies)).to.equal(size - 1)
      }
      expect(await inCircles(arena, 'departments')).to.deep.equal([])
    })
  }

  it('in two waves, by all ways', async function () {
    this.timeout(60_000)
    const list = Object.values(ways)
    for (let round = 0; round < rounds; round += 1) {
      const replies = await raceInTwoWaves((index) => list[(index + round) % list.length] as Way)
      expectLosers(replies)
      expect(successes(replies)).to.equal(size - 1)
    }
    expect(await inCircles(arena, 'departments')).to.deep.equal([])
  })

  it('all ways at once', async function () {
    this.timeout(60_000)
    const list = Object.values(ways)
    for (let round = 0; round < rounds; round += 1) {
      const replies = await race((index) => list[(index + round) % list.length] as Way)
      expectLosers(replies)
      expect(successes(replies)).to.equal(size - 1)
    }
    expect(await inCircles(arena, 'departments')).to.deep.equal([])
  })

  it('a department that is being created with its id and its parent', async function () {
    this.timeout(60_000)
    const list = Object.values(ways)
    let lost = 0
    for (let round = 0; round < rounds; round += 1) {
      const [a = '', b = '', c = '', made = ''] = await makeFour()
      await arena.sql('delete from departments where id = $1', [made])
      const way = list[round % list.length] as Way
      /** Until it is there, the new department cannot be anybody's parent. */
      const insist = async (node: number): Promise<Reply> => {
        for (;;) {
          const [event, payload] = way(c, made)
          const reply = await arena.ask(event, payload, { node })
          if (reply.ok || (reply.code !== 'not_found' && reply.code !== 'invalid_payload')) return reply
        }
      }
      const replies = await Promise.all([
        arena.ask('department-create', { id: made, label: made, parentId: a }),
        arena.ask(...way(a, b), { node: 1 }), arena.ask(...way(b, c)), insist(1),
      ])
      expectLosers(replies)
      lost += size - successes(replies)
    }
    expect(lost).to.equal(rounds)
    expect(await inCircles(arena, 'departments')).to.deep.equal([])
  })

  it('nobody becomes his own parent, by any way', async () => {
    const [id = ''] = await makeFour()
    for (const way of Object.values(ways)) {
      const reply = await arena.ask(...way(id, id))
      expect(reply).to.deep.include({ ok: false, code: 'conflict', details: { cycle: [id] } })
    }
    const fresh = arena.unique('d')
    expect(await arena.ask('department-create', { id: fresh, label: fresh, parentId: fresh })).to.deep.include({
      ok: false, code: 'conflict', details: { cycle: [fresh] },
    })
  })

  it('the race itself catches a server whose advisory locks do nothing', async function () {
    this.timeout(60_000)
    const broken = await arena.addNodeWithoutLocks()
    let circles = 0
    for (let round = 0; round < rounds; round += 1) {
      await raceInTwoWaves(() => ways['department-update'] as Way, broken)
      if ((await inCircles(arena, 'departments')).length > 0) circles += 1
      await arena.sql('update departments set parent_id = null where parent_id is not null')
    }
    caught('a server without the lock of the tree', circles, rounds)
  })
})
