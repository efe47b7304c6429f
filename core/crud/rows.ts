// Which rows a page holds, and what they hold: where many are passed over, their ids come first, from an index alone where there is one.
import type { Resource } from '../model/resource.ts'
import { stillHolds, type Counted } from '../call/cache.ts'
import { allOf, always, anyOf, type Sql } from '../define/sql.ts'
import { prepared, reading, type Prepared } from '../define/statement.ts'
import { selectList } from './select.ts'
import { orderSql, type SortKey } from './sort.ts'

/** A further column of each row, such as one of the link that leads to it. */
export interface Extra {
  readonly name: string
  readonly sql: string
}

export interface Scan {
  readonly resource: Resource
  /** `table` or `table join …`. */
  readonly from: string
  readonly extra: readonly Extra[]
  readonly order: readonly SortKey[]
  /** The rows of the list. */
  readonly all: Sql
  /** Those that come after the cursor, in parts that share no row. */
  readonly after: readonly Sql[]
  readonly counted: Counted
}

export interface Range {
  readonly limit: number
  readonly offset: number
}

export interface Asked {
  readonly statement: Prepared
  readonly bindings: Sql['bindings']
}

/** A statement of a list. Where it asks for values, the database plans best when it knows them: some are in every row, some in none. */
export const listing = (sql: string, { bindings }: Sql): Prepared =>
  (bindings.length > 0 ? prepared(sql, { quiet: true, once: true, rows: true }) : reading(sql))

/** Fewer rows are passed over from the front, wherever the page lies. */
const nearby = 1000

/** An extra column as a key of the order: no two links to one row are equal. */
const keyOf = (sql: string): { readonly sql: string; readonly descending: boolean } =>
  ({ sql: `coalesce(${sql}::text, '')`, descending: false })

/** The keys of the order, the columns of links after those of rows. */
export const keysOf = (order: readonly SortKey[], extra: readonly Extra[]): SortKey[] =>
  [...order, ...extra.map(({ name, sql }) => ({ name, nullable: false, ...keyOf(sql) }))]

/** So many rows are read and sorted in less than a tenth of a second; to pass over a table that is so many times as large takes longer. */
const [readable, part] = [12_000, 20]

/**
 * Whether so few rows are in the list that all of them are read and sorted. In the order of an index, one has to pass over all others,
 * which are many where those of the list lie together; how they lie, the planner does not know.
 */
const isFew = ({ all, counted: { total, size } }: Scan, { limit }: Range): boolean =>
  all !== always && (total ** 2 <= size * limit || (total <= readable && total * part <= size))

const idsOf = (scan: Scan, parts: readonly Sql[], range: Range, order: readonly Pick<SortKey, 'sql' | 'descending'>[]): Sql => {
  const { resource, from, extra } = scan
  const columns = [`${resource.table}.id as "~id"`, ...extra.map(({ name, sql }) => `${sql} as "${name}"`)]
  if (isFew(scan, range)) {
    const { sql, bindings } = allOf([scan.all, ...(scan.after.length > 0 ? [anyOf(scan.after)] : [])])
    const keys = order.map((key, index) => ({ ...key, column: `"~${index}"` }))
    return {
      sql: `with found as materialized (select ${[...columns, ...keys.map((key) => `${key.sql} as ${key.column}`)].join(', ')}
        from ${from} where ${sql})
        select * from found order by ${orderSql(keys.map(({ column, descending }) => ({ sql: column, descending })))}
        limit ${range.limit} offset ${range.offset}`,
      bindings,
    }
  }
  const branches = parts.map(({ sql }) =>
    `(select ${columns.join(', ')} from ${from} where ${sql} order by ${orderSql(order)} limit ${range.limit} offset ${range.offset})`)
  return { sql: branches.join(' union all '), bindings: parts.flatMap(({ bindings }) => bindings) }
}

/** The rows of some ids, in the order of the list. */
const rowsOf = ({ resource, extra, order }: Scan, ids: Sql, { limit }: Range, held: readonly Sql[]): Sql => {
  const { table } = resource
  const columns = [selectList(resource), ...extra.map(({ name }) => `"~page"."${name}"`)]
  const keys = [...order, ...extra.map(({ name }) => keyOf(`"~page"."${name}"`))]
  const where = allOf(held)
  return {
    sql: `select ${columns.join(', ')} from (${ids.sql}) as "~page" join ${table} on ${table}.id = "~page"."~id"
      where ${where.sql} order by ${orderSql(keys)} limit ${limit}`,
    bindings: [...ids.bindings, ...where.bindings],
  }
}

const front = (scan: Scan, range: Range): Asked => {
  const { resource, from, extra, order, all, after } = scan
  const parts = after.length > 0 ? after.map((part) => allOf([all, part])) : [all]
  const keys = keysOf(order, extra)
  const [only = all, ...others] = parts
  // An order by several fields has no index: what is sorted for it had better be small.
  const isPlain = others.length === 0 && range.offset === 0 && order.length <= 2 && !isFew(scan, range)
  const columns = [selectList(resource), ...extra.map(({ name, sql }) => `${sql} as "${name}"`)].join(', ')
  const { sql, bindings } = isPlain
    ? { sql: `select ${columns} from ${from} where ${only.sql} order by ${orderSql(keys)} limit ${range.limit}`, bindings: only.bindings }
    : rowsOf(scan, idsOf(scan, parts, range, keys), range, [])
  return { statement: range.offset > 0 ? prepared(sql, { quiet: true, once: true, rows: true }) : listing(sql, all), bindings }
}

/** From the end: as many rows as the page has before the last ones; none of them if anything has changed since the rows were counted. */
const back = (scan: Scan, range: Range): Asked => {
  const { total, pos } = scan.counted
  const limit = Math.min(range.limit, total - range.offset)
  const keys = keysOf(scan.order, scan.extra).map(({ sql, descending }) => ({ sql, descending: !descending }))
  const ids = idsOf(scan, [scan.all], { limit, offset: total - range.offset - limit }, keys)
  const { sql, bindings } = rowsOf(scan, ids, range, [stillHolds(pos)])
  return { statement: prepared(sql, { quiet: true, once: true, rows: true }), bindings }
}

/** The statements to ask, one after another until one has rows. */
export const scanRows = (scan: Scan, range: Range): Asked[] => {
  const isNearEnd = range.offset >= nearby && range.offset > scan.counted.total / 2
  return [...(isNearEnd ? [back(scan, range)] : []), front(scan, range)]
}
