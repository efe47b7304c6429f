// The database of limit: a pool of connections to PostgreSQL, or PGlite within the process where DATA_DIR says so.
import type { Payload } from './checks.ts'
import type { Statement } from './statements.ts'

export interface Database {
  query(statement: Statement, values: readonly unknown[]): Promise<readonly Payload[]>
  close(): Promise<void>
}

/** As many connections as Sovrane has by default. */
const poolSize = 10

/** ISO 8601 of what PostgreSQL writes, of a time in UTC: the client gets text, so that no Date is needed between. */
const isoOf = (text: string): string => {
  const [time = '', thousandths = ''] = text.slice(11, -3).split('.')
  return `${text.slice(0, 10)}T${time}.${thousandths.padEnd(3, '0')}Z`
}

const openPool = async (connectionString: string): Promise<Database> => {
  const { default: pg } = await import('pg')
  pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, isoOf)
  const pool = new pg.Pool({ connectionString, max: poolSize, options: '-c timezone=UTC' })
  pool.on('error', () => undefined)
  return {
    query: async ({ name, text }, values) => (await pool.query<Payload>({ name, text, values: [...values] })).rows,
    close: () => pool.end(),
  }
}

const openEmbedded = async (dataDir: string): Promise<Database> => {
  const { PGlite } = await import('@electric-sql/pglite')
  const engine = await PGlite.create({ dataDir: `${dataDir}/database` })
  return {
    query: async ({ text }, values) => (await engine.query<Payload>(text, [...values])).rows,
    close: () => engine.close(),
  }
}

export const openDatabase = ({ DATABASE_URL: url, DATA_DIR: dataDir }: NodeJS.ProcessEnv): Promise<Database> => {
  if (url !== undefined) return openPool(url)
  if (dataDir !== undefined) return openEmbedded(dataDir)
  throw new Error('DATABASE_URL or DATA_DIR says where the database is')
}
