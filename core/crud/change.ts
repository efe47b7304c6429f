// States what a mutation changes and decides whether the actor may: one place for every event that writes a row or moves a link.
import type { Knex } from 'knex'
import { changeAction } from '../access/ability.ts'
import { resourceOf, type CompiledRelation, type LinkRelation, type OneRelation, type Resource, type Resources } from '../model/resource.ts'
import type { EngineCall } from '../call/operation.ts'
import type { Change, LinkChange, LinkValue } from '../define/change.ts'
import type { Payload } from '../define/call.ts'
import { forbidden, invalidPayload, notFound, type Fault } from '../define/errors.ts'
import type { Row } from '../define/rights.ts'
import { authoriseCandidate } from './authorise.ts'
import { checkAcyclic } from './trees.ts'
import { differs } from './write.ts'

/** A link by a field that moves from one row to another. */
interface Move {
  readonly relation: OneRelation
  readonly left: string | undefined
  readonly joined: string | undefined
}

/** A change with what core needs to decide over it. */
export interface StatedChange extends Change {
  readonly moves: readonly Move[]
  readonly linked: readonly (LinkChange & { readonly relation: LinkRelation })[]
}

const isText = (value: unknown): value is string => typeof value === 'string'

const textOf = (value: unknown): string | undefined => (isText(value) ? value : undefined)

/** States the change of a row; `values` are the fields as they are to be, `links` what becomes of its many-to-many relations. */
export const stateChange = (
  resource: Resource,
  { before, after, values, links }: {
    readonly before: Row | undefined
    readonly after: Payload | undefined
    readonly values: Payload
    readonly links: readonly (LinkChange & { readonly relation: LinkRelation })[]
  },
): StatedChange => {
  const linked = links.filter(({ added, removed }) => added.length + removed.length > 0)
  const moves = [...resource.relations.values()].flatMap((relation): Move[] => {
    if (relation.kind !== 'one' || values[relation.field] === undefined) return []
    const [left, joined] = [textOf(before?.[relation.field]), textOf(values[relation.field])]
    return left === joined ? [] : [{ relation, left, joined }]
  })
  const changed = Object.keys(values).filter((name) =>
    resource.fields.get(name)?.source !== 'link' && (before === undefined || differs(values[name], before[name])))
  return {
    resource: resource.name,
    action: before === undefined ? 'create' : after === undefined ? 'delete' : 'update',
    before,
    after,
    fields: new Set([...changed, ...linked.map(({ relation }) => relation.name)]),
    given: new Set([...Object.keys(values), ...links.map(({ relation }) => relation.name)]),
    links: Object.fromEntries(linked.map(({ relation, added, removed }) => [relation.name, { added, removed }])),
    moves,
    linked,
  }
}

/** The same link as the other end declares it, when it names a key of its own for it: both ends are then asked. */
const otherEnd = (resource: Resource, target: Resource, relation: OneRelation | LinkRelation): CompiledRelation | undefined =>
  [...target.relations.values()].find((other) => {
    if (other.target !== resource.name || other.kind === 'one') return false
    const hasKey = other.key !== target.keys.update
    if (relation.kind === 'one') return hasKey && other.kind === 'owned' && other.field === relation.field
    return hasKey && other.kind === 'link' && other.table === relation.table && other.own === relation.other && other.other === relation.own && other !== relation
  })

/** Holds rows until the transaction ends, in the order of their ids, as every writer does. */
export const hold = async (db: Knex, table: string, ids: readonly string[], strength: 'key share' | 'no key update'): Promise<ReadonlySet<string>> => {
  if (ids.length === 0) return new Set()
  const result: { rows: { id: string }[] } = await db.raw(`select id from ${table} where id = any(?::text[]) order by id for ${strength}`, [[...ids]])
  return new Set(result.rows.map((row) => row.id))
}

/**
 * The faults of fields that name what is not there for this actor. What is named is held, so that it is not deleted meanwhile; a row
 * whose own side of the link is written too is held for that by the write, and no longer: many writers may meet at one of them.
 */
const moveFaults = async (call: EngineCall, resources: Resources, { moves, after }: StatedChange): Promise<Fault[]> => {
  const faults: Fault[] = []
  for (const { relation, joined } of moves) {
    // The row itself, which may not be there yet: whether it may refer to itself is asked later.
    if (joined === undefined || (joined === after?.['id'] && relation.target === relation.owner)) continue
    const target = resourceOf(resources, relation.target)
    if (!(await call.rights.nameable(target, [...(await hold(call.db, target.table, [joined], 'key share'))])).has(joined)) {
      faults.push({ path: relation.field, message: `there is no such ${relation.target}` })
    }
  }
  return faults
}

const linkFaults = async (call: EngineCall, resources: Resources, change: StatedChange): Promise<Fault[]> => {
  const faults: Fault[] = []
  for (const { relation, added } of change.linked) {
    const target = resourceOf(resources, relation.target)
    const ids = [...new Set(added.map((link) => link.target))]
    const named = await call.rights.nameable(target, [...(await hold(call.db, target.table, ids, 'key share'))])
    for (const id of ids.filter((each) => !named.has(each))) faults.push({ path: relation.name, message: `there is no ${relation.target} "${id}"` })
  }
  return faults
}

