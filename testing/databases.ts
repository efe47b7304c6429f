// Which databases a run has, and the suites that are defined for each of them.
import { testDatabaseUrl, type Kind } from './ready.ts'
import { describe, skip } from './runner.ts'

export type { Kind }

const hasPostgres = testDatabaseUrl !== ''

/** The databases of TEST_DATABASES; without it, all that there are. */
export const chosen = (): Kind[] => {
  const wanted = process.env['TEST_DATABASES'] ?? (hasPostgres ? 'embedded,postgres' : 'embedded')
  return wanted.split(',').map((name) => name.trim()).filter((name) => name !== '').map((name) => {
    if (name === 'embedded' || name === 'postgres') return name
    throw new Error(`TEST_DATABASES: unknown database "${name}"`)
  })
}

const skipped = (title: string): void => {
  describe(`${title} [postgres]`, () => skip('skipped: TEST_DATABASE_URL is unset'))
}

const defineOn = (kinds: readonly Kind[], title: string, define: (kind: Kind) => void): void => {
  for (const kind of kinds) {
    if (kind === 'postgres' && !hasPostgres) skipped(title)
    else describe(`${title} [${kind}]`, () => define(kind))
  }
}

/** Defines the same tests for each database that the run has. */
export const onEachDatabase = (title: string, define: (kind: Kind) => void): void => {
  defineOn(chosen(), title, define)
  if (!hasPostgres && !chosen().includes('postgres')) skipped(title)
}

/** The database that ANY_DATABASE names, where the run has it; else all that there are. */
export const anyOf = (): Kind[] => {
  const only = chosen().filter((kind) => kind === process.env['ANY_DATABASE'])
  return only.length > 0 ? only : chosen()
}

/**
 * Defines tests in which the database has little say: of what happens above it, or of programs that take long to start on each. As
 * `onEachDatabase`; but where the run has the database that ANY_DATABASE names, they are for that one only. So .ci/run has them once, and
 * .ci/nightly on each.
 */
export const onAnyDatabase = (title: string, define: (kind: Kind) => void): void => {
  if (anyOf().length === chosen().length) onEachDatabase(title, define)
  else defineOn(anyOf(), title, define)
}

/** Defines tests for the embedded database alone: for what no other has, as its files. */
export const onEmbedded = (title: string, define: () => void): void => {
  if (chosen().includes('embedded')) describe(`${title} [embedded]`, define)
}

/** Defines tests for PostgreSQL alone: what needs several transactions at once, or several nodes. */
export const onPostgres = (title: string, define: () => void): void => {
  if (!hasPostgres) skipped(title)
  else if (chosen().includes('postgres')) describe(`${title} [postgres]`, define)
}
