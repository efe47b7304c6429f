// The links of a many-to-many relation, written: as a whole set, or one at a time.
import type { Knex } from 'knex'
import { resourceOf, type LinkRelation, type Resources } from '../boot/resource.ts'
import { invalidPayload } from '../define/errors.ts'
import type { Payload } from '../define/call.ts'
import { checkScopes, rowExists } from './references.ts'

/** A link: the target's id and the values of the link's own columns. */
export interface LinkValue {
  readonly target: string
  readonly columns: Payload
}

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

/** Adds a link; what is there already stays as it is. */
export const addLink = async (db: Knex, relation: LinkRelation, ownerId: string, link: LinkValue): Promise<void> => {
  await db(relation.table).insert(toColumns(relation, ownerId, link)).onConflict().ignore()
}

/** Removes exactly that link, if it is there. */
export const removeLink = async (db: Knex, relation: LinkRelation, ownerId: string, link: LinkValue): Promise<void> => {
  await db(relation.table).where(toColumns(relation, ownerId, link)).delete()
}

/** What turns the old set into the new one. */
export const linkChanges = (relation: LinkRelation, before: unknown, after: unknown): { added: LinkValue[]; removed: LinkValue[] } => {
  const [old, wanted] = [linksFrom(relation, before), linksFrom(relation, after)]
  const [oldKeys, newKeys] = [new Set(old.map((link) => keyOf(relation, link))), new Set(wanted.map((link) => keyOf(relation, link)))]
  return {
    added: wanted.filter((link) => !oldKeys.has(keyOf(relation, link))),
    removed: old.filter((link) => !newKeys.has(keyOf(relation, link))),
  }
}

/** @throws AppError invalid_payload naming the field when a target or a scope does not exist */
export const checkLinks = async (db: Knex, resources: Resources, relation: LinkRelation, links: readonly LinkValue[]): Promise<void> => {
  const target = resourceOf(resources, relation.target)
  for (const link of [...links].toSorted((a, b) => (a.target < b.target ? -1 : 1))) {
    if (!(await rowExists(db, target.table, link.target))) throw invalidPayload([{ path: relation.name, message: `there is no ${relation.target} "${link.target}"` }])
    await checkScopes(db, relation.columns, link.columns)
  }
}
