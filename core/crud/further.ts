// What a payload may make a mutation ask beside what the row alone decides: told with explanations of rights.
import type { Demand, RowDemand } from '../access/authorise.ts'
import type { EngineCall } from '../call/operation.ts'
import type { Further } from '../define/explanation.ts'
import type { Row } from '../define/rights.ts'
import { always } from '../define/sql.ts'
import { otherEnd, type CompiledRelation, type Resource } from '../model/resource.ts'

type Deciding = Pick<EngineCall, 'rights'>

/** A link that is changed: the keys of both ends, and that by which its target is read, since only what one may read can be named. */
export const furtherOf = (relation: CompiledRelation): Further => {
  const { name, target, key } = relation
  const other = otherEnd(relation)
  return {
    when: 'link', relation: name, resource: target.name, keys: [...new Set([key, ...(other ? [other.key] : []), target.keys.get])],
    ...(relation.kind === 'one' ? { fields: [relation.field] } : relation.kind === 'link' && relation.isField ? { fields: [name] } : {}),
  }
}

/** Who links themselves by a relation that gives keys on its row must hold them already. */
export const furtherSelf = (relation: CompiledRelation): Further[] => {
  const declared = 'of' in relation ? relation.of : relation
  return declared.kind === 'link' && declared.holds
    ? [{ when: 'self', relation: relation.name, resource: relation.owner, keys: declared.holds.keys }] : []
}

/** All links that fields of a create or an update may change. */
export const furtherLinks = ({ ones, links }: Resource): Further[] =>
  [...ones, ...links.filter(({ isField }) => isField)].flatMap((relation) => [furtherOf(relation), ...furtherSelf(relation)])

/** Whether what was decided holds for what the row is to be, too: not where the right reaches only some rows. */
export const furtherResult = ({ rights }: Deciding, { action, resource, key }: Exclude<Demand, { on: 'key' }>): Further[] =>
  (rights.sql(action, resource) === always ? [] : [{ when: 'result', keys: [key], resource: resource.name }])

/** The fields that the right to the row does not reach. */
export const furtherFields = async ({ rights }: Deciding, { action, resource, key }: RowDemand, row: Row): Promise<Further[]> => {
  const beyond: string[] = []
  for (const { name, readOnly, base, fixed } of resource.fields.values()) {
    if (!readOnly && !base && !fixed && !(await rights.can(action, resource, row, name))) beyond.push(name)
  }
  return beyond.length === 0 ? [] : [{ when: 'fields', keys: [key], fields: beyond }]
}

export const furtherGuard = ({ guard, name }: Resource): Further[] => (guard ? [{ when: 'guard', keys: [], resource: name }] : [])
