// A record of a file as what it says of a row: values, and references that are still to be found.
import { createHash } from 'node:crypto'
import { canonical, normaliseText, type Payload } from '#sovrane'
import type { Field, Resource } from '../../core/model/resource.ts'
import { keyOf, treeOf, type By, type Column, type LinksColumn } from './columns.ts'
import type { FileRecord } from './formats/format.ts'
import { canonicalReference } from './lookup.ts'
import { itemsIn } from './references.ts'
import { contentPrefix } from './names.ts'
import { CellFault, valueIn } from './values.ts'

export interface Reference {
  readonly column: string
  readonly target: Resource
  readonly by: By
  /** As lookups compare it. */
  readonly canonical: string
  readonly text: string
}

export interface DraftLink extends Reference {
  /** Values of the link's own columns. */
  readonly values: Payload
}

export interface Draft {
  readonly record: FileRecord
  /** Its place in the file, from 0. */
  readonly n: number
  readonly faults: string[]
  externalId: string | undefined
  id: string | undefined
  /** What the key of `--key` says. */
  key: Reference | undefined
  readonly values: Record<string, unknown>
  /** To-one references by their fields. */
  readonly ones: Map<string, Reference>
  readonly links: Map<LinksColumn, readonly DraftLink[]>
}

/** What every record of a file is read by. */
export interface Reading {
  readonly resource: Resource
  /** By the names of the file. */
  readonly columns: ReadonlyMap<string, Column>
  readonly isText: boolean
  /** A row is looked for by it where it is known by no external id. */
  readonly key: Field | undefined
}

const textIn = (cell: unknown): string | null => {
  if (cell === null || cell === '') return null
  if (typeof cell === 'string') return cell
  throw new CellFault('must be a text')
}

const referenceTo = (column: string, target: Resource, by: By, text: string): Reference =>
  ({ column, target, by, text, canonical: canonicalReference(target, by, text) })

const isObject = (value: unknown): value is Payload => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A link from JSON: a reference, or an object with it and the link's own columns. */
const linkFrom = (column: LinksColumn, item: unknown): DraftLink => {
  const { name, relation, by } = column
  const target = column.kind === 'joins' ? column.owner : relation.target
  if (typeof item === 'string') return { ...referenceTo(name, target, by, item), values: {} }
  if (!isObject(item)) throw new CellFault('must be a list of texts or objects')
  const { [relation.item ?? target.name]: named, [relation.payload]: id, ...values } = item
  const reference = typeof id === 'string' ? referenceTo(name, target, { kind: 'id' }, id)
    : typeof named === 'string' ? referenceTo(name, target, by, named) : undefined
  if (!reference) throw new CellFault(`must name each ${target.name} as "${relation.item ?? target.name}" or "${relation.payload}"`)
  return { ...reference, values }
}

const itemsOf = (cell: unknown): readonly unknown[] => {
  if (cell === null) return []
  if (Array.isArray(cell)) return cell
  if (typeof cell !== 'string') throw new CellFault('must be a list')
  if (!cell.trimStart().startsWith('[')) return itemsIn(cell)
  try {
    const items: unknown = JSON.parse(cell)
    if (Array.isArray(items)) return items
  } catch {
    // Told below.
  }
  throw new CellFault('must be a list such as "Employee; Organiser", or JSON')
}

const fieldValue = (field: Field, cell: unknown, isText: boolean): unknown => {
  if (!isText) return cell
  const text = Array.isArray(cell) ? cell.join('\n') : cell
  return valueIn(field, typeof text === 'string' ? text : null)
}

const isNaming = (column: Column): column is Extract<Column, { readonly kind: 'externalId' | 'id' }> =>
  column.kind === 'externalId' || column.kind === 'id'

