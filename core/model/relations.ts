// Relations of a resource, completed: names of columns, permission keys, payload names.
import type { Many, One } from '../define/relations.ts'
import type { AnyResource } from '../define/resource.ts'
import type { Faults } from './faults.ts'
import { schemaFields } from './fields.ts'
import { checkRelation } from './relation-faults.ts'
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

/** The relations of a definition by name; what is wrong goes to `faults`, and is left out. */
export const compileRelations = (
  definition: AnyResource,
  updateKey: string,
  all: ReadonlyMap<string, AnyResource>,
  faults: Faults,
): Map<string, CompiledRelation> => {
  const relations = new Map<string, CompiledRelation>()
  for (const [name, relation] of Object.entries(definition.relations ?? {})) {
    if (!checkRelation({ definition, name, relation, all, faults })) continue
    const compiled = relation.kind === 'one' ? compileOne(definition.name, name, relation, updateKey) : compileMany(definition.name, name, relation, updateKey)
    if (compiled) relations.set(name, compiled)
  }
  return relations
}
