// The triggers that a resource needs: without them its changes have no version and reach no client.
import { rightsTopic, rowTopic } from '../define/topics.ts'
import type { Table, TableTrigger } from '../db/catalogue.ts'
import type { LinkRelation, OwnedRelation, Resource } from '../model/resource.ts'

const calls = (table: Table, name: string): TableTrigger[] => table.triggers.filter((trigger) => trigger.function === name)

const inMigration = 'In a migration:'

/** What is missing of the tracking of a resource's own table. */
export const resourceTriggers = (resource: Resource, table: Table): string[] => {
  const scope = resource.isScope ? ', scope: true' : ''
  const track = `await trackChanges(knex, '${table.name}', { resource: '${resource.name}'${scope} })`
  const [stamps, records] = [calls(table, 'sovrane_stamp'), calls(table, 'sovrane_record')]
  const other = [...stamps, ...records].find((trigger) => trigger.arguments[0] !== resource.name)?.arguments[0]
  if (other !== undefined)
    return [`the table "${table.name}" is tracked as that of "${other}". Two resources cannot share a table: choose another plural`]
  const isStamped = stamps.some(({ on }) => on.insert && on.update)
  const isRecorded = records.some(({ on }) => on.insert && on.update && on.delete)
  if (!isStamped || !isRecorded) {
    return [`the table "${table.name}" is not tracked: its rows would have no version, and no one would hear of their changes. ${inMigration} ${track}. If the table is another part's, choose another plural`]
  }
  const isScope = calls(table, 'sovrane_scope').some(({ on }) => on.insert && on.delete)
  if (resource.isScope && !isScope)
    return [
      `is a scope, and the table "${table.name}" is not tracked as one: no grant could be limited to its rows. ${inMigration} ${track}`,
    ]
  return []
}

const touches = (table: Table, owner: string, by: string, isWhen: (when: string) => boolean): boolean => {
  const found = table.triggers.filter(({ function: name, arguments: [ownerTable, column] }) =>
    name.startsWith('sovrane_touch_') && ownerTable === owner && column === by)
  return (['insert', 'delete'] as const).every((event) => found.some(({ on }) => on[event]))
    && found.some((trigger) => trigger.on.update && isWhen(trigger.arguments[2] ?? ''))
}

/** What is missing for a row's move to be heard as a change of the rows that own it. */
export const ownedTriggers = (resource: Resource, { of: { column } }: OwnedRelation, table: Table): string[] => {
  if (touches(table, resource.table, column, (when) => when === '' || when === column)) return []
  return [`a change of "${column}" in the table "${table.name}" is not heard as a change of the ${resource.name}. `
    + `${inMigration} await touchOwner(knex, '${table.name}', { owner: '${resource.table}', by: '${column}', when: '${column}' })`]
}

/** What is missing for a link to be heard as a change of the row at one end of it. */
export const linkTriggers = (resource: Resource, { own }: Pick<LinkRelation, 'own'>, table: Table): string[] => {
  if (touches(table, resource.table, own, () => true)) return []
  return [`a change of the links in the table "${table.name}" is not heard as a change of the ${resource.name}. `
    + `${inMigration} await touchOwner(knex, '${table.name}', { owner: '${resource.table}', by: '${own}' })`]
}

/** What is missing for a link to be heard by those whose rights come from it. */
export const holdsTriggers = ({ holds, other }: LinkRelation, table: Table): string[] => {
  const isAnnounced = calls(table, 'sovrane_announce').some(({ arguments: [topic, id], on }) =>
    topic === rightsTopic && id === other && on.insert && on.delete)
  if (!holds || isAnnounced) return []
  return [`those linked in the table "${table.name}" hold keys, and a change of the links is not announced. `
    + `${inMigration} await announce(knex, '${table.name}', { topic: '${rightsTopic}', id: '${other}' })`]
}

/** Whether every change of what a resource's fields are kept in is told in the feed, by the trigger of a row or for caches alone. */
export const isTold = (resource: Resource, tables: ReadonlyMap<string, Table>): boolean => {
  const own = tables.get(resource.table)
  if (own?.kind !== 'table' || resourceTriggers(resource, own).length > 0) return false
  return [...resource.fields.values()].every(({ stored }) => {
    if (!stored) return true
    const table = tables.get(stored.table)
    if (!table) return false
    const isAnnounced = calls(table, 'sovrane_announce').some(({ arguments: [topic, id], on }) =>
      topic === rowTopic(resource.name) && id === stored.key && on.insert && on.update && on.delete)
    return isAnnounced || touches(table, resource.table, stored.key, (when) => when === '' || when === stored.column)
  })
}
