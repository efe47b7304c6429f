// The grants, denies, scopes and rules of an explanation, with what rows are called, as far as who asks may read them.
import type { Demand } from '../access/authorise.ts'
import type { Place } from '../access/scopes.ts'
import type { Seen } from '../access/seen.ts'
import type { EngineCall } from '../call/operation.ts'
import type { ExplainedGrant, ExplainedScope, Explanation, Named } from '../define/explanation.ts'
import type { Actor, Grant, Row } from '../define/rights.ts'
import type { Resource, Resources } from '../model/resource.ts'
import { labelsOf } from './labels.ts'

interface Reasons {
  readonly actor: Actor
  readonly root: string
  readonly seen: Seen
  readonly row: Row | undefined
  readonly demands: readonly Demand[]
  readonly missing: string | undefined
  /** Where the row lies. */
  readonly places: readonly Place[]
}

/** Grants that are told at most, and as many denies; those that reach come first. */
const most = 100

/** Rows whose names are wanted. */
class Wanted extends Map<Resource, Set<string>> {
  want(resource: Resource | undefined, ids: readonly string[]): void {
    if (!resource) return
    const known = this.get(resource) ?? new Set()
    this.set(resource, known)
    for (const id of ids) known.add(id)
  }
}

/** Whether a grant reaches the row; without one, whether it is of those that count for the event. */
const reaches = ({ row, demands, places }: Reasons) => {
  const scopes = new Set(places.flatMap(({ ids }) => ids))
  const isEverywhere = demands.some((demand) => demand.on === 'key' && !demand.anywhere)
  return (grant: Grant): boolean => {
    if (!row) return !isEverywhere || (grant.scopeId === null && grant.row === undefined)
    return grant.row ? grant.row.id === row.id : grant.scopeId === null || scopes.has(grant.scopeId)
  }
}

/** The grants of the keys by which it was decided, and of `root`. */
const grantsOf = ({ actor, root, seen, demands, missing, row }: Reasons): Grant[] => {
  const keys = new Set([root, ...demands.map(({ key }) => key), ...seen.keys, ...(missing === undefined ? [] : [missing])])
  // What reaches other rows alone says nothing of this one.
  return actor.grants.filter((grant) => keys.has(grant.key) && (!row || !grant.row || grant.row.id === row.id))
}

/** The way up to each scope of a grant in which the row lies. */
const waysOf = (grants: readonly Grant[], places: readonly Place[]) => {
  const named = new Set(grants.flatMap(({ scopeId }) => scopeId ?? []))
  return places.flatMap(({ field, kind, ids }) =>
    ids.flatMap((id, index) => (named.has(id) ? [{ id, field, kind, path: ids.slice(0, index + 1) }] : [])))
}

export const tellReasons = async (
  asker: EngineCall, resources: Resources, reasons: Reasons,
): Promise<Pick<Explanation, 'grants' | 'denies' | 'scopes' | 'rules'>> => {
  const { seen, places } = reasons
  const isReached = reaches(reasons)
  const all = grantsOf(reasons)
  const firstOf = (isDeny: boolean): Grant[] => {
    const some = all.filter(({ deny }) => deny === isDeny)
    return [...some.filter(isReached), ...some.filter((grant) => !isReached(grant))].slice(0, most)
  }
  const [granted, denied] = [firstOf(false), firstOf(true)]
  const ways = waysOf([...granted, ...denied], places)

  const kinds = [...resources.values()].filter(({ isScope }) => isScope)
  const wanted = new Wanted()
  const scopeIds = [...granted, ...denied, ...seen.rules].flatMap(({ scopeId }) => scopeId ?? [])
  for (const kind of kinds) wanted.want(kind, scopeIds)
  for (const { from, row } of [...granted, ...denied]) {
    if (from) wanted.want(resources.get(from.resource), [from.id])
    if (row) wanted.want(resources.get(row.resource), [row.id])
  }
  for (const { kind, path } of ways) wanted.want(resources.get(kind), path)
  for (const { told } of seen.rules) if (told.id !== undefined) wanted.want(resources.get(told.resource ?? ''), [told.id])
  const labelled = await labelsOf(asker, wanted)

  const named = (resource: string, id: string): Named => labelled(resource, id) ?? { resource, hidden: true }
  const scope = (id: string | null): Named | null =>
    (id === null ? null : kinds.map(({ name }) => labelled(name, id)).find((found) => found !== undefined) ?? { hidden: true })
  const told = (grant: Grant): ExplainedGrant => ({
    key: grant.key,
    scope: scope(grant.scopeId),
    ...(grant.row ? { row: named(grant.row.resource, grant.row.id) } : {}),
    from: grant.from
      ? { ...named(grant.from.resource, grant.from.id), ...(grant.from.relation === undefined ? {} : { relation: grant.from.relation }) }
      : null,
    reaches: isReached(grant),
  })
  return {
    grants: granted.map(told),
    denies: denied.map(told),
    scopes: ways.map(({ id, field, kind, path }): ExplainedScope => ({
      ...(labelled(kind, id) ?? { hidden: true }), field, path: path.filter((each) => labelled(kind, each) !== undefined),
    })),
    rules: seen.rules.map(({ told: { id, ...rule }, scopeId }) => ({
      ...rule,
      ...(id === undefined || labelled(rule.resource ?? '', id) === undefined ? {} : { id }),
      ...(typeof scopeId === 'string' ? { scope: scope(scopeId) } : {}),
    })),
  }
}
