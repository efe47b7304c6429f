// A session of measuring: the databases, the targets, the table as it grows, and what is written at the end.
import { million, ordinary } from './database/organisation.ts'
import type { Place } from './database/place.ts'
import { openServer, type DatabaseServer } from './database/server.ts'
import { faultsOf } from './measure/bounds.ts'
import { cores } from './measure/processes.ts'
import { operations } from './operations/index.ts'
import type { Options } from './options.ts'
import { rowsOf, type Row } from './report/rows.ts'
import { save } from './report/save.ts'
import { heading, lineOf } from './report/table.ts'
import { measureOperation, memories, raise, type Running } from './run.ts'
import { feathers } from './targets/feathers.ts'
import { killAll } from './targets/launch.ts'
import { limit } from './targets/limit.ts'
import { directory, removeAll } from './targets/scratch.ts'
import { sovrane } from './targets/sovrane.ts'
import type { Target } from './targets/target.ts'

const targets: readonly Target[] = [limit, feathers, sovrane]

const say = (text: string): void => void process.stdout.write(`${text}\n`)

interface Session {
  readonly options: Options
  /** Undefined for the embedded database. */
  readonly server: DatabaseServer | undefined
  readonly chosen: readonly Target[]
  readonly repeats: { left: number }
  /** An empty database for a target. */
  place(name: string): Promise<Place>
}

interface Result {
  readonly rows: readonly Row[]
  /** Bytes of each server after all operations. */
  readonly memory: Readonly<Record<string, number>>
  /** Milliseconds from the start of the process until it listened: on an empty database, and on the filled one. */
  readonly starts: Readonly<Record<string, { readonly first: number | undefined; readonly later: number }>>
}

const nothing: Result = { rows: [], memory: {}, starts: {} }

/** Raises the targets with so many rows, measures, and stops them. */
const measureAll = async (session: Session, large: boolean): Promise<Result> => {
  const { options, chosen } = session
  const wanted = operations.filter(({ name, large: isLarge = false }) => options.operations.includes(name) && isLarge === large)
  if (wanted.length === 0) return nothing
  const size = large ? million : ordinary
  const [users, sites] = [size.users, size.sites].map((count) => count.toLocaleString('en'))
  say(`\nfilling ${users} users, ${sites} sites for each of ${chosen.map(({ name }) => name).join(', ')} …\n`)
  const running: Running[] = []
  const rows: Row[] = []
  try {
    for (const target of chosen) {
      const place = await session.place(`sovrane_bench_${process.pid}_${target.name}_${size.users}`)
      running.push(await raise(target, place, size))
    }
    say(heading)
    for (const operation of wanted) {
      const measured = rowsOf(await measureOperation(operation, running, { ...session, ...options }))
      for (const row of measured) say(lineOf(row))
      rows.push(...measured)
    }
    const starts = Object.fromEntries(running.map(({ target, firstStart: first, launched: { startTime: later } }) =>
      [target.name, { first, later }]))
    return { rows, memory: memories(running), starts }
  } finally {
    for (const each of running) await each.stop()
  }
}

const finish = async (session: Session, database: string): Promise<void> => {
  const { options } = session
  const usual = await measureAll(session, false)
  const large = options.large ? await measureAll(session, true) : nothing
  const rows = [...usual.rows, ...large.rows]
  for (const [target, bytes] of Object.entries(usual.memory)) say(`memory of ${target} after all: ${Math.round(bytes / 2 ** 20)} MB`)
  for (const [target, { first, later }] of Object.entries(usual.starts)) {
    say(`start of ${target}: ${(later / 1000).toFixed(1)} s${first === undefined ? '' : `, the first ${(first / 1000).toFixed(1)} s`}`)
  }
  const faults = options.embedded ? [] : faultsOf(rows)
  for (const fault of faults) say(`VOID: ${fault}: trust no ratio of this run`)
  const { memory, starts } = usual
  say(`\nwritten to ${(await save({ database, options, faults, memory, starts, rows })).join(', ')}`)
}

const build = async ({ targets: wanted, embedded }: Options): Promise<Target[]> => {
  const chosen = targets.filter(({ name }) => wanted.includes(name) && !(embedded && name === 'feathers'))
  for (const target of chosen) await target.build()
  return chosen
}

/** Windows that may be measured again in a run. */
const repeatsOf = ({ quick }: Options): { left: number } => ({ left: quick ? 12 : 60 })

const describe = ({ rounds, window }: Options): string =>
  `${cores} cores shared by load, server and database; medians of ${rounds} windows of ${window} ms`

/** Ends what was started, and drops what was made, when the run is broken off. */
const onBreak = (clean: () => Promise<unknown>): void => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => {
    killAll()
    void clean().finally(() => {
      removeAll()
      process.exit(130)
    })
  })
}

/** @throws Error when there is no server to measure on */
export const runOnPostgres = async (options: Options): Promise<void> => {
  const url = process.env['BENCH_DATABASE_URL'] ?? process.env['TEST_DATABASE_URL'] ?? ''
  if (url === '') throw new Error('BENCH_DATABASE_URL must name a PostgreSQL server where databases may be made and dropped')
  const chosen = await build(options)
  const server = await openServer(url)
  onBreak(() => server.dropAll())
  try {
    const database = `PostgreSQL ${server.version}`
    say(`${database}; ${describe(options)}`)
    const place = async (name: string): Promise<Place> => ({ kind: 'postgres', name, url: await server.create(name) })
    await finish({ options, server, chosen, repeats: repeatsOf(options), place }, database)
  } finally {
    await server.dropAll()
    await server.close()
    removeAll()
  }
}

/** The same on the embedded database: Sovrane, and limit on PGlite. */
export const runEmbedded = async (options: Options): Promise<void> => {
  const chosen = await build(options)
  onBreak(() => Promise.resolve())
  try {
    say(`PGlite within the server; ${describe(options)}`)
    const place = async (name: string): Promise<Place> => ({ kind: 'embedded', name, directory: await directory(name) })
    await finish({ options, server: undefined, chosen, repeats: repeatsOf(options), place }, 'PGlite')
  } finally {
    removeAll()
  }
}