const put = (draft: Draft, column: Column, cell: unknown, { isText, key, resource }: Reading): void => {
  if (isNaming(column)) {
    draft[column.kind] = textIn(cell) ?? undefined
    return
  }
  if (column.kind === 'one') {
    const text = textIn(cell)
    draft.values[column.relation.field] = null
    if (text !== null) draft.ones.set(column.relation.field, referenceTo(column.name, column.relation.target, column.by, text))
    return
  }
  if (column.kind === 'links' || column.kind === 'joins')
    return void draft.links.set(column, itemsOf(cell).map((item) => linkFrom(column, item)))
  const value = fieldValue(column.field, cell, isText)
  if (value !== undefined) draft.values[column.field.name] = value
  if (column.field !== key) return
  if (typeof value === 'string' && value !== '')
    draft.key = { column: column.name, target: resource, by: { kind: 'field', field: key }, ...keyed(key, value) }
  else draft.faults.push(`${column.name}: is the key, and empty`)
}

/** A value of a field, as references to it are compared. */
const keyed = (field: Field, value: string): Pick<Reference, 'canonical' | 'text'> =>
  ({ text: value, canonical: `${field.name} ${JSON.stringify([normaliseText(field.schema, value)])}` })

/** Reads a record; what is wrong with its cells is told in `faults`, all together. */
export const draftOf = (record: FileRecord, n: number, reading: Reading): Draft => {
  const draft: Draft = {
    record, n, faults: [], externalId: undefined, id: undefined, key: undefined, values: {}, ones: new Map(), links: new Map(),
  }
  if (record.fault !== undefined) {
    draft.faults.push(record.fault)
    return draft
  }
  for (const [name, cell] of record.cells) {
    const column = reading.columns.get(name)
    if (!column || cell === undefined) continue
    try {
      put(draft, column, cell, reading)
    } catch (error) {
      if (!(error instanceof CellFault)) throw error
      draft.faults.push(`${column.name}: ${error.message}`)
    }
  }
  return draft
}

/** The path of a row within the file's tree, as others may name it. */
const pathOf = ({ ones, values }: Draft, resource: Resource, key: Field): string | undefined => {
  const label = values[key.name]
  if (typeof label !== 'string') return undefined
  const tree = treeOf(resource)
  const parent = tree && ones.get(tree.field)
  const own = normaliseText(key.schema, label)
  if (!parent) return `${key.name} ${JSON.stringify([own])}`
  if (parent.by.kind !== 'key' || parent.canonical.startsWith('id ')) return undefined
  const above = JSON.parse(parent.canonical.slice(parent.canonical.indexOf(' ') + 1)) as string[]
  return `${key.name} ${JSON.stringify([...above, own])}`
}

/** The names by which other records of the file may refer to this one. */
export const ownNames = (draft: Draft, resource: Resource): string[] => {
  const key = keyOf(resource)
  const path = key && pathOf(draft, resource, key)
  return [
    ...(draft.externalId === undefined ? [] : [`externalId ${draft.externalId}`]),
    ...(draft.id === undefined ? [] : [`id ${draft.id}`]),
    ...(path === undefined ? [] : [path]),
    ...(draft.key ? [draft.key.canonical] : []),
  ]
}

/** Names that only one record of a file may have, with how they are told. */
export const uniqueNames = (draft: Draft): (readonly [string, string])[] => [
  ...(draft.externalId === undefined ? [] : [[`externalId ${draft.externalId}`, `externalId "${draft.externalId}"`] as const]),
  ...(draft.id === undefined ? [] : [[`id ${draft.id}`, `id "${draft.id}"`] as const]),
  ...(draft.key ? [[draft.key.canonical, `${draft.key.column} "${draft.key.text}"`] as const] : []),
]

/** What a record says, as an external id for records that have none. The same line twice is two rows: the second has another number. */
export const contentDigest = ({ record }: Draft, columns: Reading['columns']): string => {
  const said = [...record.cells].flatMap(([name, cell]) => {
    const column = columns.get(name)
    return column ? [[column.name, cell ?? null]] : []
  })
  return `${contentPrefix}${createHash('sha256').update(canonical(said)).digest('hex').slice(0, 40)}`
}
