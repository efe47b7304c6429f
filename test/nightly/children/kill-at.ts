// A server that kills itself at the n-th moment of one mutation: `kill-at.ts N`. Each message to the database has two moments, before it
// is sent and shortly after. It prints `done` when the mutation got through.
import { app } from '../../../app.ts'
import { startServer } from '../../../core/boot/server.ts'
import { administrator } from '../../kit/ready.ts'

const [at = '0'] = process.argv.slice(2)
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const server = await startServer(app, { environment: process.env, log: quiet, print: () => undefined, interactive: false })
const ask = async (event: string, payload: object, token?: string): Promise<Record<string, unknown>> => {
  const response = await fetch(`${server.url}/api/${event}`, {
    method: 'POST', body: JSON.stringify(payload), headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  })
  return response.json() as Promise<Record<string, unknown>>
}
const { accessToken } = await ask('auth-login', administrator)

// Only the messages of this very transaction count: others are sent in between.
const state = { moments: 0, transaction: undefined as string | undefined }
const kill = (): void => void process.kill(process.pid, 'SIGKILL')
server.database.knex.on('query', ({ __knexTxId: transaction, sql }: { __knexTxId?: string; sql: string }) => {
  if (transaction === undefined) return
  if (sql.includes('the-killed-one')) state.transaction ??= transaction
  if (transaction !== state.transaction) return
  state.moments += 2
  if (state.moments - 1 === Number(at)) kill()
  // Milliseconds in which the database has got it, and may have answered.
  if (state.moments === Number(at)) setTimeout(kill, 5)
})
await ask('department-create', { id: `killed-${at}`, label: 'Killed', requestId: 'the-killed-one' }, String(accessToken))
process.stdout.write('done\n')
process.exit(0)
