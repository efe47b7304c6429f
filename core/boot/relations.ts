// Relations of a resource, completed: names of columns, permission keys, payload names.
import type { Many, One } from '../define/relations.ts'
import type { AnyResource } from '../define/resource.ts'
import type { Faults } from './faults.ts'
import { schemaFields } from './fields.ts'
import { snakeCase } from './names.ts'
import type { CompiledRelation, LinkColumn } from './resource.ts'

const initialOf = (value: unknown): string | boolean | null => (typeof value === 'string' || typeof value === 'boolean' ? value : null)

const linkColumns = (schema: Parameters<typeof schemaFields>[0]): LinkColumn[] =>
  schemaFields(schema).map(([name, field]) => ({
    name,
    column: snakeCase(name),
    schema: field,
    scope: field.spec.meta !== undefined && 'scope' in field.spec.meta,
    initial: initialOf(field.getDefault()),
  }))

/** `<resource>-<relation>-get` and its kin belong to this relation. */
const compileOne = (owner: string, name: string, relation: One, updateKey: string): CompiledRelation => ({
  kind: 'one',
  name,
  owner,
  target: relation.target,
  key: relation.permission ?? updateKey,
  payload: relation.target === owner ? `${name}Id` : `${relation.target}Id`,
  field: relation.via,
  column: snakeCase(relation.via),
  acyclic: relation.acyclic ?? false,
  scope: relation.scope ?? false,
  events: relation.events ?? false,
})

const compileMany = (owner: string, name: string, relation: Many, updateKey: string): CompiledRelation | undefined => {
  const shared = {
    name,
    owner,
    target: relation.target,
    key: relation.permission ?? updateKey,
    payload: relation.target === owner ? `${relation.item ?? name}Id` : `${relation.target}Id`,
    ...(relation.item === undefined ? {} : { item: relation.item }),
    ...(relation.cap === undefined ? {} : { cap: relation.cap }),
  }
  if (relation.through) {
    const { table, own, other, columns, onTargetDelete } = relation.through
    return {
      ...shared,
      kind: 'link',
      table,
      own: own ?? snakeCase(`${owner}Id`),
      other: other ?? snakeCase(`${relation.target}Id`),
      columns: columns ? linkColumns(columns) : [],
      restrict: onTargetDelete === 'restrict',
      isField: relation.field ?? false,
      ...(relation.holds ? { holds: { keys: relation.holds.keys, reads: relation.holds.reads ?? [] } } : {}),
    }
  }
  if (relation.via === undefined) return undefined
  return { ...shared, kind: 'owned', field: relation.via, column: snakeCase(relation.via) }
}

/** The relations of a definition by name; what is wrong goes to `faults`. */
export const compileRelations = (
  definition: AnyResource,
  updateKey: string,
  all: ReadonlyMap<string, AnyResource>,
  faults: Faults,
): Map<string, CompiledRelation> => {
  const own = new Set(schemaFields(definition.schema).map(([name]) => name))
  const relations = new Map<string, CompiledRelation>()
  for (const [name, relation] of Object.entries(definition.relations ?? {})) {
    const place = `${definition.name}.relations.${name}`
    const target = all.get(relation.target)
    if (!target) faults.add(place, `unknown resource "${relation.target}"`)
    if (relation.kind === 'one' && !own.has(relation.via)) faults.add(place, `there is no field "${relation.via}"`)
    if (relation.kind === 'many' && (relation.via === undefined) === (relation.through === undefined)) faults.add(place, 'needs either "via" or "through"')
    if (relation.kind === 'many' && relation.cap !== undefined && (relation.cap < 1 || relation.cap > 100)) faults.add(place, 'a cap is 1 to 100')
    if (relation.kind === 'many' && relation.via !== undefined && target && !schemaFields(target.schema).some(([field]) => field === relation.via)) {
      faults.add(place, `"${relation.target}" has no field "${relation.via}"`)
    }
    if (relation.kind === 'many' && relation.item !== undefined && relation.via !== undefined && target) {
      const inverse = Object.values(target.relations ?? {}).some((other) => other.kind === 'one' && other.via === relation.via)
      if (!inverse) faults.add(place, `"${relation.target}" has no to-one relation by "${relation.via}"`)
    }
    if (relation.kind === 'one' && relation.scope === true && target && target.scope === undefined) faults.add(place, `"${relation.target}" is no scope`)
    if (relation.kind === 'one' && relation.acyclic === true && relation.target !== definition.name) faults.add(place, 'only a relation of a resource to itself can be acyclic')
    const compiled = relation.kind === 'one' ? compileOne(definition.name, name, relation, updateKey) : compileMany(definition.name, name, relation, updateKey)
    if (compiled && target) relations.set(name, compiled)
  }
  return relations
}
