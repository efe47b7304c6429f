// A statement that is asked more than once: written once, named, so that the database plans it once for each connection.
import { createHash } from 'node:crypto'
import type { Knex } from 'knex'

export interface Prepared {
  readonly sql: string
  readonly name?: string
  /** It writes no row of a resource: what was read of one before still holds. */
  readonly quiet: boolean
  /** It answers rows as the engine holds them: times are texts (ISO 8601, in UTC), not `Date`. */
  readonly rows: boolean
}

export interface Result<R> {
  readonly rows: R[]
  readonly rowCount: number
}

/** What a connection has been asked besides quiet statements. */
interface Counting {
  sovraneWrites?: number
}

/** The engine's connection; knex has it, and its types leave it open. */
interface Asking {
  acquireConnection(): Promise<Counting>
  releaseConnection(connection: Counting): Promise<void>
  query(
    connection: Counting, query: { sql: string; bindings: readonly unknown[]; options: { name?: string; rowTimes: boolean } },
  ): Promise<{ response: unknown }>
}

interface Asked {
  /** It writes no row of a resource, so that what was read of one before still holds. */
  readonly quiet?: boolean
  /** It is planned anew each time: for texts without number. */
  readonly once?: boolean
  /** It answers rows as the engine holds them: times are texts (ISO 8601, in UTC), not `Date`. */
  readonly rows?: boolean
}

const nameOf = (sql: string): string => `s${createHash('sha256').update(sql).digest('hex').slice(0, 40)}`

/** `?` stands for a value, as in `knex.raw`. */
export const prepared = (text: string, { quiet = false, once = false, rows = false }: Asked = {}): Prepared => {
  let index = 0
  const sql = text.replaceAll('?', () => `$${(index += 1)}`)
  return { sql, quiet, rows, ...(once ? {} : { name: nameOf(sql) }) }
}

/** Texts that are made while the server runs and keep coming back; the database keeps no more of them than these. */
const mostRecurring = 256
const recurring = new Map<string, Prepared>()

/** A statement whose text comes from a request: planned once while there are not too many of them. It writes nothing. */
export const reading = (text: string): Prepared => {
  const known = recurring.get(text)
  if (known) return known
  const isKept = recurring.size < mostRecurring
  const made = prepared(text, { quiet: true, once: !isKept, rows: true })
  if (isKept) recurring.set(text, made)
  return made
}

export type Scalar = string | number | boolean | null

/** A value as SQL has it. Every connection reads texts by the standard (`core/db/session.ts`): nothing but a quote ends one. */
export const literal = (value: Scalar): string =>
  (typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value))

/** The statement with its values written in, for a message of several. */
export const written = ({ sql }: Prepared, values: readonly Scalar[]): string =>
  sql.replaceAll(/\$(\d+)/g, (_place, number: string) => literal(values[Number(number) - 1] ?? null))

/** A parameter that is a list of texts. */
const list = /\$(\d+)::text\[\]/g
const hasList = new WeakMap<Prepared, boolean>()
const ofOne = new WeakMap<Prepared, Map<string, Prepared>>()

/**
 * The statement for these values: a list of one is told to the planner as such. Of a parameter it assumes ten, so that it planned each
 * call anew for the true length, which took longer than to run it.
 */
const fitted = (statement: Prepared, bindings: readonly unknown[]): Prepared => {
  const lists = hasList.get(statement) ?? statement.sql.search(list) >= 0
  hasList.set(statement, lists)
  if (!lists) return statement
  const single = bindings.flatMap((value, index) => (Array.isArray(value) && value.length === 1 ? [index + 1] : [])).join()
  if (single === '') return statement
  const known = ofOne.get(statement) ?? new Map<string, Prepared>()
  ofOne.set(statement, known)
  const found = known.get(single)
  if (found) return found
  const numbers = new Set(single.split(','))
  const sql = statement.sql.replaceAll(list, (all, number: string) => (numbers.has(number) ? `array[($${number}::text[])[1]]` : all))
  const made = { ...statement, sql, ...(statement.name === undefined ? {} : { name: nameOf(sql) }) }
  known.set(single, made)
  return made
}

/** Asks it, in the transaction of the handle or by a connection of the pool. Errors are the driver's, as those of `knex.raw`. */
export const ask = async <R>(db: Knex, statement: Prepared, bindings: readonly unknown[]): Promise<Result<R>> => {
  const { sql, name, quiet, rows } = fitted(statement, bindings)
  const client = db.client as Asking
  const connection = await client.acquireConnection()
  try {
    if (quiet) connection.sovraneWrites = (connection.sovraneWrites ?? 0) - 1
    const options = { ...(name === undefined ? {} : { name }), rowTimes: rows }
    const { response } = await client.query(connection, { sql, bindings, options })
    return response as Result<R>
  } finally {
    await client.releaseConnection(connection)
  }
}

/** Counts what may have written in the transaction of the handle: equal counts, nothing was written between them. */
export const writesIn = async (trx: Knex): Promise<number> => (await (trx.client as Asking).acquireConnection()).sovraneWrites ?? 0
