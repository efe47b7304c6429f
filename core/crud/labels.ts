// What rows are called, as far as the caller may read them: many rows of several resources by one statement.
import type { Knex } from 'knex'
import type { EngineCall } from '../call/operation.ts'
import type { Named } from '../define/explanation.ts'
import { ask, reading } from '../define/statement.ts'
import type { Resource } from '../model/resource.ts'
import { expressionOf } from './select.ts'

/** By their resources. */
export type Wanted = ReadonlyMap<Resource, ReadonlySet<string>>

/** The field that people know a row by: the first that is searched. Undefined where not everyone who reads the row may read it. */
const titleOf = ({ rights }: Pick<EngineCall, 'rights'>, resource: Resource): string | undefined => {
  const [name] = resource.list.search
  const field = name === undefined ? undefined : resource.fields.get(name)
  return field?.source === 'column' && rights.sameFields('get', resource)?.has(field.name) === true
    ? expressionOf(resource, field) : undefined
}

/** Finds a row by its resource and id; undefined: there is none, or the caller may not read it. */
export type Labels = (resource: string, id: string) => Named | undefined

export const labelsOf = async (call: EngineCall, wanted: Wanted): Promise<Labels> => {
  const asked = [...wanted].flatMap(([resource, ids]) =>
    (ids.size === 0 ? [] : [{ resource, ids: [...ids], allowed: call.rights.nameableSql(resource) }]))
  const found = new Map<string, Named>()
  if (asked.length > 0) {
    const arms = asked.map(({ resource, allowed }) => {
      const title = titleOf(call, resource)
      return `select '${resource.name}' as resource, ${resource.table}.id, ${title === undefined ? 'null' : `${title}::text`} as label
        from ${resource.table} where ${resource.table}.id = any(?::text[]) and ${allowed.sql}`
    })
    const bindings = asked.flatMap(({ ids, allowed }): Knex.RawBinding[] => [ids, ...allowed.bindings])
    const { rows } = await ask<{ resource: string; id: string; label: string | null }>(call.db, reading(arms.join(' union all ')), bindings)
    for (const { resource, id, label } of rows) found.set(`${resource} ${id}`, { resource, id, label })
  }
  return (resource, id) => found.get(`${resource} ${id}`)
}
