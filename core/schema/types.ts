// The SQL type of a field: what its column is made as, and whether one that is there can hold its values.
import type { TableColumn } from '../db/catalogue.ts'
import type { Field } from '../model/resource.ts'

/** The types that columns of fields are made as. */
export type SqlType = 'text' | 'integer' | 'bigint' | 'double precision' | 'boolean' | 'timestamp(3) with time zone' | 'jsonb'

type Typed = Pick<Field, 'schema' | 'date' | 'json'>

/** What a kind of yup schema cannot be kept in, whatever the value. Texts are kept in many types. */
const misfits: Readonly<Record<string, RegExp>> = {
  string: /^(?:bool|int2|int4|int8|float4|float8|jsonb?|bytea|_.*)$/,
  number: /^(?:bool|text|varchar|bpchar|citext|uuid|date|timestamp|timestamptz|time|timetz|jsonb?|bytea|_.*)$/,
  boolean: /^(?!bool$)/,
  array: /^(?!jsonb?$)/,
  object: /^(?!jsonb?$)/,
  mixed: /^(?!jsonb?$)/,
  date: /^(?!date$|timestamp$|timestamptz$)/,
}

/** The greatest whole number of a type. */
const greatest: Readonly<Record<string, number>> = { int2: 32_767, int4: 2_147_483_647, int8: Number.MAX_SAFE_INTEGER }

const paramOf = ({ schema }: Pick<Field, 'schema'>, test: string): number | undefined => {
  const value: unknown = schema.describe().tests.find(({ name }) => name === test)?.params?.[test]
  return typeof value === 'number' ? value : undefined
}

const isWhole = ({ schema }: Pick<Field, 'schema'>): boolean => schema.describe().tests.some(({ name }) => name === 'integer')

/** The bound of a number that is farthest from zero, where it has one. */
const farthest = (field: Typed): number => Math.max(...[paramOf(field, 'min'), paramOf(field, 'max')].map((bound) => Math.abs(bound ?? 0)))

const numberType = (field: Typed): SqlType => {
  if (!isWhole(field)) return 'double precision'
  return farthest(field) > (greatest['int4'] ?? 0) ? 'bigint' : 'integer'
}

/** What the column of a field is made as. */
export const sqlTypeOf = (field: Typed): SqlType => {
  if (field.json) return 'jsonb'
  if (field.date) return 'timestamp(3) with time zone'
  if (field.schema.type === 'number') return numberType(field)
  return field.schema.type === 'boolean' ? 'boolean' : 'text'
}

/** `narrow`: it holds values, but not all that the definition allows. `misfit`: it holds none of them as they are. */
export const fitOf = (field: Typed, { type, sqlType }: TableColumn): 'fits' | 'narrow' | 'misfit' => {
  const { schema } = field
  if (misfits[schema.type]?.test(type) === true) return 'misfit'
  const [, length] = /^character varying\((\d+)\)$/.exec(sqlType) ?? []
  if (schema.type === 'string' && length !== undefined) return (paramOf(field, 'max') ?? Infinity) > Number(length) ? 'narrow' : 'fits'
  const most = schema.type === 'number' ? greatest[type] : undefined
  if (most === undefined) return 'fits'
  return isWhole(field) && farthest(field) <= most ? 'fits' : 'narrow'
}

/** A type as people write it, such as `timestamptz(3)`. */
export const shortType = (sqlType: string): string =>
  sqlType.replace(/^timestamp(\(\d\))? with time zone$/, 'timestamptz$1').replace(/^character varying/, 'varchar')

/** Types whose values are of one kind, so that one could be the other under a new name. */
const families: readonly RegExp[] = [
  /^(?:text|character)/, /^(?:smallint|integer|bigint|numeric|double|real)/, /^(?:timestamp|date)/, /^json/,
]

/** Whether a column could hold what another one held. */
export const isAlike = (one: string, other: string): boolean =>
  one === other || families.some((family) => family.test(one) && family.test(other))

/** How values of one type become values of another: `safe` loses nothing or fails as a whole, `lossy` may lose a part. */
export const castOf = (from: string, to: string): { readonly kind: 'safe' | 'lossy'; readonly using: (column: string) => string } => {
  const plain = (column: string): string => `${column}::${shortType(to)}`
  if (to.startsWith('json')) return { kind: 'safe', using: /^(?:text|character)/.test(from) ? plain : (column) => `to_jsonb(${column})` }
  if (from.startsWith('json')) return { kind: 'safe', using: (column) => `(${column} #>> '{}')::${shortType(to)}` }
  const isRounded = /^(?:numeric|double|real)/.test(from) && /^(?:integer|bigint|smallint)/.test(to)
  return { kind: isRounded || (from.startsWith('timestamp') && to === 'date') ? 'lossy' : 'safe', using: plain }
}
