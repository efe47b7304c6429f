// The columns of a file: by their own names, by `--map`, and with what is wrong with them.
import { ArgumentError } from '../../core/boot/command.ts'
import type { Field, Resource, Resources } from '../../core/model/resource.ts'
import { columnNamed, columnNames, isWritable, reasonColumn, type Column } from './columns.ts'
import { FileFault, type Format } from './formats/format.ts'

/** `First name`, `first_name` and `firstName` are one column. */
const folded = (name: string): string => name.toLowerCase().replaceAll(/[\s_-]/g, '')

interface Wanted {
  readonly format: Pick<Format, 'aliases'>
  readonly map: ReadonlyMap<string, string>
  readonly without: readonly string[]
}

const unknownColumn = (name: string, resource: Resource, resources: Resources): string => {
  const field = resource.fields.get(name)
  if (field && !isWritable(field)) return `column "${name}" is not written by anyone: leave it out with --without ${name}`
  const known = columnNames(resource, resources).join(', ')
  const told = name.slice(0, 80)
  return `column "${told}" is not known; ${resource.name} has ${known}. Say --map "${told}=…", or --without "${told}"`
}

/** Which column of a resource each name of a file is; names that are passed over are left out. */
const namedColumns = (
  resource: Resource, resources: Resources, { format: { aliases }, map, without }: Wanted,
): { readonly column: (name: string) => Column | undefined; readonly isPassed: (name: string) => boolean } => {
  const byFolded = new Map(columnNames(resource, resources).map((name) => [folded(name), name]))
  return {
    isPassed: (name) => name === reasonColumn || (map.get(name) ?? aliases[name.toLowerCase()]) === '' || without.includes(name),
    column(name) {
      const given = map.get(name)
      const found = columnNamed(resource, resources, given ?? name)
      const own = given === undefined ? byFolded.get(folded(name)) ?? aliases[name.toLowerCase()] : undefined
      return found ?? (own === undefined ? undefined : columnNamed(resource, resources, own))
    },
  }
}

/**
 * The columns of a file that names them before its records.
 * @throws FileFault that names all that is wrong with them
 */
export const columnsOf = (
  names: readonly string[], resource: Resource, resources: Resources, wanted: Wanted,
): Map<string, Column> => {
  const { column, isPassed } = namedColumns(resource, resources, wanted)
  const [columns, faults, taken] = [new Map<string, Column>(), [] as string[], new Map<string, string>()]
  for (const [at, name] of names.entries()) {
    if (isPassed(name)) continue
    if (name === '') faults.push(`column ${at + 1} has no name`)
    else if (columns.has(name)) faults.push(`two columns are called "${name}"`)
    else {
      const found = column(name)
      const other = found && taken.get(found.name)
      if (!found) faults.push(unknownColumn(name, resource, resources))
      else if (other === undefined) {
        columns.set(name, found)
        taken.set(found.name, name)
      } else faults.push(`columns "${other}" and "${name}" are both ${found.name}`)
    }
  }
  for (const name of wanted.map.keys()) if (!names.includes(name)) faults.push(`--map: the file has no column "${name.slice(0, 80)}"`)
  if (faults.length > 0) throw new FileFault(faults.join('\n'))
  return columns
}

/** The field that rows are recognised by. @throws ArgumentError */
export const keyField = (resource: Resource, columns: Iterable<Column>, name: string | undefined): Field | undefined => {
  if (name === undefined || name === 'externalId' || name === 'id') return undefined
  const field = resource.fields.get(name)
  if (!field || !isWritable(field) || field.source !== 'column' || field.schema.type !== 'string' || !resource.list.filter.has(name))
    throw new ArgumentError(`--key: ${resource.name} has no text field "${name.slice(0, 40)}" by which its list can be filtered`)
  if (![...columns].some((column) => column.kind === 'field' && column.field === field))
    throw new ArgumentError(`--key: the file has no column ${name}`)
  return field
}
