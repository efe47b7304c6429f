// The SQL of a list, the decision over one row and the projection of its fields agree, whatever the rules, grants and rows.
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import fc from 'fast-check'
import type { Knex } from 'knex'
import { buildAbility, keyUses } from '../../core/access/ability.ts'
import { rowRights } from '../../core/access/row-rights.ts'
import type { Sql } from '../../core/define/sql.ts'
import { resourceOf } from '../../core/model/resource.ts'
import type { Grant } from '../../core/define/index.ts'
import { sources } from '../architecture/sources.ts'
import { isGate } from '../kit/extent.ts'
import type { RunningApp } from '../kit/server.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { roomApp } from '../support/room/app.ts'
import { sharedApp } from '../kit/shared-app.ts'
import { asItIs, disagreements, ours, resourcesFor, type Spoil } from './agreement.ts'
import { cases, worlds, writeWorld, type Case, type RandomRule, type World } from './worlds.ts'

/** Printed with the title; FC_SEED runs the same again. */
const seed = Number(process.env['FC_SEED'] ?? Date.now() % 1_000_000_000)

/** Where a bracket that closes at `end` was opened. */
const openingOf = (sql: string, end: number): number => {
  let depth = 0
  for (let at = end; at >= 0; at -= 1) {
    if (sql[at] === ')') depth += 1
    if (sql[at] === '(') depth -= 1
    if (depth === 0) return at
  }
  throw new Error('unbalanced')
}

/** `not (x)` for `(x) is not true`: what one would write first, and wrong wherever x is unknown. */
const naiveNot: Spoil = ({ sql, bindings }) => {
  const mark = ') is not true'
  let text = sql
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark)) {
    const from = openingOf(text, at)
    text = `${text.slice(0, from)}not ${text.slice(from, at + 1)}${text.slice(at + mark.length)}`
  }
  return { sql: text, bindings }
}

/** A scope that does not reach what lies below it. */
const flatScopes: Spoil = ({ sql, bindings }) =>
  ({ sql: sql.replaceAll(/union select t\.id from departments t join down on t\.parent_id = down\.id/g, ''), bindings })

const open: Spoil = ({ sql, bindings }: Sql) => ({ sql: sql === 'false' ? 'true' : sql, bindings })

class Undo extends Error {}

