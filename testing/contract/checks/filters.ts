// Checks of filters: each allowed field with each operator, alone and together; everything else is refused.
import { expect } from 'chai'
import { before, describe, it } from '../../runner.ts'
import type { Field, Resource } from '../../../core/model/resource.ts'
import { refusal, type Row } from '../transport.ts'
import { allRows, ask, idsInTable, ok, type Later, type World } from '../world.ts'
import { idsOf, inOrder } from './lists.ts'

const comparisons = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

const kindOf = (field: Field): 'date' | 'number' | 'boolean' | 'text' =>
  field.date ? 'date' : field.schema.type === 'number' ? 'number' : field.schema.type === 'boolean' ? 'boolean' : 'text'

interface Test {
  readonly filter: unknown
  readonly ids: readonly unknown[]
}

const distinct = (rows: readonly Row[], name: string): (string | number | boolean)[] =>
  [...new Set(rows.map((row) => row[name]))].filter((value): value is string | number | boolean =>
    ['string', 'number', 'boolean'].includes(typeof value))

/** Every operator on a field with values that rows have, and the rows that it must give. */
const testsOf = async (world: World, resource: Resource, field: Field, rows: readonly Row[]): Promise<Test[]> => {
  const { name } = field
  const where = (matches: (value: unknown) => boolean): unknown[] => rows.filter((row) => matches(row[name])).map((row) => row['id'])
  const values = distinct(rows, name)
  const some = [...new Set([values[0], values[Math.floor(values.length / 2)]])].filter((value) => value !== undefined)
  const tests: Test[] = [
    { filter: { in: some }, ids: where((value) => some.some((each) => each === value)) },
    { filter: { in: [] }, ids: [] },
    { filter: { isNull: true }, ids: where((value) => value === null) },
    { filter: { isNull: false }, ids: where((value) => value !== null) },
    ...(field.nullable ? [
      { filter: null, ids: where((value) => value === null) }, { filter: { ne: null }, ids: where((value) => value !== null) },
    ] : []),
  ]
  for (const value of some) {
    tests.push({ filter: value, ids: where((each) => each === value) }, { filter: { eq: value }, ids: where((each) => each === value) })
    tests.push({ filter: { ne: value }, ids: where((each) => each !== value) })
    if (kindOf(field) === 'text') {
      const part = String(value).slice(1, -1)
      tests.push({
        filter: { contains: part }, ids: where((each) => typeof each === 'string' && each.toLowerCase().includes(part.toLowerCase())),
      })
    }
    // One value for order: it stands in the middle of the others.
    for (const [operator, sign] of Object.entries(value === some.at(-1) ? comparisons : {})) {
      // Only the database knows its order of texts.
      const found: { id: string }[] =
        await world.server.database.knex(resource.table).select('id').whereRaw(`${inOrder(field)} ${sign} ?`, [value])
      tests.push({ filter: { [operator]: value }, ids: found.map((row) => row.id) })
    }
    tests.push({ filter: { gte: value, lte: value }, ids: where((each) => each === value) })
  }
  return tests
}

const wrongOperands = (field: Field): unknown[] => {
  const other = kindOf(field) === 'text' || kindOf(field) === 'date' ? 42 : 'text'
  return [
    other, { eq: other }, { ne: [] }, { in: 'x' }, { in: [other] }, { in: Array.from({ length: 101 }, () => 'x') }, { gt: null },
    { lte: {} }, { isNull: 'yes' }, { isNull: null },
    {}, [], { like: 'x' }, { '': 'x' }, { constructor_: 1 },
    ...(kindOf(field) === 'text' ? [{ contains: 42 }, { contains: null }, 'x'.repeat(1001)] : [{ contains: 'x' }]),
    ...(kindOf(field) === 'date' ? ['yesterday', '2026-02-30', { gt: '2026' }] : []),
    ...(field.nullable ? [] : [null, { eq: null }]),
  ]
}

interface Tree {
  readonly filter: Row
  readonly holds: (row: Row) => boolean
}

const leaf = (name: string, value: unknown): Tree[] => [
  { filter: { [name]: value }, holds: (row) => row[name] === value },
  { filter: { [name]: { ne: value } }, holds: (row) => row[name] !== value },
  { filter: { [name]: { isNull: true } }, holds: (row) => row[name] === null },
  // Where there is no value it is neither less nor more, and so `not` holds.
  { filter: { not: { [name]: { gte: value, lte: value } } }, holds: (row) => row[name] !== value },
]

const or = (...parts: readonly Tree[]): Tree =>
  ({ filter: { or: parts.map(({ filter }) => filter) }, holds: (row) => parts.some(({ holds }) => holds(row)) })
const and = (...parts: readonly Tree[]): Tree =>
  ({ filter: { and: parts.map(({ filter }) => filter) }, holds: (row) => parts.every(({ holds }) => holds(row)) })
const not = (part: Tree): Tree => ({ filter: { not: part.filter }, holds: (row) => !part.holds(row) })

