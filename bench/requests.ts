// Requests per second of one node over one socket, beside what the stack alone does in the same run: `npx tsx bench/requests.ts`.
// With DATABASE_URL (and the keys) it measures PostgreSQL, else the embedded database. Only the ratios mean something.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { io } from 'socket.io-client'
import { app } from '../app.ts'
import { startServer } from '../core/boot/server.ts'

const password = 'Plum-Kettle-41-Orbit'
/** Requests under way at once, requests a measure, and how often the whole is repeated. */
const [concurrency, count, rounds] = [16, 1600, 3]

const perSecond = async (task: (index: number) => Promise<unknown>): Promise<number> => {
  const began = performance.now()
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next
      next += 1
      await task(index)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return (count / (performance.now() - began)) * 1000
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const dataDir = await mkdtemp(join(tmpdir(), 'bench-'))
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: console.error }
const environment = { ...process.env, DATA_DIR: dataDir, PORT: '0', SEED: 'none', BCRYPT_COST: '4', RATE_LIMIT_EVENTS: '0', ADMIN_EMAIL: 'bench@example.com', ADMIN_PASSWORD: password }
const server = await startServer(app, { environment, log, print: () => undefined, interactive: false })
const login = await fetch(`${server.url}/api/auth-login`, { method: 'POST', body: JSON.stringify({ email: 'bench@example.com', password }) })
const { accessToken } = (await login.json()) as { accessToken: string }
const socket = io(server.url, { auth: { token: accessToken }, transports: ['websocket'] })
await new Promise((resolve) => socket.once('session', resolve))

const ask = async (event: string, payload: object): Promise<{ readonly id?: string; readonly error?: object }> => {
  const reply = (await socket.emitWithAck(event, payload)) as { id?: string; error?: object }
  if (reply.error) throw new Error(JSON.stringify(reply.error))
  return reply
}
const { id } = await ask('site-create', { label: 'Bench' })
const { knex } = server.database
const bare = async (): Promise<void> => {
  await knex.transaction(async (trx) => {
    await trx('sites').insert({ id: `bare-${Math.random().toString(36).slice(2)}`, label: 'Bare' })
  })
}

const measures: Readonly<Record<string, (index: number) => Promise<unknown>>> = {
  'ping (the stack alone)': () => ask('ping', {}),
  'select by id through knex': () => knex('sites').where({ id }).first(),
  'site-get': () => ask('site-get', { id }),
  'site-list-request, 20 of them': () => ask('site-list-request', {}),
  'insert in a transaction, triggers on': bare,
  'site-create': (index) => ask('site-create', { label: `Site ${index}` }),
  'site-update': (index) => ask('site-update', { id, label: `Bench ${index} ${Math.random()}` }),
}
const results = new Map(Object.keys(measures).map((name) => [name, [] as number[]]))
for (let round = 0; round < rounds; round += 1) for (const [name, task] of Object.entries(measures)) results.get(name)?.push(await perSecond(task))
const base = median(results.get('ping (the stack alone)') ?? [])
console.log(`${server.database.description}; ${concurrency} at once, median of ${rounds} rounds of ${count}`)
console.table(Object.fromEntries([...results].map(([name, values]) => [name, { 'per second': Math.round(median(values)), 'of ping': `${Math.round((median(values) / base) * 100)} %` }])))
socket.close()
await server.stop()
await rm(dataDir, { recursive: true, force: true })