/** The faults of scopes among the links' columns that are not there for this actor. */
const scopeFaults = async (call: EngineCall, resources: Resources, relation: LinkRelation, links: readonly LinkValue[]): Promise<Fault[]> => {
  const faults: Fault[] = []
  for (const column of relation.columns.filter(({ scope }) => scope)) {
    const ids = [...new Set(links.map((link) => link.columns[column.name]).filter(isText))]
    if (ids.length === 0) continue
    const result: { rows: { id: string; resource: string }[] } = await call.db.raw(
      'select id, resource from scopes where id = any(?::text[]) order by id for key share', [ids])
    const seen = new Set<string>()
    for (const name of new Set(result.rows.map((row) => row.resource))) {
      const own = result.rows.filter((row) => row.resource === name).map((row) => row.id)
      for (const id of await call.rights.nameable(resourceOf(resources, name), own)) seen.add(id)
    }
    if (ids.some((id) => !seen.has(id))) faults.push({ path: column.name, message: 'there is no such scope' })
  }
  return faults
}

/** @throws AppError forbidden when a key that the change needs is held nowhere: then it does not matter what it names */
const requireKeys = (call: EngineCall, resource: Resource, resources: Resources, change: StatedChange): void => {
  for (const { relation } of [...change.moves, ...change.linked]) {
    const other = otherEnd(resource, resourceOf(resources, relation.target), relation)
    for (const key of [relation.key, ...(other ? [other.key] : [])]) if (!call.rights.holds(key)) throw forbidden(key)
  }
}

/** This end of each link that moves, on the row as it is and as it would be. */
const decideOwnEnds = async (call: EngineCall, resource: Resource, change: StatedChange): Promise<void> => {
  for (const { relation } of [...change.moves, ...change.linked]) {
    for (const row of [change.before, change.after]) {
      if (row) await authoriseCandidate(call, resource, row, { action: changeAction(relation.name), key: relation.key })
    }
  }
}

/** The other end of each link that moves, on the rows that are left and joined. */
const decideOtherEnds = async (call: EngineCall, resource: Resource, resources: Resources, change: StatedChange): Promise<void> => {
  const ends = [
    ...change.moves.map(({ relation, left, joined }) => ({ relation, ids: [left, joined].filter(isText) })),
    ...change.linked.map(({ relation, added, removed }) => ({ relation, ids: [...added, ...removed].map((link) => link.target) })),
  ]
  for (const { relation, ids } of ends) {
    const target = resourceOf(resources, relation.target)
    const other = otherEnd(resource, target, relation)
    if (!other) continue
    const allowed = await call.rights.among(changeAction(other.name), target, ids)
    // A row that refers to itself has but one end, and may not be there yet.
    const isSelf = (id: string): boolean => relation.target === resource.name && id === change.after?.['id']
    if (ids.some((id) => !allowed.has(id) && !isSelf(id))) throw forbidden(other.key)
  }
}

/**
 * A link that gives rights on its row gives no one more than they have by their own hand: who links themselves must hold them already.
 * To link others is what the relation's key is for. Source: docs/protocol.md §5.
 */
const decideOwnRights = async (call: EngineCall, resource: Resource, change: StatedChange): Promise<void> => {
  const id = change.after?.['id']
  if (!call.actor || typeof id !== 'string') return
  for (const { relation, added } of change.linked) {
    if (!added.some((link) => link.target === call.actor?.id)) continue
    for (const key of relation.holds?.keys ?? []) {
      if (!(await call.rights.covers({ key, scopeId: null, deny: false, row: { resource: resource.name, id } }))) throw forbidden(key)
    }
  }
}

export interface Deciding {
  readonly resources: Resources
  readonly resource: Resource
  /** Decides over the row as it would be, once all that it names is known to be there. */
  readonly row?: (change: StatedChange) => Promise<void>
  /** The row that the event names outright, as the target of a relation. Otherwise fields name rows. */
  readonly target?: { readonly resource: Resource; readonly id: string }
}

/** What one may not read, one cannot name: it does not exist. Source: docs/protocol.md §3.4. */
const requireNamed = async (call: EngineCall, change: StatedChange, { resources, target }: Deciding): Promise<void> => {
  if (target) {
    const there = await hold(call.db, target.resource.table, [target.id], 'key share')
    if (!(await call.rights.nameable(target.resource, [...there])).has(target.id)) throw notFound()
  }
  const faults = target ? [] : [...(await moveFaults(call, resources, change)), ...(await linkFaults(call, resources, change))]
  for (const { relation, added, removed } of change.linked) {
    faults.push(...(await scopeFaults(call, resources, relation, target ? [...added, ...removed] : added)))
  }
  if (faults.length > 0) throw invalidPayload(faults)
}

/**
 * Decides over a change: the keys that it needs, then what it names, then the rows on both ends, then the guard of its resource.
 * All that it touches is held by then.
 * @throws AppError forbidden naming the key, invalid_payload or not_found for what is not there or may not be read, conflict for a cycle
 */
export const decide = async (call: EngineCall, change: StatedChange, deciding: Deciding): Promise<void> => {
  const { resources, resource, row } = deciding
  requireKeys(call, resource, resources, change)
  await requireNamed(call, change, deciding)
  await row?.(change)
  await decideOwnEnds(call, resource, change)
  await decideOtherEnds(call, resource, resources, change)
  await decideOwnRights(call, resource, change)
  for (const { relation } of change.moves) if (relation.acyclic && change.after) await checkAcyclic(call, resource, relation, change.after)
  const check = await resource.guard?.(call, change)
  if (check) call.onceWritten.push(check)
}
