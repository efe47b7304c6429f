// Asks the three places that decide on rights the same question, and tells where they differ.
import type { Knex } from 'knex'
import { buildAbility, keyUses } from '../../core/access/ability.ts'
import { rowRights, type RowRights } from '../../core/access/row-rights.ts'
import { readWithin } from '../../core/access/scopes.ts'
import type { Sql } from '../../core/define/sql.ts'
import { fieldOf, resourceOf, type Resource, type Resources } from '../../core/model/resource.ts'
import { selectList, toRow } from '../../core/crud/select.ts'
import type { Row, RuleBuilder } from '../../core/define/rights.ts'
import type { Case, RandomRule } from './worlds.ts'

const actorId = 'd0'

const withRules = (resource: Resource, rules: readonly RandomRule[]): Resource => ({
  ...resource,
  permissions: ({ allow, deny }: RuleBuilder) => {
    for (const { inverted, action, conditions, fields } of rules) (inverted ? deny : allow)(action, conditions, fields)
  },
})

/** The resources with the rules of a case in place of their own. */
export const resourcesFor = (resources: Resources, { department, room }: Pick<Case, 'department' | 'room'>): Resources => new Map([
  ...resources,
  ['department', withRules(resourceOf(resources, 'department'), department)],
  ['room', withRules(resourceOf(resources, 'room'), room)],
])

/** Makes a correct condition wrong, to show that the property notices. */
export type Spoil = (sql: Sql) => Sql

export const asItIs: Spoil = (sql) => sql

/** The rows of the random organisation: other suites have theirs in the same tables. */
export const ours = (resource: Resource): string => `${resource.table}.id ~ '^[dr][0-9]$'`

const readAll = async (db: Knex, resource: Resource): Promise<Row[]> => {
  const result: { rows: Record<string, unknown>[] } = await db.raw(
    `select ${selectList(resource)} from ${resource.table} where ${ours(resource)} order by id`,
  )
  return result.rows.map(toRow)
}

const idsWhere = async (db: Knex, resource: Resource, { sql, bindings }: Sql): Promise<Set<unknown>> => {
  const result: { rows: { id: string }[] } = await db.raw(
    `select ${resource.table}.id from ${resource.table} where ${sql} and ${ours(resource)}`, bindings,
  )
  return new Set(result.rows.map((row) => row.id))
}

const actionsOf = (resource: Resource): string[] => [
  'list', 'get', 'update', 'delete', ...[...resource.relations.keys()].map((name) => `change:${name}`),
]

interface Rows { readonly resource: Resource; readonly rows: readonly Row[]; readonly whole: boolean }

/** Where the fields that a list hides by SQL are not those that it leaves out of its rows. */
const hiddenDisagreements = async (db: Knex, rights: RowRights, { resource, rows, whole }: Rows): Promise<string[]> => {
  const found: string[] = []
  const reach = whole ? { sql: 'true', bindings: [] } : rights.sql('list', resource)
  const reached = await idsWhere(db, resource, reach)
  for (const name of ['label', 'siteId', 'version', 'createdAt']) {
    const hidden = rights.hidden('list', resource, fieldOf(resource, name), whole)
    const bySql = hidden ? await idsWhere(db, resource, hidden) : new Set()
    for (const row of rows.filter(({ id }) => reached.has(id))) {
      const shown = (await rights.fields('list', resource, row, whole)).has(name)
      if (shown === bySql.has(row.id))
        found.push(
          `list ${resource.name} ${row.id}.${name}${whole
            ? ' (whole)'
            : ''}: SQL hides ${String(bySql.has(row.id))}, memory shows ${String(shown)}`,
        )
    }
  }
  return found
}

/** Every disagreement between the SQL, the decision in memory and the projection; none is what we want. */
export const disagreements = async (db: Knex, all: Resources, given: Case, spoil: Spoil): Promise<string[]> => {
  const resources = resourcesFor(all, given)
  const actor = { id: actorId, grants: given.grants }
  const ability = buildAbility(resources, keyUses(resources, []), 'root', actor)
  const rights = rowRights(actor, ability, {
    resources, root: 'root', db, actorResource: 'user', grantsOf: () => Promise.resolve([]), keys: [],
    within: (resource, scopes) => readWithin(db, resource, scopes),
  })
  const found: string[] = []
  for (const name of ['department', 'room']) {
    const resource = resourceOf(resources, name)
    const rows = await readAll(db, resource)
    for (const whole of [false, true]) found.push(...(await hiddenDisagreements(db, rights, { resource, rows, whole })))
    for (const action of actionsOf(resource)) {
      const bySql = await idsWhere(db, resource, spoil(rights.sql(action, resource)))
      const written = await idsWhere(db, resource, spoil(await rights.reach(action, resource)))
      const [plain, listed] = [bySql, written].map((ids) => [...ids].map(String).toSorted().join(' '))
      if (plain !== listed) found.push(`${action} ${name}: SQL reaches ${plain}, with its scopes written out ${listed}`)
      for (const row of rows) {
        const inMemory = await rights.can(action, resource, row)
        const place = `${action} ${name} ${row.id}`
        if (bySql.has(row.id) !== inMemory) found.push(`${place}: SQL says ${String(!inMemory)}, memory ${String(inMemory)}`)
        // The projection is asked about rows that are seen; what it says of others nobody hears.
        const projected = await rights.fields(action, resource, row)
        for (const field of ['id', 'label', 'siteId', 'version', 'createdAt']) {
          const reached = await rights.can(action, resource, row, field)
          if (inMemory && projected.has(field) !== reached)
            found.push(`${place}.${field}: projection says ${String(projected.has(field))}, memory ${String(reached)}`)
          if (reached && !inMemory) found.push(`${place}.${field}: the field is reached and the row is not`)
        }
      }
    }
  }
  return found
}
