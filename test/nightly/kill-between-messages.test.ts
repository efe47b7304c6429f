// kill -9 before and after each message of a mutation to the database: row, audit entry and place in the feed are all there, or none.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'
import { openDatabase, type Database } from '../../core/db/database.ts'
import { onEachDatabase } from '../kit/databases.ts'
import { cleanUp, freshEnvironment } from '../kit/place.ts'

const child = new URL('children/kill-at.ts', import.meta.url).pathname
/** More moments than the mutation has. */
const most = 60

const run = async (environment: Readonly<Record<string, string>>, at: number): Promise<boolean> => {
  const process_ = spawn(process.execPath, ['--import=tsx', child, String(at)], {
    env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  process_.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const [code, signal] = (await once(process_, 'exit')) as [number | null, string | null]
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(`the server ended with ${String(code)}`)
  return output.includes('done')
}

const count = async (database: Database, table: string, where: Record<string, string>): Promise<number> => {
  const rows: { count: number | string }[] = await database.knex(table).where(where).count({ count: '*' })
  return Number(rows[0]?.count)
}

onEachDatabase('kill -9 before and after each message to the database', (kind) => {
  it('leaves all of a mutation or nothing of it', async function () {
    this.timeout(600_000)
    const environment = await freshEnvironment(kind)
    const [url, dataDir] = [environment['DATABASE_URL'], environment['DATA_DIR'] ?? '']
    const outcomes: string[] = []
    for (let at = 1; at <= most; at += 1) {
      const done = await run(environment, at)
      const database = await openDatabase({
        ...(url === undefined ? {} : { databaseUrl: url }), dataDir, poolMax: 2, statementTimeout: 5000, acquireTimeout: 5000,
      })
      const id = `killed-${at}`
      const traces = [
        await count(database, 'departments', { id }),
        await count(database, 'audit_entries', { target_id: id }),
        await count(database, 'outbox', { id }) + await count(database, 'feed', { id }),
        await count(database, 'requests', { request_id: 'the-killed-one' }),
      ]
      await database.knex('requests').where({ request_id: 'the-killed-one' }).delete()
      await database.close()
      outcomes.push(`${at}: ${traces.join('')}`)
      expect(new Set(traces).size, `after a kill at moment ${at}: row, audit, feed, request = ${traces.join(', ')}`).to.equal(1)
      if (done) {
        expect(traces[0]).to.equal(1)
        expect(at, 'the mutation has moments to be killed at').to.be.greaterThan(5)
        await cleanUp()
        return
      }
    }
    throw new Error(`the mutation never got through: ${outcomes.join('; ')}`)
  })
})
