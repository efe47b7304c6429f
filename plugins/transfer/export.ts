// An export: the rows that the exporter may list, page by page, each as an import takes it.
import type { Payload } from '#sovrane'
import type { Server } from '../../core/boot/server.ts'
import { ArgumentError } from '../../core/boot/command.ts'
import type { Resource } from '../../core/model/resource.ts'
import { columnNamed, columnNames, exportedNames, type Column } from './columns.ts'
import { currentLinks, isAfter } from './links.ts'
import type { Format } from './formats/format.ts'
import { listed, type Door } from './lookup.ts'
import { hasNames, namesOf } from './names.ts'
import { listText } from './references.ts'
import { createNaming, type Naming } from './naming.ts'
import { textOf } from './values.ts'

export interface ExportRequest {
  readonly resource: Resource
  readonly format: Format
  readonly columns: readonly string[] | undefined
  readonly without: readonly string[]
  readonly actorId: string | undefined
}

const unknownColumn = (name: string, { name: resource }: Resource, known: readonly string[]): ArgumentError =>
  new ArgumentError(`--columns: ${resource} has no column "${name.slice(0, 40)}" to export; there are ${known.join(', ')}`)

const columnIn = ({ assembly: { resources } }: Server, resource: Resource, name: string): Column => {
  const column = columnNamed(resource, resources, name)
  if (!column || column.kind === 'joins' || (column.kind === 'field' && column.field.source === 'none'))
    throw unknownColumn(name, resource, columnNames(resource, resources))
  return column
}

const wantedColumns = async (server: Server, { resource, columns, without }: ExportRequest): Promise<Column[]> => {
  const { assembly: { resources }, run } = server
  const names = columns ?? exportedNames(resource, resources)
  const isNamed = columns !== undefined || await run(({ db }) => hasNames(db, resource.name))
  return names.filter((name) => !without.includes(name) && (isNamed || name !== 'externalId'))
    .map((name) => columnIn(server, resource, name))
}

const rowIds = (rows: readonly Payload[]): string[] => rows.map(({ id }) => String(id))

/** A link as its field or its list tells it. */
interface TargetLink {
  readonly target: string
  readonly values: Payload
}

type LinksOf = Extract<Column, { readonly kind: 'links' }>

const inField = ({ relation }: LinksOf, value: unknown): TargetLink[] => (Array.isArray(value) ? value : []).map((item: unknown) => {
  if (typeof item === 'string') return { target: item, values: {} }
  const { [relation.payload]: target, ...values } = item as Payload
  return { target: String(target), values }
})

/** What a list is written as: its names, or JSON where the links have values of their own. */
const linkCell = (column: LinksOf, links: readonly (readonly [string, Payload])[], isText: boolean): unknown => {
  const { relation } = column
  const columns = relation.kind === 'link' ? relation.columns : relation.of.columns
  const items = links.map(([named, values]) => {
    const own = columns.flatMap(({ name, initial }) => ((values[name] ?? initial) === initial ? [] : [[name, values[name]] as const]))
    return own.length === 0 ? named : { [relation.item ?? relation.target.name]: named, ...Object.fromEntries(own) }
  })
  if (!isText) return items
  return items.every((item) => typeof item === 'string') ? listText(items) : JSON.stringify(items)
}

type Cells = readonly (readonly [string, unknown])[]

/** Some rows as cells. */
const cellsOf = async (
  { door, operations, naming, format, resource }: {
    readonly door: Door; readonly operations: Server['assembly']['operations']; readonly naming: Naming; readonly format: Format
    readonly resource: Resource
  },
  columns: readonly Column[], rows: readonly Payload[],
): Promise<Cells[]> => {
  const isText = format.cells === 'text'
  const cells = rows.map(() => [] as (readonly [string, unknown])[])
  const put = (values: readonly unknown[], name: string): void => values.forEach((value, at) => cells[at]?.push([name, value]))
  for (const column of columns) {
    const { name } = column
    if (column.kind === 'id') put(rows.map(({ id }) => id), name)
    else if (column.kind === 'externalId') {
      const names = await door.run(({ db }) => namesOf(db, resource.name, rowIds(rows)))
      put(rows.map(({ id }) => names.get(String(id)) ?? null), name)
    } else if (column.kind === 'field') {
      const { field } = column
      put(rows.map((row) => {
        const value = row[field.name]
        return isText && typeof value !== 'number' ? textOf(field, value) : value ?? null
      }), name)
    } else if (column.kind === 'one') {
      const ids = rows.map((row) => row[column.relation.field])
      const texts = await naming.textsOf(column.relation.target, column.by, ids.filter((id): id is string => typeof id === 'string'))
      put(ids.map((id) => (typeof id === 'string' ? texts.get(id) ?? null : null)), name)
    } else if (column.kind === 'links') {
      const links: TargetLink[][] = []
      for (const row of rows) {
        links.push(isAfter(column)
          ? await currentLinks(door, [...operations.values()], { column, resource: resource.name, id: String(row['id']) })
          : inField(column, row[column.relation.name]))
      }
      const texts = await naming.textsOf(column.relation.target, column.by, links.flat().map(({ target }) => target))
      put(links.map((each) => linkCell(column, each.map(({ target, values }) => [texts.get(target) ?? target, values]), isText)), name)
    }
  }
  return cells
}

/** The file, as one text after the other. @throws ArgumentError */
export async function* exportRows(server: Server, request: ExportRequest, counted: (rows: number) => void): AsyncGenerator<string> {
  const { resource, format, actorId } = request
  const { act, run, assembly: { operations } } = server
  const door: Door = { act, run, actorId }
  const columns = await wantedColumns(server, request)
  const writer = format.writer(columns.map(({ name }) => name), resource.name)
  const place = { door, operations, naming: createNaming(door), format, resource }
  yield writer.head
  let [batch, count]: [Payload[], number] = [[], 0]
  const written = async function* (): AsyncGenerator<string> {
    for (const cells of await cellsOf(place, columns, batch)) {
      count += 1
      yield writer.record(cells)
    }
    counted(count)
    batch = []
  }
  for await (const row of listed(door, resource.name, {})) {
    batch.push(row)
    if (batch.length === 100) yield* written()
  }
  yield* written()
  yield writer.tail
}
