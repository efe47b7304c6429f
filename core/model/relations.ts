// Relations of a resource, completed: names of columns, permission keys, payload names. Each link is seen from both ends.
import type { Inverse, Many, One } from '../define/relations.ts'
import type { AnyResource } from '../define/resource.ts'
import type { Faults } from './faults.ts'
import { schemaFields } from './fields.ts'
import { snakeCase } from './names.ts'
import { checkRelation } from './relation-faults.ts'
import type { CompiledRelation, LinkColumn, LinkRelation, OneRelation, Resource } from './resource.ts'

const initialOf = (value: unknown): string | boolean | null => (typeof value === 'string' || typeof value === 'boolean' ? value : null)

const linkColumns = (schema: Parameters<typeof schemaFields>[0]): LinkColumn[] =>
  schemaFields(schema).map(([name, field]) => ({
    name,
    column: snakeCase(name),
    schema: field,
    scope: field.spec.meta !== undefined && 'scope' in field.spec.meta,
    initial: initialOf(field.getDefault()),
  }))

/** Whose relation, and to whom. */
interface End {
  readonly name: string
  readonly owner: Resource
  readonly target: Resource
}

const compileOne = ({ name, owner, target }: End, { via, permission, acyclic, scope, events }: One): OneRelation => ({
  kind: 'one',
  name,
  owner: owner.name,
  target,
  key: permission ?? owner.keys.update,
  payload: target === owner ? `${name}Id` : `${target.name}Id`,
  field: via,
  column: snakeCase(via),
  acyclic: acyclic ?? false,
  scope: scope ?? false,
  events: events ?? false,
})

/** What a relation to many has, whichever end declares the link. */
const toMany = ({ name, owner, target }: End, { item, cap }: Many | Inverse, permission: string | undefined) => ({
  name,
  owner: owner.name,
  target,
  key: permission ?? owner.keys.update,
  payload: target === owner ? `${item ?? name}Id` : `${target.name}Id`,
  item,
  cap,
})

const compileMany = (end: End, relation: Many): LinkRelation => {
  const { through: { table, own, other, columns, onTargetDelete }, permission, field, holds } = relation
  return {
    ...toMany(end, relation, permission),
    kind: 'link',
    table,
    own: own ?? snakeCase(`${end.owner.name}Id`),
    other: other ?? snakeCase(`${end.target.name}Id`),
    columns: columns ? linkColumns(columns) : [],
    restrict: onTargetDelete === 'restrict',
    isField: field ?? false,
    holds: holds && { keys: holds.keys, reads: holds.reads ?? [] },
  }
}

type Unlocked<T> = { -readonly [K in keyof T]: T[K] }
type Linkable = Resource & { readonly relations: Map<string, CompiledRelation> }

/** Puts the relations of all definitions into their resources; what is wrong goes to `faults`, and is left out. */
export const compileRelations = (
  definitions: ReadonlyMap<string, AnyResource>, resources: ReadonlyMap<string, Linkable>, faults: Faults,
): void => {
  const sound = [...definitions.values()].flatMap((definition) =>
    Object.entries(definition.relations ?? {}).flatMap(([name, relation]) => {
      const isSound = checkRelation({ definition, name, relation, all: definitions, faults })
      const [owner, target] = [resources.get(definition.name), resources.get(relation.target)]
      return isSound && owner && target ? [{ relation, end: { name, owner, target } }] : []
    }))
  const declared = new Map<string, { compiled: Unlocked<OneRelation> | Unlocked<LinkRelation>; permission: string | undefined }>()
  for (const { relation, end } of sound) {
    if (relation.kind === 'inverse') continue
    const compiled = relation.kind === 'one' ? compileOne(end, relation) : compileMany(end, relation)
    declared.set(`${end.owner.name}.${end.name}`, { compiled, permission: relation.permission })
  }
  for (const { relation, end: { name, owner, target } } of sound) {
    const of = declared.get(relation.kind === 'inverse' ? `${target.name}.${relation.inverse}` : `${owner.name}.${name}`)
    if (!of) continue
    let compiled: CompiledRelation = of.compiled
    if (relation.kind === 'inverse') {
      const shared = toMany({ name, owner, target }, relation, of.permission)
      compiled = of.compiled.kind === 'one' ? { ...shared, kind: 'owned', of: of.compiled } : { ...shared, kind: 'linked', of: of.compiled }
      of.compiled.inverse = compiled
    }
    owner.relations.set(name, compiled)
  }
}
