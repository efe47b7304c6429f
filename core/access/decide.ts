// States what a mutation changes and decides whether the actor may: one place for every event that writes a row or moves a link.
import type { Knex } from 'knex'
import { otherEnd, type CompiledRelation, type LinkRelation, type OneRelation, type Resource } from '../model/resource.ts'
import type { Change, LinkChange, LinkValue } from '../define/change.ts'
import type { Payload } from '../define/call.ts'
import { always } from '../define/sql.ts'
import { ask, reading } from '../define/statement.ts'
import { forbidden, invalidPayload, notFound, type Fault } from '../define/errors.ts'
import type { Row } from '../define/rights.ts'
import { canonical } from '../define/sealing.ts'
import { changeAction } from './ability.ts'
import { authoriseCandidate } from './authorise.ts'
import type { DecidingCall } from './row-rights.ts'
import { checkAcyclic } from './trees.ts'

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

/** Whether two values of a field differ, whatever the order of their keys: the database keeps none. */
export const differs = (a: unknown, b: unknown): boolean => a !== b && canonical(a ?? null) !== canonical(b ?? null)

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
  const moves = resource.ones.flatMap((relation): Move[] => {
    if (values[relation.field] === undefined) return []
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

/** Holds rows until the transaction ends, in the order of their ids, as every writer does. */
export const hold = async (db: Knex, table: string, ids: readonly string[], strength: 'key share' | 'no key update'): Promise<void> => {
  await db.raw(`select id from ${table} where id = any(?::text[]) order by id for ${strength}`, [[...ids]])
}

/** Rows that a change names. */
interface Naming {
  readonly target: Resource
  readonly ids: readonly string[]
}

/**
 * Which of the rows are there for this actor, each as it was asked for: one statement for all. They are held, so that none is deleted
 * meanwhile.
 */
const named = async (call: DecidingCall, namings: readonly Naming[]): Promise<readonly ReadonlySet<string>[]> => {
  const found = namings.map(() => new Set<string>())
  const asked = namings.flatMap(({ target, ids }, index) =>
    (ids.length === 0 ? [] : [{ index, target, ids, allowed: call.rights.nameableSql(target) }]))
  if (asked.length === 0) return found
  const arms = asked.map(({ index, target: { table }, allowed }) =>
    `select ${index} as place, r.id from (
      select id, ${allowed.sql} as allowed from ${table} where id = any(?::text[]) order by id for key share) r where r.allowed`)
  const bindings = asked.flatMap(({ ids, allowed }): Knex.RawBinding[] => [...allowed.bindings, [...ids]])
  const { rows } = await ask<{ place: number; id: string }>(call.db, reading(arms.join(' union all ')), bindings)
  for (const { place, id } of rows) found[place]?.add(id)
  return found
}

/** A fault for each field that names what is not there for this actor. */
interface Reference extends Naming {
  readonly faultOf: (missing: string) => Fault
}

/**
 * The rows that fields name. A row whose own side of the link is written too is held by the write, and no longer than that: many
 * writers may meet at one of them.
 */
const references = ({ moves, linked, after }: StatedChange): Reference[] => [
  // Not the row itself, which may not be there yet: whether it may refer to itself is asked later.
  ...moves.flatMap(({ relation: { target, field, owner }, joined }): Reference[] =>
    (joined === undefined || (joined === after?.['id'] && target.name === owner) ? [] : [{
      target, ids: [joined], faultOf: () => ({ path: field, message: `there is no such ${target.name}` }),
    }])),
  ...linked.map(({ relation: { name, target }, added }): Reference => ({
    target, ids: [...new Set(added.map((link) => link.target))],
    faultOf: (id) => ({ path: name, message: `there is no ${target.name} "${id}"` }),
  })),
]

const referenceFaults = async (call: DecidingCall, change: StatedChange): Promise<Fault[]> => {
  const all = references(change)
  const there = await named(call, all)
  return all.flatMap(({ ids, faultOf }, index) => ids.filter((id) => there[index]?.has(id) !== true).map(faultOf))
}

/** The faults of scopes among the links' columns that are not there for this actor. */
const scopeFaults = async (call: DecidingCall, relation: LinkRelation, links: readonly LinkValue[]): Promise<Fault[]> => {
  const faults: Fault[] = []
  for (const column of relation.columns.filter(({ scope }) => scope)) {
    const ids = [...new Set(links.map((link) => link.columns[column.name]).filter(isText))]
    if (ids.length === 0) continue
    const result: { rows: { id: string; resource: string }[] } = await call.db.raw(
      'select id, resource from scopes where id = any(?::text[]) order by id for key share', [ids])
    const there = await call.rights.nameableScopes(result.rows)
    if (ids.some((id) => !there.has(id))) faults.push({ path: column.name, message: 'there is no such scope' })
  }
  return faults
}

/** @throws AppError forbidden when a key of either end of the link is held nowhere: then it does not matter what a change names */
export const requireEnds = ({ rights }: Pick<DecidingCall, 'rights'>, relation: CompiledRelation): void => {
  for (const end of [relation, otherEnd(relation)]) if (end && !rights.holds(end.key)) throw forbidden(end.key)
}

/** This end of each link that moves, on the row as it is and as it would be. */
const decideOwnEnds = async (call: DecidingCall, resource: Resource, change: StatedChange): Promise<void> => {
  for (const { relation } of [...change.moves, ...change.linked]) {
    for (const row of [change.before, change.after]) {
      if (row) await authoriseCandidate(call, resource, row, { action: changeAction(relation.name), key: relation.key })
    }
  }
}

/** The other end of each link that moves, on the rows that are left and joined. */
const decideOtherEnds = async (call: DecidingCall, resource: Resource, change: StatedChange): Promise<void> => {
  const ends = [
    ...change.moves.map(({ relation, left, joined }) => ({ relation, ids: [left, joined].filter(isText) })),
    ...change.linked.map(({ relation, added, removed }) => ({ relation, ids: [...added, ...removed].map((link) => link.target) })),
  ]
  for (const { relation, ids } of ends) {
    const [end, { target }] = [otherEnd(relation), relation]
    // What is allowed on every row needs no look at these, which are there.
    if (!end || call.rights.sql(changeAction(end.name), target) === always) continue
    const allowed = await call.rights.among(changeAction(end.name), target, ids)
    // A row that refers to itself has but one end, and may not be there yet.
    const isSelf = (id: string): boolean => target === resource && id === change.after?.['id']
    if (ids.some((id) => !allowed.has(id) && !isSelf(id))) throw forbidden(end.key)
  }
}

/**
 * A link that gives rights on its row gives no one more than they have by their own hand: who links themselves must hold them already.
 * To link others is what the relation's key is for. Source: docs/protocol.md §5.
 */
const decideOwnRights = async (call: DecidingCall, resource: Resource, change: StatedChange): Promise<void> => {
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
  readonly resource: Resource
  /** Decides over the row as it would be, once all that it names is known to be there. */
  readonly row?: (change: StatedChange) => Promise<void>
  /** The row that the event names outright, as the target of a relation. Otherwise fields name rows. */
  readonly target?: { readonly resource: Resource; readonly id: string }
}

/** What one may not read, one cannot name: it does not exist. Source: docs/protocol.md §3.4. */
const requireNamed = async (call: DecidingCall, change: StatedChange, target: Deciding['target']): Promise<void> => {
  if (target) {
    const [there] = await named(call, [{ target: target.resource, ids: [target.id] }])
    if (there?.has(target.id) !== true) throw notFound()
  }
  const faults = target ? [] : await referenceFaults(call, change)
  for (const { relation, added, removed } of change.linked) {
    faults.push(...(await scopeFaults(call, relation, target ? [...added, ...removed] : added)))
  }
  if (faults.length > 0) throw invalidPayload(faults)
}

/**
 * Decides over a change: the keys that it needs, then what it names, then the rows on both ends, then the guard of its resource.
 * All that it touches is held by then. Once decided it is the call's change.
 * @throws AppError forbidden naming the key, invalid_payload or not_found for what is not there or may not be read, conflict for a cycle
 */
export const decide = async (call: DecidingCall, change: StatedChange, { resource, row, target }: Deciding): Promise<void> => {
  for (const { relation } of [...change.moves, ...change.linked]) requireEnds(call, relation)
  await requireNamed(call, change, target)
  await row?.(change)
  await decideOwnEnds(call, resource, change)
  await decideOtherEnds(call, resource, change)
  await decideOwnRights(call, resource, change)
  for (const { relation } of change.moves) if (relation.acyclic && change.after) await checkAcyclic(call, resource, relation, change.after)
  call.change = change
  const check = await resource.guard?.(call, change)
  if (check) call.onceWritten.push(check)
}