onAnyDatabase('property: rights', (kind) => {
  let running: RunningApp | undefined

  before(async function () {
    this.timeout(120_000)
    running = await sharedApp(roomApp, kind)
  })

  /** Runs a task over an organisation that is gone afterwards. */
  const within = async <T>(world: World, task: (db: Knex) => Promise<T>): Promise<T> => {
    if (!running) throw new Error('The app has not started')
    const results: T[] = []
    await running.server.database.knex.transaction(async (trx) => {
      await writeWorld(trx, world)
      results.push(await task(trx))
      throw new Undo()
    }).catch((error: unknown) => {
      if (!(error instanceof Undo)) throw error
    })
    return results[0] as T
  }

  const check = (spoil: Spoil, runs: number): Promise<fc.RunDetails<[World, Case[]]>> => fc.check(
    fc.asyncProperty(worlds, fc.array(cases, { minLength: 6, maxLength: 6 }), (world, list) => within(world, async (db) => {
      for (const each of list) {
        const found = await disagreements(db, running?.server.assembly.resources ?? new Map(), each, spoil)
        if (found.length > 0) throw new Error(`${found.slice(0, 3).join('\n')}\nunder ${JSON.stringify(each)}`)
      }
    })),
    { seed, numRuns: runs, endOnFailure: spoil !== asItIs },
  )

  it(`agree under random rules, grants and rows (FC_SEED=${seed})`, async function () {
    this.timeout(120_000)
    const details = await check(asItIs, isGate ? 10 : 25)
    if (details.failed) throw new Error(`${fc.defaultReportMessage(details)}\n${String(details.errorInstance)}`)
  })

  for (const [title, spoil] of Object.entries({
    'a plain NOT in SQL': naiveNot, 'scopes without their subtree': flatScopes, 'no rule taken for no limit': open,
  })) {
    it(`are seen to differ under ${title} (FC_SEED=${seed})`, async function () {
      this.timeout(120_000)
      expect((await check(spoil, 200)).failed).to.equal(true)
    })
  }

  const everything: World = { departments: Array.from(
    { length: 7 }, (_, index) => ({ parent: index === 0 ? null : 0, site: 0, label: 'a' }),
  ),
    rooms: [
    { label: 'a', capacity: 1, accessible: true, kind: 'office', site_id: 's0' },
    { label: 'b', capacity: 2, accessible: true, kind: 'office', site_id: null },
  ] }

  const reached = (rules: readonly RandomRule[], grants: readonly Grant[]): Promise<string[]> => within(everything, async (db) => {
    const resources = resourcesFor(running?.server.assembly.resources ?? new Map(), { department: [], room: rules })
    const room = resourceOf(resources, 'room')
    const actor = { id: 'd0', grants }
    const ability = buildAbility(resources, keyUses(resources, []), 'root', actor)
    const context = { resources, root: 'root', db, actorResource: 'user', within: undefined, grantsOf: () => Promise.resolve([]), keys: [] }
    const rights = rowRights(actor, ability, context)
    const { sql, bindings } = rights.sql('get', room)
    const result: { rows: { id: string }[] } = await db.raw(`select id from rooms where ${sql} and ${ours(room)} order by id`, bindings)
    const inMemory = [await rights.can('get', room, { id: 'r0', siteId: 's0' }), await rights.can('get', room, { id: 'r1', siteId: null })]
    expect(inMemory).to.deep.equal(['r0', 'r1'].map((id) => result.rows.some((row) => row.id === id)))
    return result.rows.map((row) => row.id)
  })

  const rule = (conditions: RandomRule['conditions'], inverted = false): RandomRule =>
    ({ inverted, action: 'get', conditions, fields: undefined })

  it('drop a rule whose value is undefined, never widen it', async () => {
    expect(await reached([rule(undefined)], [])).to.deep.equal(['r0', 'r1'])
    expect(await reached([rule({ siteId: undefined })], [])).to.deep.equal([])
    expect(await reached([rule({ scopes: undefined })], [])).to.deep.equal([])
    expect(await reached([rule({ label: 'a', siteId: undefined })], [])).to.deep.equal([])
    // Found: the decision in memory took undefined for null here, and so said yes.
    expect(await reached([rule({ siteId: { $eq: undefined } })], [])).to.deep.equal([])
    expect(await reached([rule({ siteId: { $in: [undefined] } })], [])).to.deep.equal([])
    expect(await reached([rule({ scopes: { $in: [undefined] } })], [])).to.deep.equal([])
    expect(await reached([rule({ scopes: { $in: [] } })], [])).to.deep.equal([])
    const noScope = { key: 'read-room', scopeId: undefined, deny: false } as unknown as Grant
    expect(await reached([], [noScope])).to.deep.equal([])
  })

  it('let a denial whose value is undefined close the door, not leave it open', async () => {
    const all: Grant = { key: 'read-room', scopeId: null, deny: false }
    expect(await reached([], [all])).to.deep.equal(['r0', 'r1'])
    expect(await reached([rule({ siteId: undefined }, true)], [all])).to.deep.equal([])
  })

  it('never say yes without a row: a right held somewhere is no right here', async () => {
    expect(await reached([], [{ key: 'read-room', scopeId: 's0', deny: false }])).to.deep.equal(['r0'])
    expect(await reached([], [{ key: 'read-room', scopeId: null, deny: false, row: { resource: 'room', id: 'r1' } }])).to.deep.equal(['r1'])
    expect(await reached([], [{ key: 'read-room', scopeId: 's2', deny: false }])).to.deep.equal([])
  })
})

describe('property: rights, in the source', () => {
  it('CASL is asked about rows only: no core file asks it about a type', () => {
    const asked = sources().filter(({ path }) => path.startsWith('core/')).flatMap(({ path }) =>
      [...readFileSync(path, 'utf8').matchAll(/\b[aA]bility\.(?:can|cannot|relevantRuleFor)\((.*)/g)].map((match) =>
        `${path}: ${match[1] ?? ''}`))
    expect(asked).to.not.have.length(0)
    for (const call of asked) expect(call).to.match(/core\/access\/row-rights\.ts: .*await subjectOf\(/)
  })
})
