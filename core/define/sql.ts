// Pieces of SQL with the values of their `?`, and how they are put together. Each is true or false, never unknown, so that `not` is its
// complement.
import type { Knex } from 'knex'

/** A piece of SQL with the values of its `?`. */
export interface Sql {
  readonly sql: string
  readonly bindings: readonly Knex.RawBinding[]
}

export const always: Sql = { sql: 'true', bindings: [] }
export const never: Sql = { sql: 'false', bindings: [] }

const joined = (parts: readonly Sql[], word: 'and' | 'or', empty: Sql): Sql => {
  const [only = empty] = parts
  if (parts.length < 2) return only
  return { sql: `(${parts.map((part) => part.sql).join(` ${word} `)})`, bindings: parts.flatMap((part) => part.bindings) }
}

/** Every condition holds; of none: true. */
export const allOf = (parts: readonly Sql[]): Sql => joined(parts.filter((part) => part !== always), 'and', always)

/** One of the conditions holds; of none: false. */
export const anyOf = (parts: readonly Sql[]): Sql => joined(parts.filter((part) => part !== never), 'or', never)

/** The condition does not hold, or cannot be told. */
export const not = ({ sql, bindings }: Sql): Sql => ({ sql: `(${sql}) is not true`, bindings })

/** An expression has the value, which may be null. `slot`: the place of the value, where it needs a cast. */
export const equals = (expression: string, value: string | number | boolean | null, slot = '?'): Sql =>
  value === null ? { sql: `${expression} is null`, bindings: [] } : { sql: `${expression} = ${slot}`, bindings: [value] }

/** An expression has another value than this one, or none; with null: it has any. */
export const differs = (expression: string, value: string | number | boolean | null, slot = '?'): Sql =>
  value === null ? { sql: `${expression} is not null`, bindings: [] } : not(equals(expression, value, slot))

/** A pattern of LIKE for the texts that hold a part; `%` and `_` are letters in it. */
export const likePattern = (part: string): string => `%${part.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
