// The database of limit: a pool of connections to PostgreSQL, or PGlite within the process where DATA_DIR says so.
import type { Payload } from './checks.ts'
import type { Statement } from './statements.ts'

export interface Database {
  query(statement: Statement, values: readonly unknown[]): Promise<readonly Payload[]>
  close(): Promise<void>
}

/** As many as Sovrane has by default; asked before they have answered, so that what is under way at once travels together. */
const connections = 10

/** ISO 8601 of what PostgreSQL writes, of a time in UTC: the client gets text, so that no Date is needed between. */
const isoOf = (text: string): string => {
  const [time = '', thousandths = ''] = text.slice(11, -3).split('.')
  return `${text.slice(0, 10)}T${time}.${thousandths.padEnd(3, '0')}Z`
}

const openPool = async (connectionString: string): Promise<Database> => {
  const { default: pg } = await import('pg')
  pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, isoOf)
  // No transaction ever holds one: in turns, without the bookkeeping of a pool.
  const clients = Array.from({ length: connections }, () =>
    new pg.Client({ connectionString, options: '-c timezone=UTC', pipeline: true }))
  for (const client of clients) {
    client.on('error', () => undefined)
    await client.connect()
  }
  let turn = 0
  return {
    query: async ({ name, text }, values) => {
      turn = (turn + 1) % clients.length
      const found = await clients[turn]?.query<Payload>({ name, text, values: [...values] })
      return found?.rows ?? []
    },
    close: async () => void (await Promise.all(clients.map((client) => client.end()))),
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
