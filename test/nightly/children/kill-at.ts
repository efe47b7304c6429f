// A server that kills itself at the n-th statement of one mutation: `kill-at.ts N`. It prints `done` when the mutation got through.
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

// Only the statements of this very transaction count: others run in between.
const state = { seen: 0, transaction: undefined as string | undefined }
server.database.knex.on('query', ({ __knexTxId: transaction, bindings }: { __knexTxId?: string; bindings?: unknown[] }) => {
  if (transaction === undefined) return
  if (state.transaction === undefined && bindings?.includes('the-killed-one') === true) state.transaction = transaction
  if (transaction !== state.transaction) return
  state.seen += 1
  if (state.seen === Number(at)) process.kill(process.pid, 'SIGKILL')
})
await ask('department-create', { id: `killed-${at}`, label: 'Killed', requestId: 'the-killed-one' }, String(accessToken))
process.stdout.write('done\n')
process.exit(0)
