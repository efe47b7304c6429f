// Enumeration by time: medians of log-ins of unknown, known, suspended and locked accounts, interleaved. Run with
// `npx tsx bench/enumeration.ts`.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { app } from '../app.ts'
import { startServer, type Server } from '../core/boot/server.ts'

/** Samples of each kind; the first are thrown away. */
const samples = 200
const warmUp = 10

const administrator = { email: 'admin@example.com', password: 'Plum-Kettle-41-Orbit' }
const password = 'Quiet-River-52-Lantern'

type Kind = 'unknown' | 'known' | 'suspended' | 'locked' | 'no password' | 'weaker hash' | 'second factor' | '100 bytes'

const post = async (url: string, event: string, payload: object, token?: string): Promise<Record<string, unknown>> => {
  const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
  const response = await fetch(`${url}/api/${event}`, { method: 'POST', headers, body: JSON.stringify(payload) })
  return (await response.json()) as Record<string, unknown>
}

/** Accounts of each kind. Failures must not lock those that are to stay open. */
const prepare = async ({ url, database: { knex } }: Server): Promise<Record<Kind, { email: string; password: string }>> => {
  const { accessToken } = await post(url, 'auth-login', administrator)
  const token = String(accessToken)
  await post(url, 'config-update', { key: 'account_lock_on_login_fail', value: true }, token)
  const make = async (id: string, fields: object = {}): Promise<string> => {
    const email = `${id}@example.com`
    await post(url, 'user-create', { id, firstName: 'A', lastName: 'B', email, password, ...fields }, token)
    return email
  }
  const emails = {
    'unknown': 'nobody@example.com', 'known': await make('known'), 'suspended': await make('suspended', { status: 'suspended' }),
    'locked': await make('locked'),
    'no password': await make('bare'), 'weaker hash': await make('weaker'), 'second factor': await make('second'),
    '100 bytes': await make('long'),
  }
  await knex('credentials').where({ user_id: 'bare' }).delete()
  // Of before BCRYPT_COST was raised.
  await knex('credentials').where({ user_id: 'weaker' }).update({ password_hash: `$2b$08$${'a'.repeat(53)}` })
  await knex('mfa_factors').insert({ user_id: 'second', enabled: true, type: 'totp' })
  await knex('attempts').insert({
    key: 'account:locked@example.com', failures: 5, locks: 1, locked_until: knex.raw("now() + interval '1 day'"),
  })
  return Object.fromEntries(Object.entries(emails).map(
    ([kind, email]) => [kind, { email, password: kind === '100 bytes' ? 'Wrong-River-'.repeat(9) : 'Wrong-River-53-Lantern' }],
  )) as Record<Kind, { email: string; password: string }>
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const measure = async (server: Server): Promise<Map<string, number[]>> => {
  const accounts = await prepare(server)
  const times = new Map<string, number[]>(Object.keys(accounts).map((kind) => [kind, []]))
  for (let round = 0; round < samples + warmUp; round += 1) {
    // Another order in each round: what one request leaves behind must not always meet the same next one.
    for (const [kind, account] of Object.entries(accounts).map((entry) => ({ entry, at: Math.random() })).toSorted((a, b) => a.at - b.at)
      .map(({ entry }) => entry)) {
      // Never more than one failure: the thresholds are not what is measured.
      if (kind !== 'locked') await server.database.knex('attempts').where({ key: `account:${account.email}` }).delete()
      const begun = performance.now()
      const reply = await post(server.url, 'auth-login', account)
      const taken = performance.now() - begun
      if ((reply['error'] as { code?: string } | undefined)?.code !== 'unauthenticated')
        throw new Error(`${kind}: ${JSON.stringify(reply)}`)
      if (round >= warmUp) times.get(kind)?.push(taken)
    }
  }
  return times
}

const key = (): string => randomBytes(48).toString('base64url')

const main = async (): Promise<void> => {
  const directory = await mkdtemp(join(tmpdir(), 'sovrane-bench-'))
  const databaseUrl = process.env['DATABASE_URL']
  const server = await startServer(app, {
    environment: {
      DATA_DIR: directory, ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }), PORT: '0', SEED: 'none',
      RATE_LIMIT_EVENTS: '0', BCRYPT_COST: process.env['BCRYPT_COST'] ?? '10',
      JWT_SECRET: key(), MFA_ENCRYPTION_KEY: key(), AUDIT_KEY: key(), ADMIN_EMAIL: administrator.email,
      ADMIN_PASSWORD: administrator.password,
    },
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }, print: () => undefined,
    interactive: false,
  })
  try {
    const medians = [...await measure(server)].map(([kind, values]) => ({ kind, values, median: median(values) }))
    process.stdout.write(`${samples} log-ins of each kind, interleaved, on the ${server.database.kind} database\n\n`)
    for (const { kind, values, median: middle } of medians) {
      const sorted = values.toSorted((a, b) => a - b)
      const at = (part: number): string => (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(2).padStart(8)
      process.stdout.write(`${kind.padEnd(14)} median ${middle.toFixed(2).padStart(8)} ms   quartiles ${at(0.25)} ${at(0.75)}\n`)
    }
    const known = medians.find(({ kind }) => kind === 'known')?.values ?? []
    // Of the same round: what slows the machine down for a while slows both.
    const paired = medians.map(({ kind, values }) =>
      `${kind} ${median(values.map((value, round) => value - (known[round] ?? 0))).toFixed(2)}`)
    process.stdout.write(`\nmedian of the differences to "known" in the same round, in ms: ${paired.join(', ')}\n`)
    const all = medians.map(({ median: middle }) => middle)
    process.stdout.write(`\nlargest gap ${(Math.max(...all) - Math.min(...all)).toFixed(2)} ms\n`)
  } finally {
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

await main()
