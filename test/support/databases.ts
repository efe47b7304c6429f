// Which databases the suites run on, and the environment of a server of a suite's own on an empty one.
import { randomBytes } from 'node:crypto'
import { cleanUp, freshDataDir, freshPostgres, temporaryDirectory, testDatabaseUrl } from '../db/support.ts'

export type Kind = 'embedded' | 'postgres'

export const administrator = { email: 'admin@example.com', password: 'Plum-Kettle-41-Orbit' } as const

const hasPostgres = (testDatabaseUrl ?? '') !== ''

const chosen = (): Kind[] => {
  const wanted = process.env['TEST_DATABASES'] ?? (hasPostgres ? 'embedded,postgres' : 'embedded')
  return wanted.split(',').map((name) => name.trim()).filter((name) => name !== '').map((name) => {
    if (name === 'embedded' || name === 'postgres') return name
    throw new Error(`TEST_DATABASES: unknown database "${name}"`)
  })
}

/** Defines the same tests for each database that the run has. */
export const onEachDatabase = (title: string, define: (kind: Kind) => void): void => {
  for (const kind of chosen()) {
    describe(`${title} [${kind}]`, () => {
      if (kind === 'postgres' && !hasPostgres) return void it('skipped: TEST_DATABASE_URL is unset')
      define(kind)
    })
  }
  if (!hasPostgres && !chosen().includes('postgres')) describe(`${title} [postgres]`, () => void it('skipped: TEST_DATABASE_URL is unset'))
}

const key = (): string => randomBytes(48).toString('base64url')

/** What the environment of every server of the tests has: any port, keys of its own, an administrator. */
export const commonEnvironment = (): Record<string, string> => ({
  PORT: '0', HOST: '127.0.0.1', SEED: 'none', BCRYPT_COST: '4', RATE_LIMIT_EVENTS: '0',
  JWT_SECRET: key(), MFA_ENCRYPTION_KEY: key(), AUDIT_KEY: key(),
  ADMIN_EMAIL: administrator.email, ADMIN_PASSWORD: administrator.password,
})

/** The environment of a server on an empty database. `cleanUp` takes the database away again. */
export const freshEnvironment = async (kind: Kind): Promise<Record<string, string>> => {
  const place: Record<string, string> = kind === 'embedded'
    ? { DATA_DIR: await freshDataDir() }
    : { DATA_DIR: await temporaryDirectory(), DATABASE_URL: await freshPostgres() }
  return { ...place, ...commonEnvironment() }
}

export { cleanUp }
