// Relations of a resource, completed: names of columns, permission keys, payload names.
import type { Many, One } from '../define/relations.ts'
import type { AnyResource } from '../define/resource.ts'
import type { Faults } from './faults.ts'
import { schemaFields } from './fields.ts'
import { checkRelation } from './relation-faults.ts'
import { snakeCase } from './names.ts'
import type { CompiledRelation, LinkColumn, LinkRelation, OneRelation, OwnedRelation, Resource } from './resource.ts'

const initialOf = (value: unknown): string | boolean | null => (typeof value === 'string' || typeof value === 'boolean' ? value : null)

const linkColumns = (schema: Parameters<typeof schemaFields>[0]): LinkColumn[] =>
  schemaFields(schema).map(([name, field]) => ({
    name,
    column: snakeCase(name),
    schema: field,
    scope: field.spec.meta !== undefined && 'scope' in field.spec.meta,
    initial: initialOf(field.getDefault()),
  }))

/** A relation before it is linked: its target is a name. */
type Draft<R extends CompiledRelation> = Omit<R, 'target' | 'otherEnd' | 'inverse'> & { readonly target: string }
export type RelationDraft = Draft<OneRelation> | Draft<OwnedRelation> | Draft<LinkRelation>

/** `<resource>-<relation>-get` and its kin belong to this relation. */
const compileOne = (owner: string, name: string, relation: One, updateKey: string): RelationDraft => ({
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

const compileMany = (owner: string, name: string, relation: Many, updateKey: string): RelationDraft | undefined => {
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
): Map<string, RelationDraft> => {
  const relations = new Map<string, RelationDraft>()
  for (const [name, relation] of Object.entries(definition.relations ?? {})) {
    if (!checkRelation({ definition, name, relation, all, faults })) continue
    const compiled = relation.kind === 'one'
      ? compileOne(definition.name, name, relation, updateKey)
      : compileMany(definition.name, name, relation, updateKey)
    if (compiled) relations.set(name, compiled)
  }
  return relations
}

type Unlocked<T> = { -readonly [K in keyof T]: T[K] }

/** Whether two relations are the two ends of one link. */
const isSameLink = (relation: CompiledRelation, other: CompiledRelation): boolean => {
  if (relation === other || other.target.name !== relation.owner || other.kind === 'one') return false
  if (relation.kind === 'one') return other.kind === 'owned' && other.field === relation.field
  return relation.kind === 'link' && other.kind === 'link' && other.table === relation.table && other.own === relation.other
    && other.other === relation.own
}

/** Puts the relations into their resources, each with its target and the same link as the target declares it. */
export const linkRelations = (
  drafts: ReadonlyMap<string, ReadonlyMap<string, RelationDraft>>,
  resources: ReadonlyMap<string, Resource & { readonly relations: Map<string, CompiledRelation> }>,
): void => {
  for (const [owner, own] of drafts) {
    for (const [name, draft] of own) {
      const target = resources.get(draft.target)
      if (target) resources.get(owner)?.relations.set(name, { ...draft, target })
    }
  }
  for (const resource of resources.values()) {
    for (const relation of resource.relations.values() as Iterable<Unlocked<CompiledRelation>>) {
      const others = [...relation.target.relations.values()]
      const otherEnd = others.find((other) => isSameLink(relation, other) && other.key !== relation.target.keys.update)
      if (otherEnd) relation.otherEnd = otherEnd
      if (relation.kind !== 'owned') continue
      const inverse = others.find((other): other is OneRelation => other.kind === 'one' && other.field === relation.field)
      if (inverse) relation.inverse = inverse
    }
  }
}
