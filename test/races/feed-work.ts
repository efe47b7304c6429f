// The load of the feed suites: sixteen writers through two nodes, and SQL from outside beside them.
import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fields } from './client.ts'
import { parallel, together } from '../kit/wait.ts'
import type { Arena } from './harness.ts'

const writers = 16

export interface Work {
  /** Requests that were done. */
  readonly acknowledged: number
}

type Step = readonly [event: string, payload: Fields]

/** What a writer does, again and again: its own rows, and some that all share. */
const stepsOf = (name: string): readonly Step[] => [
  ['site-create', { id: `${name}-site`, label: 'New' }],
  ['site-update', { id: 'shared-site', label: name }],
  ['user-create', { id: `${name}-user`, firstName: 'A', lastName: name, email: `${name}@example.com`, departmentId: 'left' }],
  ['group-add-user', { id: 'shared-group', userId: `${name}-user` }],
  ['user-update', { id: `${name}-user`, lastName: `${name} the second` }],
  ['site-update', { id: `${name}-site`, label: 'Changed' }],
  ['user-update', { id: `${name}-user`, departmentId: 'right' }],
  ['group-update', { id: 'shared-group', name }],
  ['department-update', { id: 'left', label: name }],
  ['site-delete', { id: `${name}-site` }],
  // Its cascades are changes of the group and of the department.
  ['user-delete', { id: `${name}-user` }],
]

/** Transactions of somebody who knows nothing of us: long ones, ones of many rows, and ones that are taken back. */
const outside = async (arena: Arena, name: string): Promise<void> => {
  const db = await arena.session()
  let failed = true
  try {
    await db.query('begin')
    await db.query('insert into sites (id, label) select $1 || n, $1 from generate_series(1, 3) n', [name])
    await db.query(`update sites set label = $1 where id = 'raw-site'`, [name])
    await sleep(randomInt(40))
    await db.query('update sites set label = label || $2 where id like $1', [`${name}%`, '!'])
    await db.query(name.endsWith('0') || name.endsWith('5') ? 'rollback' : 'commit')
    failed = false
  } finally {
    // A transaction left open would keep its rows locked: its connection goes.
    db.release(failed)
  }
}

export const prepare = async (arena: Arena): Promise<void> => {
  for (const id of ['left', 'right']) await arena.must('department-create', { id, label: id })
  await arena.must('group-create', { id: 'shared-group', name: 'Shared' })
  for (const id of ['shared-site', 'raw-site']) await arena.must('site-create', { id, label: id })
}

/** Runs the load; `label` makes its rows its own. */
export const work = async (arena: Arena, label: string, rounds: number): Promise<Work> => {
  let acknowledged = 0
  const inside = parallel(writers, async (writer) => {
    for (let round = 0; round < rounds; round += 1) {
      for (const [event, payload] of stepsOf(`${label}-${writer}-${round}`)) {
        const reply = await arena.ask(event, payload, { node: writer })
        arena.onlyCodes([reply], 'conflict', 'not_found')
        if (reply.ok) acknowledged += 1
      }
    }
  })
  const raw = parallel(3, async (writer) => {
    for (let round = 0; round < rounds * 6; round += 1) await outside(arena, `${label}-raw${writer}-${round}`)
  })
  await together<unknown>([inside, raw])
  return { acknowledged }
}
