// Defaults: what a schema says a new row has, and what a column gives it, compared by value and not by how the database writes it.
import type { Schema } from 'yup'
import { canonical } from '../define/sealing.ts'

/** `none`: null, when nothing is given. `any`: the definition does not say, or works it out anew each time. */
export type Initial = { readonly kind: 'none' } | { readonly kind: 'any' } | { readonly kind: 'value'; readonly value: unknown }

const isConstant = (value: unknown): boolean => ['string', 'number', 'boolean', 'object'].includes(typeof value) && !(value instanceof Date)

/** What the definition of a field gives a new row. */
export const initialOf = ({ spec }: Pick<Schema, 'spec'>): Initial => {
  // yup keeps what `.default(…)` was given: a function is asked for each row anew.
  const given: unknown = spec.default
  if (given === null) return { kind: 'none' }
  return isConstant(given) ? { kind: 'value', value: given } : { kind: 'any' }
}

/** The places of an expression that stand in no brackets and no quotes, with what stands there. */
const openPlaces = (sql: string): number[] => {
  let depth = 0
  let isQuoted = false
  return sql.split('').flatMap((letter, at) => {
    if (letter === "'") isQuoted = !isQuoted
    if (isQuoted) return []
    if (letter === '(') depth += 1
    if (letter === ')') depth -= 1
    return depth === 0 && letter !== ')' ? [at] : []
  })
}

/** Takes off brackets around all of an expression, and the cast after it. */
const bareOf = (sql: string): string => {
  const text = sql.trim()
  const open = openPlaces(text)
  if (text.startsWith('(') && open.length === 0) return bareOf(text.slice(1, -1))
  const cast = open.find((at) => text.startsWith('::', at))
  return cast === undefined ? text : bareOf(text.slice(0, cast))
}

/** The text of a literal as the database writes it; undefined: it is an expression. */
const textOf = (sql: string): string | undefined => {
  const bare = bareOf(sql)
  const [, escaped, quoted] = /^(E?)'((?:[^']|'')*)'$/s.exec(bare) ?? []
  if (quoted !== undefined) {
    const text = quoted.replaceAll("''", "'")
    return escaped === 'E' ? text.replaceAll('\\\\', '\\') : text
  }
  return /^(?:-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|true|false)$/i.test(bare) ? bare.toLowerCase() : undefined
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether a column's default stands for no value. */
const isNothing = (sql: string | null): boolean => sql === null || bareOf(sql).toLowerCase() === 'null'

const isSame = (value: unknown, sql: string): boolean => {
  const text = textOf(sql)
  if (text === undefined) return false
  if (typeof value === 'string') return text === value
  if (typeof value === 'number') return text.trim() !== '' && Number(text) === value
  if (typeof value === 'boolean') return ['t', 'true', 'f', 'false'].includes(text) && text.startsWith('t') === value
  const other = parsed(text)
  return other !== undefined && canonical(other) === canonical(value)
}

/** Whether a column gives new rows what the definition does. */
export const givesInitial = (initial: Initial, sql: string | null): boolean => {
  if (initial.kind === 'any') return true
  if (initial.kind === 'none') return isNothing(sql)
  return sql !== null && isSame(initial.value, sql)
}

/** The texts that a check of a column allows, where it is a list of them, however it was written; undefined: it is another check. */
export const choicesOf = (column: string, sql: string): string[] | undefined => {
  const [, list] = new RegExp(`^\\(*"?${column}"?\\)?(?:::\\w+)? = (.*)$`, 's').exec(sql) ?? []
  if (list === undefined || / (?:AND|OR) /.test(list.replaceAll(/'(?:[^']|'')*'/g, ''))) return undefined
  const texts = [...list.matchAll(/'((?:[^']|'')*)'/g)].map(([, text = '']) => text.replaceAll("''", "'"))
  return texts.length > 0 ? texts : undefined
}
