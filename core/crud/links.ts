// The links of a many-to-many relation, written: as a whole set, or one at a time.
import type { Knex } from 'knex'
import type { LinkRelation } from '../model/resource.ts'
import type { LinkChange, LinkValue } from '../define/change.ts'
import type { Payload } from '../define/call.ts'

const columnsOf = (relation: LinkRelation, from: Payload): Payload =>
  Object.fromEntries(relation.columns.map((column) => [column.name, from[column.name] ?? column.initial]))

/** A link from the payload of an event. */
export const linkFrom = (relation: LinkRelation, payload: Payload): LinkValue =>
  ({ target: String(payload[relation.payload]), columns: columnsOf(relation, payload) })

/** The links that a field of ids or objects stands for, without repetitions. */
export const linksFrom = (relation: LinkRelation, value: unknown): LinkValue[] => {
  const items: unknown[] = Array.isArray(value) ? value : []
  const links = items.map((item) =>
    typeof item === 'object' && item !== null ? linkFrom(relation, item as Payload) : { target: String(item), columns: columnsOf(relation, {}) })
  return [...new Map(links.map((link) => [keyOf(relation, link), link])).values()]
}

const keyOf = (relation: LinkRelation, link: LinkValue): string =>
  JSON.stringify([link.target, ...relation.columns.map((column) => link.columns[column.name] ?? null)])

const toColumns = (relation: LinkRelation, ownerId: string, link: LinkValue): Record<string, unknown> => ({
  [relation.own]: ownerId,
  [relation.other]: link.target,
  ...Object.fromEntries(relation.columns.map((column) => [column.column, link.columns[column.name] ?? column.initial])),
})

/** Adds links; what is there already stays as it is. */
export const addLinks = async (db: Knex, relation: LinkRelation, ownerId: string, links: readonly LinkValue[]): Promise<void> => {
  await db(relation.table).insert(links.map((link) => toColumns(relation, ownerId, link))).onConflict().ignore()
}

/** Removes exactly those links, as far as they are there. */
export const removeLinks = async (db: Knex, relation: LinkRelation, ownerId: string, links: readonly LinkValue[]): Promise<void> => {
  await db(relation.table).where((either) => {
    for (const link of links) either.orWhere(toColumns(relation, ownerId, link))
  }).delete()
}

/** What turns the old set into the new one. */
export const linkChanges = (relation: LinkRelation, before: unknown, after: unknown): LinkChange => {
  const [old, wanted] = [linksFrom(relation, before), linksFrom(relation, after)]
  const [oldKeys, newKeys] = [new Set(old.map((link) => keyOf(relation, link))), new Set(wanted.map((link) => keyOf(relation, link)))]
  return {
    added: wanted.filter((link) => !oldKeys.has(keyOf(relation, link))),
    removed: old.filter((link) => !newKeys.has(keyOf(relation, link))),
  }
}
