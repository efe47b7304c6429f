// A directory and an empty database of a server's own, which nobody else's clean-up takes away.
import { rmSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { openDatabase } from '../../core/db/database.ts'
import { testDatabaseUrl } from '../db/support.ts'
import { commonEnvironment, type Kind } from './databases.ts'

const postgresUrl = testDatabaseUrl ?? ''

/** Where one server keeps its data. */
export interface Place {
  readonly environment: Readonly<Record<string, string>>
  /** Takes it all away. */
  remove(): Promise<void>
}

let template: Promise<string> | undefined

/** An empty embedded database to copy: making one takes seconds. */
const emptyDatabase = (): Promise<string> => (template ??= (async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'sovrane-empty-'))
  process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }))
  const database = await openDatabase({ dataDir, poolMax: 2, statementTimeout: 5000, acquireTimeout: 5000 })
  await database.close()
  return join(dataDir, 'database')
})())

const administer = async (sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: postgresUrl })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

let count = 0

const freshDatabase = async (kind: Kind, dataDir: string): Promise<{ url?: string; drop(): Promise<void> }> => {
  if (kind === 'embedded') {
    await cp(await emptyDatabase(), join(dataDir, 'database'), { recursive: true })
    return { drop: () => Promise.resolve() }
  }
  const name = `sovrane_app_${process.pid}_${(count += 1)}`
  await administer(`create database ${name}`)
  const url = new URL(postgresUrl)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => administer(`drop database if exists ${name} with (force)`) }
}

/** An empty database, and the environment of a server on it. */
export const freshPlace = async (kind: Kind): Promise<Place> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'sovrane-app-'))
  const { url, drop } = await freshDatabase(kind, dataDir)
  return {
    environment: {
      DATA_DIR: dataDir,
      ...(url === undefined ? {} : { DATABASE_URL: url }),
      ...commonEnvironment(),
    },
    async remove() {
      await drop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
