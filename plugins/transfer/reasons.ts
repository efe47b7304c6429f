// Why an operation refuses a record, in the words of its file.
import type { AppError } from '#sovrane'
import type { Reading } from './draft.ts'

type Details = Readonly<Record<string, unknown>>

const isFault = (detail: unknown): detail is { readonly path: string; readonly message: string } =>
  typeof detail === 'object' && detail !== null && 'path' in detail && 'message' in detail

/** `departmentId` → `department`, `items.3.roles[0]` → `roles`: the column that a path of a payload comes from. */
const columnOf = (path: string, { columns }: Pick<Reading, 'columns'>): string => {
  const field = path.replace(/^items\.\d+\.?/, '').replace(/[.[].*$/, '')
  for (const column of columns.values()) {
    if (column.kind === 'one' && column.relation.field === field) return column.name
    if (column.kind === 'links' && column.relation.name === field) return column.name
  }
  return field
}

const listOf = (value: unknown): string => (Array.isArray(value) ? value.map(String).join(', ') : '')

/** The reasons of a refusal, each a text for the file of refused records. */
export const reasonsOf = ({ code, message, details }: AppError, reading: Pick<Reading, 'columns'>): string[] => {
  if (Array.isArray(details)) {
    return (details as readonly unknown[]).filter(isFault).map(({ path, message: said }) => {
      const column = columnOf(path, reading)
      return column === '' ? said : `${column}: ${said}`
    })
  }
  const { fields, permission, cycle, reason, usedBy: _usedBy } = (details ?? {}) as Details
  if (Array.isArray(fields)) return [`${fields.map((field) => columnOf(String(field), reading)).join(', ')}: is taken by another row`]
  if (typeof permission === 'string') return [`needs the permission "${permission}"`]
  if (Array.isArray(cycle)) return [`would be its own ancestor: ${listOf(cycle)}`]
  return [typeof reason === 'string' ? `${message} (${reason})` : `${message} (${code})`]
}

/** The place in a batch that a refusal is about: of each payload that it names. */
export const placesIn = ({ details }: AppError): Map<number, unknown[]> => {
  const places = new Map<number, unknown[]>()
  if (Array.isArray(details)) {
    for (const fault of (details as readonly unknown[]).filter(isFault)) {
      const place = /^items\.(\d+)/.exec(fault.path)?.[1]
      if (place !== undefined) places.set(Number(place), [...(places.get(Number(place)) ?? []), fault])
    }
    return places
  }
  const { index } = (details ?? {}) as Details
  if (typeof index === 'number') places.set(index, [])
  return places
}
