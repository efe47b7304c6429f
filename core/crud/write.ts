// What create and update have in common once the rights are settled: columns through the model, links through their tables.
import type { Knex } from 'knex'
import { fieldOf, type Field, type LinkRelation, type OneRelation, type Resource } from '../model/resource.ts'
import { differs } from '../access/decide.ts'
import type { EngineCall } from '../call/operation.ts'
import type { Payload } from '../define/call.ts'
import type { Row } from '../define/rights.ts'
import { placed } from '../db/place.ts'
import { ask, prepared, writesIn, type Prepared } from '../define/statement.ts'
import { linkChanges, writeLinks } from './links.ts'
import { modelOf } from '../db/models.ts'
import { findRow, selectList, toRow } from './select.ts'

/** The relations by which the rows of a resource make a tree. */
export const treesOf = ({ ones }: Resource): OneRelation[] => ones.filter(({ acyclic }) => acyclic)

/** The relations that are fields and that the payload sets. */
export const linkFields = ({ links }: Resource, input: Payload): LinkRelation[] =>
  links.filter(({ isField, name }) => isField && input[name] !== undefined)

const columnsIn = (resource: Resource, values: Payload): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([name]) => resource.fields.get(name)?.source === 'column'))

/** Adds and removes links that are fields. True: there were any. */
const writeLinkFields = async (
  db: Knex, resource: Resource, input: Payload, { id, before }: { readonly id: string; readonly before: Payload | undefined },
): Promise<boolean> => {
  let isWritten = false
  for (const relation of linkFields(resource, input)) {
    const change = linkChanges(relation, before, input)
    await writeLinks(db, id, change)
    isWritten ||= change.added.length + change.removed.length > 0
  }
  return isWritten
}

/** Keeps the row as it was just written, for hooks and for the reply: as long as nothing else is written, it is not read again. */
const keepWritten = async (call: EngineCall, resource: Resource, row: Row): Promise<Row> => {
  call.written = { resource, row, writes: await writesIn(call.db) }
  return row
}

/** The row as it has become. */
export const rowAfter = async (call: EngineCall, resource: Resource, id: string): Promise<Payload> => {
  const row = await findRow(call.db, resource, id)
  return row ? keepWritten(call, resource, row) : { id }
}

/** The same where the row was written by a statement that answered it; undefined: it has to be read. */
const rowWritten = (call: EngineCall, resource: Resource, id: string, row: Row | undefined): Promise<Payload> =>
  row ? keepWritten(call, resource, row) : rowAfter(call, resource, id)

/** A value as the driver takes it: a list would become an array of the database. */
const valueOf = (field: Field, value: unknown): unknown => (field.json && value !== null ? JSON.stringify(value) : value)

const namesOf = (columns: readonly Field[]): string => columns.map(({ column }) => `"${column}"`).join(', ')

/** The statements by which one row is written. */
export const texts = {
  insert: (resource: Resource, columns: readonly Field[]): string =>
    `insert into ${resource.table} (${namesOf(columns)}) values (${columns.map(() => '?').join(', ')}) returning ${selectList(resource)}`,
  update: (resource: Resource, columns: readonly Field[]): string =>
    `update ${resource.table} set ${columns.map(({ column }) => `"${column}" = ?`).join(', ')} where ${resource.table}.id = ?
     returning ${selectList(resource)}`,
}

/** Statements by their columns: a client chooses which it writes, and the database keeps no more of them than these. */
const mostShapes = 64
const shapes = new WeakMap<Resource, Map<string, Prepared>>()

const shapeOf = (resource: Resource, kind: keyof typeof texts, columns: readonly Field[]): Prepared => {
  const known = shapes.get(resource) ?? new Map<string, Prepared>()
  shapes.set(resource, known)
  const key = `${kind} ${columns.map(({ column }) => column).join()}`
  const found = known.get(key) ?? prepared(texts[kind](resource, columns), { rows: true, once: known.size >= mostShapes })
  if (known.size < mostShapes) known.set(key, found)
  return found
}

/** Writes columns and answers the row; undefined: there was nothing to change. A value that no column takes is named by its field. */
const writeColumns = async (
  call: EngineCall, resource: Resource, kind: keyof typeof texts,
  { values, id = [] }: { readonly values: Readonly<Record<string, unknown>>; readonly id?: readonly string[] },
): Promise<Row | undefined> => {
  const columns = Object.keys(values).map((name) => fieldOf(resource, name)).toSorted((a, b) => (a.column < b.column ? -1 : 1))
  const bindings = columns.map((field) => valueOf(field, values[field.name]))
  try {
    const { rows: [row] } = await ask<Record<string, unknown>>(call.db, shapeOf(resource, kind, columns), [...bindings, ...id])
    return row && toRow(row)
  } catch (error) {
    const names = (fields: readonly Field[]): string[] => fields.map(({ name }) => name)
    throw placed(error, [...names(columns), ...id.map(() => '')], names(columns.filter(({ base }) => !base)))
  }
}

/** Inserts a row with its links. */
export const insertRow = async (call: EngineCall, resource: Resource, values: Payload & { readonly id: string }): Promise<Payload> => {
  const { db } = call
  const columns = columnsIn(resource, values)
  if (resource.extend) await modelOf(resource).query(db).insert(columns)
  const row = resource.extend ? undefined : await writeColumns(call, resource, 'insert', { values: columns })
  const isLinked = await writeLinkFields(db, resource, values, { id: values.id, before: undefined })
  return rowWritten(call, resource, values.id, isLinked ? undefined : row)
}

/** Writes what really changes; a payload that changes nothing writes nothing and so is heard by no one. */
export const patchRow = async (call: EngineCall, resource: Resource, before: Row, input: Payload): Promise<Payload> => {
  const { db } = call
  const isNew = ([name, value]: [string, unknown]): boolean => !fieldOf(resource, name).base && differs(value, before[name])
  const changed = Object.fromEntries(Object.entries(columnsIn(resource, input)).filter(isNew))
  const isChanged = Object.keys(changed).length > 0
  let row: Row | undefined = isChanged ? undefined : before
  if (isChanged && resource.extend) await modelOf(resource).query(db).patch(changed).where('id', before.id)
  else if (isChanged) row = await writeColumns(call, resource, 'update', { values: changed, id: [before.id] })
  const isLinked = await writeLinkFields(db, resource, input, { id: before.id, before })
  return rowWritten(call, resource, before.id, isLinked ? undefined : row)
}
