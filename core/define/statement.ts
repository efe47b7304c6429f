// A statement that is asked more than once: written once, named, so that the database plans it once for each connection.
import { createHash } from 'node:crypto'
import type { Knex } from 'knex'

export interface Prepared {
  readonly sql: string
  readonly name?: string
  /** It writes no row of a resource: what was read of one before still holds. */
  readonly quiet: boolean
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
    connection: Counting, query: { sql: string; bindings: readonly unknown[]; options: { name?: string } },
  ): Promise<{ response: unknown }>
}

interface Asked {
  /** It writes no row of a resource, so that what was read of one before still holds. */
  readonly quiet?: boolean
  /** It is planned anew each time: for texts without number. */
  readonly once?: boolean
}

/** `?` stands for a value, as in `knex.raw`. */
export const prepared = (text: string, { quiet = false, once = false }: Asked = {}): Prepared => {
  let index = 0
  const sql = text.replaceAll('?', () => `$${(index += 1)}`)
  return { sql, quiet, ...(once ? {} : { name: `s${createHash('sha256').update(sql).digest('hex').slice(0, 40)}` }) }
}

/** Texts that are made while the server runs and keep coming back; the database keeps no more of them than these. */
const mostRecurring = 256
const recurring = new Map<string, Prepared>()

/** A statement whose text comes from a request: planned once while there are not too many of them. It writes nothing. */
export const reading = (text: string): Prepared => {
  const known = recurring.get(text)
  if (known) return known
  const isKept = recurring.size < mostRecurring
  const made = prepared(text, { quiet: true, once: !isKept })
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

/** Asks it, in the transaction of the handle or by a connection of the pool. Errors are the driver's, as those of `knex.raw`. */
export const ask = async <R>(db: Knex, { sql, name, quiet }: Prepared, bindings: readonly unknown[]): Promise<Result<R>> => {
  const client = db.client as Asking
  const connection = await client.acquireConnection()
  try {
    if (quiet) connection.sovraneWrites = (connection.sovraneWrites ?? 0) - 1
    const { response } = await client.query(connection, { sql, bindings, options: name === undefined ? {} : { name } })
    return response as Result<R>
  } finally {
    await client.releaseConnection(connection)
  }
}

/** Counts what may have written in the transaction of the handle: equal counts, nothing was written between them. */
export const writesIn = async (trx: Knex): Promise<number> => (await (trx.client as Asking).acquireConnection()).sovraneWrites ?? 0
