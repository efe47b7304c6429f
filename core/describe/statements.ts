// What a generic event sends to the database, for people who want to see it: the texts that it is asked with, without the long list of
// columns. What hooks, guards, links and references add is not among it.
import type { Operation } from '../call/operation.ts'
import { deletionOf } from '../crud/delete.ts'
import { selectList, statementsOf } from '../crud/select.ts'
import { texts } from '../crud/write.ts'
import { linksOf, type CompiledRelation, type Field, type Resource, type Resources } from '../model/resource.ts'
import { isGeneric, subjectOf } from './messages.ts'

/** One line, with `…` for what is read of a row. */
const short = (resource: Resource, sql: string): string =>
  sql.replaceAll(selectList(resource), '…').replaceAll(/\s+/g, ' ').replaceAll(/, \(select s\.version .*?"~seen", …/g, '…')
    .replaceAll(/\(select s\.version from .*? as "~seen", /g, '').trim()

const columnsOf = ({ fields }: Resource): Field[] =>
  [...fields.values()].filter(({ source, base, name }) => source === 'column' && (!base || name === 'id'))

const written = (resource: Resource): string => short(resource, texts.update(resource, []).replace(' set ', ' set … '))

const reading = (resource: Resource): string => short(resource, statementsOf(resource).byId.sql)
const locking = (resource: Resource, how: 'change' | 'delete'): string => short(resource, statementsOf(resource).lock[how].sql)

const listing = (table: string): string[] => [
  `select count(*) from ${table} where <rights and filter>`,
  `select … from ${table} where <rights and filter> order by <sort> limit $1 (how, is planned by the count: core/crud/rows.ts)`,
]

const ofRelation = ({ action }: Operation, resource: Resource, relation: CompiledRelation): string[] => {
  const { target } = relation
  if (action === 'get') return [reading(resource), reading(target)]
  if (relation.kind === 'one') return [locking(resource, 'change'), written(resource)]
  if (relation.kind === 'owned')
    return action === 'list' ? [reading(resource), ...listing(target.table)] : [locking(target, 'change'), written(target)]
  const { table, own, other } = linksOf(relation)
  if (action === 'list') return [reading(resource), ...listing(`${target.table} join ${table}`)]
  const link = action === 'add' ? `insert into ${table} (${own}, ${other}, …) values … on conflict do nothing`
    : `delete from ${table} where ${own} = $1 and ${other} = $2 and …`
  return [locking(resource, 'change'), link, reading(resource)]
}

/** What is known of it; nothing of events that are not generic. */
export const statementTexts = (operation: Operation, resources: Resources): string[] => {
  const { resource, relation } = subjectOf(operation, resources)
  if (!resource || !isGeneric(operation) || operation.action === 'custom') return []
  if (relation) return ofRelation(operation, resource, relation)
  switch (operation.action) {
    case 'list': return listing(resource.table)
    case 'create': return [short(resource, texts.insert(resource, columnsOf(resource)))]
    case 'update': return [locking(resource, 'change'), written(resource)]
    case 'delete': return [locking(resource, 'delete'), short(resource, deletionOf(resource).sql)]
    default: return [reading(resource)]
  }
}
