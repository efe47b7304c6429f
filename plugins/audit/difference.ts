// What differs between a row before and after, and nothing else.
import { canonical } from './signature.ts'

type Fields = Readonly<Record<string, unknown>>

export interface Difference {
  readonly before: Fields
  readonly after: Fields
}

/** The database's own stamps: every change changes them. */
const stamps = new Set(['id', 'version', 'createdAt', 'updatedAt', 'createdBy', 'updatedBy'])

const contentOf = (row: Fields): Fields =>
  Object.fromEntries(Object.entries(row).filter(([name, value]) => !stamps.has(name) && value !== null && value !== undefined))

/** A row that came to be, or went: all that it holds. */
export const created = (row: Fields): Difference => ({ before: {}, after: contentOf(row) })
export const deleted = (row: Fields): Difference => ({ before: contentOf(row), after: {} })

/** The fields whose values differ. */
export const difference = (before: Fields, after: Fields): Difference => {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => !stamps.has(name) && canonical(before[name] ?? null) !== canonical(after[name] ?? null))
  const pick = (row: Fields): Fields => Object.fromEntries(names.map((name) => [name, row[name] ?? null]))
  return { before: pick(before), after: pick(after) }
}

export const isEmpty = ({ before, after }: Difference): boolean => Object.keys(before).length + Object.keys(after).length === 0

export const merge = (one: Difference, other: Difference): Difference =>
  ({ before: { ...one.before, ...other.before }, after: { ...one.after, ...other.after } })
