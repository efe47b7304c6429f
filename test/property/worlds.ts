// Random organisations, grants and rules for the property test of rights.
import fc from 'fast-check'
import type { Knex } from 'knex'
import type { Grant } from '../../core/define/index.ts'

export type Values = Readonly<Record<string, unknown>>

export interface RandomRule {
  readonly inverted: boolean
  readonly action: 'list' | 'get' | 'update'
  readonly conditions: Values | undefined
  readonly fields: readonly string[] | undefined
}

/** What one actor is granted, and what the definitions of department and room allow and deny without keys. */
export interface Case {
  readonly grants: readonly Grant[]
  readonly department: readonly RandomRule[]
  readonly room: readonly RandomRule[]
}

/** Values of the rows, by table; references are indexes into the ids below. */
export interface World {
  readonly departments: readonly { parent: number | null; site: number | null; label: string }[]
  readonly rooms: readonly Values[]
}

export const siteIds = ['s0', 's1', 's2']
export const departmentIds = ['d0', 'd1', 'd2', 'd3', 'd4', 'd5', 'd6']
const scopeIds = [...siteIds, ...departmentIds, 'no-such-scope']

// Few values, so that rules and rows often meet; with null, case, and what is special in SQL.
const texts = fc.constantFrom('a', 'b', 'B', 'ab', '', '%', "o'clock", 'é')
const numbers = fc.integer({ min: -2, max: 4 })
const kinds = fc.constantFrom('office', 'meeting', 'storage')
const sites = fc.constantFrom(...siteIds)
const orNull = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values, { freq: 3, nil: null })

/** An organisation whose departments form a forest: each may lie below one before it. */
export const worlds: fc.Arbitrary<World> = fc.record({
  departments: fc.tuple(...departmentIds.map((_, index) => fc.record({
    parent: index === 0 ? fc.constant(null) : orNull(fc.nat(index - 1)),
    site: orNull(fc.nat(siteIds.length - 1)),
    label: texts,
  }))),
  rooms: fc.array(fc.record({
    label: texts, capacity: numbers, height: orNull(fc.constantFrom(-1.5, 0, 0.5, 2)), accessible: fc.boolean(), kind: kinds,
    opens_on: orNull(texts), site_id: orNull(sites),
  }), { minLength: 4, maxLength: 10 }),
})

const columns: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  label: texts, capacity: numbers, height: orNull(fc.constantFrom(-1.5, 0, 0.5, 2)), accessible: fc.boolean(),
  kind: kinds, opensOn: orNull(texts), siteId: orNull(sites),
}
const departmentColumns: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  label: texts, siteId: orNull(sites), parentId: orNull(fc.constantFrom(...departmentIds)), id: fc.constantFrom(...departmentIds),
}

/** Columns that rules compare by order; heights may be null. */
const ordered: Readonly<Record<string, fc.Arbitrary<unknown>>> = { capacity: numbers, height: numbers, label: texts }

/** One test of a column: a value, or operators. */
const testOf = (name: string, values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => fc.oneof(
  values,
  values.map((value) => ({ $eq: value })),
  values.map((value) => ({ $ne: value })),
  fc.array(values, { maxLength: 3 }).map((list) => ({ $in: list })),
  fc.array(values, { maxLength: 3 }).map((list) => ({ $nin: list })),
  ...(name in ordered
    ? [
        fc
          .tuple(fc.constantFrom('$gt', '$gte', '$lt', '$lte'), ordered[name] ?? texts)
          .map(([operator, value]) => ({ [operator]: value })),
      ]
    : []),
)

const scopeTest = fc.array(fc.constantFrom(...scopeIds), { maxLength: 3 }).map((list) => ({ scopes: { $in: list } }))

const conditionsOver = (of: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<Values | undefined> => {
  const single = Object.entries(of).map(([name, values]) => testOf(name, values).map((test): Values => ({ [name]: test })))
  const one = fc.oneof(...single, scopeTest)
  return fc.option(fc.oneof(one, fc.tuple(one, one).map(([a, b]): Values => ({ ...a, ...b }))), { freq: 6, nil: undefined })
}

const rulesOver = (of: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<RandomRule[]> =>
  fc.array(
    fc.record({
      inverted: fc.boolean(), action: fc.constantFrom('list' as const, 'get' as const, 'update' as const),
      conditions: conditionsOver(of),
      fields: fc.option(fc.uniqueArray(fc.constantFrom('id', 'label', 'siteId', 'version'), { minLength: 1, maxLength: 3 }), {
        freq: 3, nil: undefined,
      }),
    }),
    { maxLength: 5 },
  )

const keys = ['root', 'read-rooms', 'read-room', 'update-room', 'read-departments', 'read-department', 'update-department', 'manage-department-hierarchy']

const grants: fc.Arbitrary<Grant[]> = fc.array(fc.record({
  key: fc.constantFrom(...keys),
  scopeId: orNull(fc.constantFrom(...scopeIds)),
  deny: fc.boolean(),
}), { maxLength: 5 })

const rowGrants: fc.Arbitrary<Grant[]> = fc.array(fc.record({
  key: fc.constantFrom('read-room', 'read-rooms', 'read-department'),
  scopeId: fc.constant(null),
  deny: fc.constant(false),
  row: fc.record({ resource: fc.constantFrom('room', 'department'), id: fc.constantFrom('r0', 'r1', 'd0', 'd1') }),
}), { maxLength: 2 })

export const cases: fc.Arbitrary<Case> = fc.record({
  grants: fc.tuple(grants, rowGrants).map(([a, b]) => [...a, ...b]),
  department: rulesOver(departmentColumns),
  room: rulesOver(columns),
})

/** Writes the organisation; the caller rolls it back. */
export const writeWorld = async (db: Knex, { departments, rooms }: World): Promise<void> => {
  await db('sites').insert(siteIds.map((id) => ({ id, label: id })))
  for (const [index, { parent, site, label }] of departments.entries()) {
    await db('departments').insert({
      id: departmentIds[index], label,
      parent_id: parent === null ? null : departmentIds[parent],
      site_id: site === null ? null : siteIds[site],
    })
  }
  await db('rooms').insert(rooms.map((room, index) => ({ ...room, id: `r${index}`, number: `R-${index}`, equipment: '[]' })))
}
