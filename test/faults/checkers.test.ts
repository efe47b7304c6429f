// The checkers of the storm pass a true history, and each finds the one thing that is wrong with a broken copy of it.
import { expect } from 'chai'
import { checkers } from './storm/checkers.ts'
import type { Attempt, Change, Effect, History, Observed, Row, Told } from './storm/history.ts'

const done = (requestId: string, version: number | undefined, ...effects: readonly Effect[]): Attempt =>
  ({ requestId, event: 'any', payload: {}, twice: true, effects, outcomes: [{ ok: true, version }, { ok: true, version }] })

const attempts: readonly Attempt[] = [
  done('r1', 1, { row: 'site/a', fields: { label: 'A' } }),
  done('r2', 1, { row: 'site/b', fields: { label: 'B' } }),
  done('r3', 2, { row: 'site/a', fields: { label: 'A2' } }),
  done('r4', 2, { row: 'group/g', fields: {}, shared: true }, { row: 'member/g/u', fields: {} }),
  done('r5', undefined, { row: 'site/b', fields: 'gone' }),
]

const feed: History['feed'] = [
  { pos: 1, row: 'site/a', action: 'create', version: 1, requestId: 'r1' },
  { pos: 2, row: 'site/b', action: 'create', version: 1, requestId: 'r2' },
  { pos: 4, row: 'site/a', action: 'update', version: 2, requestId: 'r3' },
  { pos: 5, row: 'group/g', action: 'update', version: 2, requestId: 'r4' },
  { pos: 7, row: 'site/b', action: 'delete', version: 2, requestId: 'r5' },
]

const told = feed.map(({ requestId: _, ...change }: Change & { requestId: unknown }): Told => ({ kind: 'change', ...change }))

const rows: History['rows'] = new Map([
  ['site/a', { version: 2, fields: { label: 'A2' } }], ['group/g', { version: 2, fields: { name: 'Any' } }],
  ['member/g/u', { version: 0, fields: {} }],
])

const stayed: Observed = {
  name: 'stayed', told, stale: [], readable: () => true, rows: new Map([...rows].filter(([row]) => !row.startsWith('member'))),
}

/** Of sites only; it missed much and was told so. */
const resynced: Observed = {
  name: 'resynced', told: [...told.slice(0, 1), { kind: 'resync', epoch: 'e', pos: 5 }, ...told.slice(4)], stale: [],
  readable: (row) => row.startsWith('site/'), rows: new Map([...stayed.rows].filter(([row]) => row.startsWith('site/'))),
}

const right: History = { attempts, feed, rows, observers: [stayed, resynced], audit: attempts.map(({ requestId }) => requestId) }

const withAttempt = (index: number, change: Partial<Attempt>): History =>
  ({ ...right, attempts: attempts.map((one, at) => (at === index ? { ...one, ...change } : one)) })
const withTold = (next: readonly Told[]): History => ({ ...right, observers: [{ ...stayed, told: next }] })
const withRows = (...changes: readonly (readonly [string, { version: number; fields: object } | undefined])[]): History => {
  const next = new Map(rows)
  for (const [row, value] of changes) value ? next.set(row, { ...value, fields: { ...value.fields } }) : next.delete(row)
  return { ...right, rows: next }
}
const seeing = (change: Partial<Observed>): History => ({ ...right, observers: [{ ...stayed, ...change }] })
const having = (row: readonly [string, Row]): History => seeing({ rows: new Map([...stayed.rows, row]) })
const change = (row: string, version: number, pos: number): Told => ({ kind: 'change', row, action: 'update', version, pos })
const swapped = [told[0], told[2], told[1], told[3], told[4]] as Told[]

const broken: readonly (readonly [string, keyof typeof checkers, History])[] = [
  ['a row that the database forgot', 'lost', withRows(['site/a', undefined])],
  ['a write that the database forgot', 'lost', withRows(['site/a', { version: 2, fields: { label: 'A' } }])],
  ['a version that the database forgot', 'lost', withRows(['group/g', { version: 1, fields: {} }])],
  ['a link that the database forgot', 'lost', withRows(['member/g/u', undefined])],
  ['a deletion that the database forgot', 'lost', withRows(['site/b', { version: 1, fields: { label: 'B' } }])],
  ['a row out of nowhere', 'lost', withRows(['site/c', { version: 1, fields: {} }])],
  ['a refused creation that is there', 'lost', {
    ...withRows(['site/c', { version: 1, fields: { label: 'C' } }]),
    attempts: [...attempts, {
      ...done('r6', 1, { row: 'site/c', fields: { label: 'C' } }), outcomes: [{ ok: false, code: 'conflict', details: {} }],
    }],
  }],
  ['an acknowledged change without a place in the feed', 'lost', { ...right, feed: feed.slice(1) }],
  ['a refusal', 'refused', withAttempt(1, { outcomes: [{ ok: true, version: 1 }, { ok: false, code: 'conflict', details: {} }] })],
  ['an operation that acted twice', 'doubled', { ...right, audit: [...right.audit, 'r2'] }],
  ['an acknowledged operation without an audit entry', 'doubled', { ...right, audit: right.audit.slice(1) }],
  ['a repetition with another reply', 'doubled', withAttempt(1, { outcomes: [{ ok: true, version: 1 }, { ok: true, version: 2 }] })],
  ['an event that was dropped', 'missed', withTold(told.filter((_, index) => index !== 2))],
  ['a last event that was dropped', 'missed', withTold(told.slice(0, -1))],
  ['a resync that does not reach as far', 'missed', withTold([
    ...told.slice(0, 1), { kind: 'resync', epoch: 'e', pos: 2 }, ...told.slice(4),
  ])],
  ['two events that changed places', 'inverted', withTold(swapped)],
  ['an event that came twice', 'inverted', withTold([...told, ...told.slice(-1)])],
  ['an older version after a newer one', 'inverted', withTold([...told, change('site/a', 1, 9)])],
  ['a resync that leads back', 'inverted', withTold([...told, { kind: 'resync', epoch: 'e', pos: 3 }])],
  ['a position that is another change for someone else', 'disordered', withTold(
    told.map((one, index) => ({ ...one, pos: [1, 2, 5, 4, 7][index] ?? 0 })),
  )],
  ['a change that the feed does not have', 'disordered', withTold([...told, change('site/c', 1, 9)])],
  ['a row that an observer does not have', 'diverged', seeing({ rows: new Map([...stayed.rows].slice(1)) })],
  ['a row that an observer has as it was', 'diverged', having(['site/a', { version: 1, fields: { label: 'A' } }])],
  ['a row that an observer kept after its deletion', 'diverged', having(['site/b', { version: 1, fields: {} }])],
  ['a row that an observer may not read', 'diverged', seeing({ readable: (row) => row !== 'site/a' })],
  ['a row that was read older than it had been told', 'diverged', seeing({ stale: ['site/a was 1 after 2'] })],
]

describe('faults: the checkers of the storm', () => {
  it('pass a history in which all is well', () => {
    for (const [name, check] of Object.entries(checkers)) expect(check(right), name).to.deep.equal([])
  })

  for (const [title, name, history] of broken) {
    it(`${name} finds ${title}`, () => expect(checkers[name](history)).to.not.deep.equal([]))
  }

  it('each has a broken history of its own', () => {
    expect(new Set(broken.map(([, name]) => name))).to.deep.equal(new Set(Object.keys(checkers)))
  })
})
