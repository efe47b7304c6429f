// The links of a many-to-many relation, written: as a whole set, or one at a time.
import type { Knex } from 'knex'
import type { LinkRelation } from '../model/resource.ts'
import type { LinkChange, LinkValue } from '../define/change.ts'
import type { Payload } from '../define/call.ts'

/** A change of the links of one relation. */
export type RelationLinks = LinkChange & { readonly relation: LinkRelation }

/** The values of a link's own columns, from the payload of an event. */
export const columnsFrom = (relation: LinkRelation, from: Payload): Payload =>
  Object.fromEntries(relation.columns.map((column) => [column.name, from[column.name] ?? column.initial]))

/** A link from the payload of an event. */
export const linkFrom = (relation: LinkRelation, payload: Payload): LinkValue =>
  ({ target: String(payload[relation.payload]), columns: columnsFrom(relation, payload) })

/** The links that a field of ids or objects stands for, without repetitions. */
export const linksFrom = (relation: LinkRelation, value: unknown): LinkValue[] => {
  const items: unknown[] = Array.isArray(value) ? value : []
  const links = items.map((item) =>
    linkFrom(relation, typeof item === 'object' && item !== null ? item as Payload : { [relation.payload]: item }))
  return [...new Map(links.map((link) => [keyOf(relation, link), link])).values()]
}

const keyOf = (relation: LinkRelation, link: LinkValue): string =>
  JSON.stringify([link.target, ...relation.columns.map((column) => link.columns[column.name] ?? null)])

const toColumns = (relation: LinkRelation, ownerId: string, link: LinkValue): Record<string, unknown> => ({
  [relation.own]: ownerId,
  [relation.other]: link.target,
  ...Object.fromEntries(relation.columns.map((column) => [column.column, link.columns[column.name] ?? column.initial])),
})

/** The change that adds or removes one link. */
export const linkChange = (kind: 'add' | 'remove', relation: LinkRelation, link: LinkValue): RelationLinks =>
  ({ relation, added: kind === 'add' ? [link] : [], removed: kind === 'remove' ? [link] : [] })

/**
 * Removes exactly those links, as far as they are there, and adds the others; what is there already stays as it is. One statement for
 * each direction.
 */
export const writeLinks = async (db: Knex, ownerId: string, { relation, added, removed }: RelationLinks): Promise<void> => {
  const columnsOf = (link: LinkValue): Record<string, unknown> => toColumns(relation, ownerId, link)
  const isRemoved = (either: Knex.QueryBuilder): void => {
    for (const link of removed) either.orWhere(columnsOf(link))
  }
  if (removed.length > 0) await db(relation.table).where(isRemoved).delete()
  if (added.length > 0) await db(relation.table).insert(added.map(columnsOf)).onConflict().ignore()
}

/** What turns the links of a row before into those that are wanted. */
export const linkChanges = (relation: LinkRelation, before: Payload | undefined, after: Payload): RelationLinks => {
  const [old, wanted] = [linksFrom(relation, before?.[relation.name]), linksFrom(relation, after[relation.name])]
  const [oldKeys, newKeys] = [new Set(old.map((link) => keyOf(relation, link))), new Set(wanted.map((link) => keyOf(relation, link)))]
  return {
    relation,
    added: wanted.filter((link) => !oldKeys.has(keyOf(relation, link))),
    removed: old.filter((link) => !newKeys.has(keyOf(relation, link))),
  }
}