/** Combinations of conditions on the fields and the id, with what they must hold for. */
const trees = (names: readonly string[], rows: readonly Row[]): Tree[] => {
  const shapes: Tree[] = []
  for (const [at, name] of ['id', ...names].entries()) {
    const [value, other] = [rows[at % rows.length]?.[name], rows.at(-1)?.['id']]
    if (!['string', 'number', 'boolean'].includes(typeof value)) continue
    const byId: Tree = { filter: { id: other }, holds: (row) => row['id'] === other }
    const own: Tree[] = name === 'id' ? [{ filter: { id: value }, holds: (row) => row['id'] === value }] : leaf(name, value)
    for (const tree of own) shapes.push(
      tree, or(tree, byId), and(tree, not(byId)), or(and(tree, byId), byId),
      ...(JSON.stringify(tree.filter).includes('not') ? [] : [not(or(not(tree), byId))]),
    )
  }
  return shapes
}

export const filterChecks = (later: Later, resource: Resource): void => describe('filters', () => {
  const event = `${resource.name}-list-request`
  const fields = [...resource.fields.values()]
  const allowed = fields.filter((field) => resource.list.filter.has(field.name))

  let rows: Row[] = []
  let order: string[] = []
  before(async () => {
    rows = await allRows(later(), resource)
    order = await idsInTable(later(), resource)
  })

  for (const field of allowed) {
    it(`filters by ${field.name} with every operator, exactly`, async () => {
      const world = later()
      for (const { filter, ids } of await testsOf(world, resource, field, rows)) {
        const reply = await ok(world, event, { filter: { [field.name]: filter }, limit: 20 })
        const what = `${field.name} ${JSON.stringify(filter)}`
        const wanted = new Set(ids)
        expect(reply['total'], what).to.equal(wanted.size)
        expect(idsOf(reply['items']), what).to.deep.equal(order.filter((id) => wanted.has(id)).slice(0, 20))
      }
      for (const wrong of wrongOperands(field)) {
        const { details } = refusal(
          await ask(world, event, { filter: { [field.name]: wrong } }), 'invalid_payload',
          `${field.name} ${JSON.stringify(wrong).slice(0, 60)}`,
        )
        for (const { path } of details as { path: string }[]) expect(path).to.match(new RegExp(`^filter\\.${field.name}($|[.[])`))
      }
    })
  }

  it('takes several fields together', async () => {
    const world = later()
    const last = rows.at(-1) ?? {}
    const names = allowed.map((field) => field.name).filter((name) => last[name] !== null && typeof last[name] !== 'object')
    const filter = Object.fromEntries(names.map((name) => [name, last[name]]))
    const reply = await ok(world, event, { filter, limit: 100 })
    expect(idsOf(reply['items'])).to.deep.equal(
      rows.filter((row) => names.every((name) => row[name] === last[name])).map((row) => row['id']),
    )
  })

  it('finds rows by their ids, whatever the definition allows', async () => {
    const world = later()
    const some = [order.at(-1), order[0]].map(String)
    const cases: [unknown, string[]][] = [
      [some[0], some.slice(0, 1)], [{ eq: some[1] }, some.slice(1)], [{ in: [...some, 'no-such-row'] }, some], [{ in: [] }, []],
      ['no-such-row', []],
    ]
    for (const [id, wanted] of cases) {
      const reply = await ok(world, event, { filter: { id }, limit: 100 })
      expect(idsOf(reply['items']), JSON.stringify(id)).to.deep.equal(order.filter((each) => wanted.includes(each)))
    }
    const wrong = [
      42, null, [], {}, { in: Array.from({ length: 101 }, () => 'x') },
      ...(resource.list.filter.has('id') ? [] : [{ ne: 'x' }, { contains: 'x' }, { gt: 'x' }, { isNull: false }]),
    ]
    for (const id of wrong) refusal(await ask(world, event, { filter: { id } }), 'invalid_payload', `id ${JSON.stringify(id).slice(0, 40)}`)
  })

  it('combines conditions by and, or and not, exactly', async () => {
    const world = later()
    const shapes = trees(allowed.map((field) => field.name), rows)
    for (const { filter, holds } of shapes) {
      const reply = await ok(world, event, { filter, limit: 100 })
      const wanted = new Set(rows.filter(holds).map((row) => row['id']))
      expect(reply['total'], JSON.stringify(filter)).to.equal(wanted.size)
      expect(idsOf(reply['items']), JSON.stringify(filter)).to.deep.equal(order.filter((id) => wanted.has(id)).slice(0, 100))
    }
  })

  it('refuses to filter by any other field', async () => {
    const world = later()
    for (const field of fields.filter((each) => each.name !== 'id' && !resource.list.filter.has(each.name))) {
      const { details } = refusal(await ask(world, event, { filter: { [field.name]: 'x' } }), 'invalid_payload', `filter by ${field.name}`)
      expect(details).to.have.nested.property('[0].path', `filter.${field.name}`)
    }
  })
})
