// The triggers that definitions need: without them changes have no version and reach no client. What is wanted, and what is missing.
import { rightsTopic, rowTopic } from '../define/topics.ts'
import type { Table, TableTrigger } from '../db/catalogue.ts'
import type { InverseRelation, LinkRelation, Resource } from '../model/resource.ts'

export type Tracking =
  | { readonly kind: 'rows'; readonly place: string; readonly resource: string; readonly scope: boolean }
  /** A change here is one of the row that `by` names in the table `owner`; with `when` only a change of that column. */
  | {
      readonly kind: 'touch'; readonly place: string; readonly hears: string; readonly owner: string; readonly by: string
      readonly when: string | undefined
    }
  | { readonly kind: 'announce'; readonly place: string; readonly topic: `~${string}`; readonly id: string }

type Touch = Extract<Tracking, { readonly kind: 'touch' }>

const calls = (table: Table, name: string): TableTrigger[] => table.triggers.filter((trigger) => trigger.function === name)

/** What a resource's own table needs. `inverses`: those of all resources. */
export const ownTracking = (resource: Resource, inverses: readonly InverseRelation[]): Tracking[] => [
  { kind: 'rows', place: resource.name, resource: resource.name, scope: resource.isScope },
  ...inverses.filter((inverse) => inverse.kind === 'owned' && inverse.target === resource).map(({ name, owner, of }): Tracking => {
    const by = of.kind === 'one' ? of.column : of.other
    return { kind: 'touch', place: `${owner}.relations.${name}`, hears: owner, owner: of.target.table, by, when: by }
  }),
]

/** What a table of links needs: both ends that name it hear of it, and those whose rights come from it. */
export const linkTracking = (resource: Resource, { name, own, other, target, inverse, holds }: LinkRelation): Tracking[] => {
  const place = `${resource.name}.relations.${name}`
  const heard: Tracking[] = [{ kind: 'touch', place, hears: resource.name, owner: resource.table, by: own, when: undefined }]
  if (inverse) {
    const end = `${inverse.owner}.relations.${inverse.name}`
    heard.push({ kind: 'touch', place: end, hears: target.name, owner: target.table, by: other, when: undefined })
  }
  if (holds) heard.push({ kind: 'announce', place, topic: rightsTopic, id: other })
  return heard
}

/** The resource that a table is tracked for, where it is another one. */
export const trackedAs = (table: Table, resource: string): string | undefined =>
  [...calls(table, 'sovrane_stamp'), ...calls(table, 'sovrane_record')].find((trigger) => trigger.arguments[0] !== resource)?.arguments[0]

/** The resource whose rows a table is tracked for; undefined: it has those of none, such as a table of links. */
export const trackedFor = (table: Table): string | undefined => calls(table, 'sovrane_stamp')[0]?.arguments[0]

/** What hears of a table whose definition is gone: of its rows, and as a part of others' rows. */
export const trackingOf = (table: Table): Tracking[] => {
  const resource = trackedFor(table)
  return [
    ...(resource === undefined ? [] : [{ kind: 'rows', place: '', resource, scope: isScoped(table) } as const]), ...touchedBy(table),
  ]
}

/** The rows of others that a change of a table is one of. */
export const touchedBy = (table: Table): Touch[] => {
  const touched = new Map(touchesOf(table).map(({ arguments: [owner = '', by = '', when = ''] }) =>
    [`${owner} ${by}`, { owner, by, when: when === '' ? undefined : when }]))
  return [...touched.values()].map((each) => ({ kind: 'touch', place: '', hears: '', ...each }))
}

const isNumbered = (table: Table): boolean =>
  calls(table, 'sovrane_stamp').some(({ on }) => on.insert && on.update)
  && calls(table, 'sovrane_record').some(({ on }) => on.insert && on.update && on.delete)

const isScoped = (table: Table): boolean => calls(table, 'sovrane_scope').some(({ on }) => on.insert && on.delete)

const touchesOf = (table: Table): TableTrigger[] => table.triggers.filter(({ function: name }) => name.startsWith('sovrane_touch_'))

const touches = (table: Table, owner: string, by: string, isWhen: (when: string) => boolean): boolean => {
  const found = touchesOf(table).filter(({ arguments: [ownerTable, column] }) => ownerTable === owner && column === by)
  return (['insert', 'delete'] as const).every((event) => found.some(({ on }) => on[event]))
    && found.some((trigger) => trigger.on.update && isWhen(trigger.arguments[2] ?? ''))
}

const announces = (table: Table, { topic, id }: { readonly topic: string; readonly id: string }): boolean =>
  calls(table, 'sovrane_announce').some(({ arguments: given, on }) => given[0] === topic && given[1] === id && on.insert && on.delete)

/** What of a table's tracking is missing; of its rows, whether it is all of it or the scope alone. */
export const missingTracking = (tracking: Tracking, table: Table): 'all' | 'scope' | undefined => {
  if (tracking.kind === 'rows') {
    if (!isNumbered(table)) return 'all'
    return tracking.scope && !isScoped(table) ? 'scope' : undefined
  }
  if (tracking.kind === 'announce') return announces(table, tracking) ? undefined : 'all'
  const { owner, by, when } = tracking
  return touches(table, owner, by, (given) => when === undefined || given === '' || given === when) ? undefined : 'all'
}

/** Triggers of ours that no definition asks for: they cost, and change nothing. `owners`: the tables of all resources. */
export const spareTracking = (wanted: readonly Tracking[], table: Table, owners: ReadonlySet<string>): Tracking[] => {
  const isWanted = ({ owner, by }: Pick<Touch, 'owner' | 'by'>): boolean =>
    wanted.some((each) => each.kind === 'touch' && each.owner === owner && each.by === by)
  const rows = wanted.find((each) => each.kind === 'rows')
  return [
    ...touchedBy(table).filter((each) => owners.has(each.owner) && !isWanted(each)),
    ...(rows && !rows.scope && isScoped(table) ? [{ ...rows, scope: true }] : []),
  ]
}

/** Whether every change of what a resource's fields are kept in is told in the feed, by the trigger of a row or for caches alone. */
export const isTold = (resource: Resource, tables: ReadonlyMap<string, Table>): boolean => {
  const own = tables.get(resource.table)
  if (own?.kind !== 'table' || !isNumbered(own) || trackedAs(own, resource.name) !== undefined) return false
  if (resource.isScope && !isScoped(own)) return false
  return [...resource.fields.values()].every(({ stored }) => {
    if (!stored) return true
    const table = tables.get(stored.table)
    if (!table) return false
    const isAnnounced = calls(table, 'sovrane_announce').some(({ arguments: [topic, id], on }) =>
      topic === rowTopic(resource.name) && id === stored.key && on.insert && on.update && on.delete)
    return isAnnounced || touches(table, resource.table, stored.key, (when) => when === '' || when === stored.column)
  })
}
