// The grants, denies, scopes and rules of an explanation, with what rows are called, as far as who asks may read them.
import type { Demand } from '../access/authorise.ts'
import type { Place } from '../access/scopes.ts'
import type { Seen } from '../access/seen.ts'
import type { EngineCall } from '../call/operation.ts'
import type { ExplainedGrant, ExplainedScope, Explanation, Named } from '../define/explanation.ts'
import type { Actor, Grant, Row } from '../define/rights.ts'
import type { Resource, Resources } from '../model/resource.ts'
import { labelsOf, type Labels } from './labels.ts'

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
export class Wanted extends Map<Resource, Set<string>> {
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

interface Telling {
  readonly labelled: Labels
  readonly named: (resource: string, id: string) => Named
  readonly scope: (id: string | null) => Named | null
  readonly told: (grant: Grant) => Omit<ExplainedGrant, 'reaches'>
}

/** What grants and the rows in them are called. `scopeIds`, `wanted`: further rows. */
export const telling = async (
  asker: EngineCall, resources: Resources, { grants, scopeIds, wanted }:
    { readonly grants: readonly Grant[]; readonly scopeIds: readonly string[]; readonly wanted: Wanted },
): Promise<Telling> => {
  const kinds = [...resources.values()].filter(({ isScope }) => isScope)
  const scopes = [...grants.flatMap(({ scopeId }) => scopeId ?? []), ...scopeIds]
  for (const kind of kinds) wanted.want(kind, scopes)
  for (const { from, row } of grants) {
    if (from) wanted.want(resources.get(from.resource), [from.id])
    if (row) wanted.want(resources.get(row.resource), [row.id])
  }
  const labelled = await labelsOf(asker, wanted)
  const named = (resource: string, id: string): Named => labelled(resource, id) ?? { resource, hidden: true }
  const scope = (id: string | null): Named | null =>
    (id === null ? null : kinds.map(({ name }) => labelled(name, id)).find((found) => found !== undefined) ?? { hidden: true })
  return {
    labelled, named, scope,
    told: ({ key, scopeId, row, from }) => ({
      key, scope: scope(scopeId),
      ...(row ? { row: named(row.resource, row.id) } : {}),
      from: from ? { ...named(from.resource, from.id), ...(from.relation === undefined ? {} : { relation: from.relation }) } : null,
    }),
  }
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

  const wanted = new Wanted()
  for (const { kind, path } of ways) wanted.want(resources.get(kind), path)
  for (const { told } of seen.rules) if (told.id !== undefined) wanted.want(resources.get(told.resource ?? ''), [told.id])
  const scopeIds = seen.rules.flatMap(({ scopeId }) => scopeId ?? [])
  const { labelled, scope, told: tell } = await telling(asker, resources, { grants: [...granted, ...denied], scopeIds, wanted })
  const told = (grant: Grant): ExplainedGrant => ({ ...tell(grant), reaches: isReached(grant) })
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
