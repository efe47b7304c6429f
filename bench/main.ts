// Measures Sovrane beside limit and Feathers: `npm run bench`; bench/README.md says how to read what it prints.
import { mkdir, writeFile } from 'node:fs/promises'
import { million, ordinary } from './database/organisation.ts'
import { openServer, type DatabaseServer } from './database/server.ts'
import { cores } from './measure/processes.ts'
import { operations } from './operations/index.ts'
import { parseOptions, usage, type Options } from './options.ts'
import { rowsOf, type Row } from './report/rows.ts'
import { heading, lineOf } from './report/table.ts'
import { measureOperation, memories, raise, type Running } from './run.ts'
import { root } from './targets/compile.ts'
import { killAll } from './targets/launch.ts'
import { limit } from './targets/limit.ts'
import { sovrane } from './targets/sovrane.ts'
import type { Target } from './targets/target.ts'

const targets: readonly Target[] = [limit, sovrane]

const say = (text: string): void => void process.stdout.write(`${text}\n`)

interface Run {
  readonly options: Options
  readonly server: DatabaseServer
  readonly chosen: readonly Target[]
  readonly repeats: { left: number }
}

/** Raises the targets with so many rows, measures, and stops them. */
const measureAll = async (
  { options, server, chosen, repeats }: Run, large: boolean,
): Promise<{ rows: Row[]; memory: Record<string, number> }> => {
  const wanted = operations.filter((operation) => options.operations.includes(operation.name) && (operation.large === true) === large)
  if (wanted.length === 0) return { rows: [], memory: {} }
  const size = large ? million : ordinary
  const names = chosen.map(({ name }) => name).join(', ')
  say(`\nfilling ${size.users.toLocaleString('en')} users, ${size.sites.toLocaleString('en')} sites for each of ${names} …\n`)
  const running: Running[] = []
  const rows: Row[] = []
  try {
    for (const target of chosen) running.push(await raise(target, server, size))
    say(heading)
    for (const operation of wanted) {
      const measured = rowsOf(await measureOperation(operation, running, { ...options, server, repeats }))
      for (const row of measured) say(lineOf(row))
      rows.push(...measured)
    }
    return { rows, memory: memories(running) }
  } finally {
    for (const each of running) await each.stop()
  }
}

const saved = async (result: object, name: string): Promise<string> => {
  const folder = `${root}bench/results`
  await mkdir(folder, { recursive: true })
  await writeFile(`${folder}/${name}`, `${JSON.stringify(result, undefined, 2)}\n`)
  return `bench/results/${name}`
}

const main = async (): Promise<void> => {
  const options = parseOptions(process.argv.slice(2))
  const url = process.env['BENCH_DATABASE_URL'] ?? process.env['TEST_DATABASE_URL'] ?? ''
  if (url === '') throw new Error('BENCH_DATABASE_URL must name a PostgreSQL server where databases may be made and dropped')
  const chosen = targets.filter(({ name }) => options.targets.includes(name))
  for (const target of chosen) await target.build()
  const server = await openServer(url)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => {
    killAll()
    void server.dropAll().finally(() => process.exit(130))
  })
  try {
    say(`PostgreSQL ${server.version}, ${cores} cores shared by load, server and database; `
      + `medians of ${options.rounds} windows of ${options.window} ms`)
    const run = { options, server, chosen, repeats: { left: options.quick ? 12 : 60 } }
    const usual = await measureAll(run, false)
    const large = options.large ? await measureAll(run, true) : { rows: [], memory: {} }
    for (const [target, bytes] of Object.entries(usual.memory)) say(`memory of ${target} after all: ${Math.round(bytes / 2 ** 20)} MB`)
    const result = {
      at: new Date().toISOString(), node: process.version, postgres: server.version, cores, options, memory: usual.memory,
      rows: [...usual.rows, ...large.rows],
    }
    say(`\nwritten to ${await saved(result, `${options.quick ? 'quick' : 'full'}.json`)}`)
  } finally {
    await server.dropAll()
    await server.close()
  }
}

try {
  await main()
} catch (error) {
  killAll()
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
  process.exitCode = 1
}
