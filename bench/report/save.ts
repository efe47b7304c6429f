// Writes a run's figures, its chart and its table to bench/results.
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { cores } from '../measure/processes.ts'
import type { Options } from '../options.ts'
import { root } from '../targets/compile.ts'
import { chartOf } from './chart.ts'
import { markdownOf } from './markdown.ts'
import type { Row } from './rows.ts'

export interface Report {
  readonly database: string
  readonly options: Options
  /** Why the run is void. */
  readonly faults: readonly string[]
  readonly memory: Readonly<Record<string, number>>
  readonly starts: object
  readonly rows: readonly Row[]
}

/** @returns the files, from the root of the repository */
export const save = async (report: Report): Promise<string[]> => {
  const { options: { embedded, quick }, database, rows } = report
  const folder = 'bench/results'
  const at = new Date().toISOString()
  const name = `${folder}/${embedded ? 'embedded' : 'postgres'}${quick ? '-quick' : ''}`
  const machine = { cores, processor: cpus()[0]?.model ?? '', node: process.version }
  const caption = `${at.slice(0, 10)}, ${database}, Node ${process.version}, ${cores} cores shared by load, server and database`
  await mkdir(`${root}${folder}`, { recursive: true })
  await writeFile(`${root}${name}.json`, `${JSON.stringify({ at, ...machine, ...report }, undefined, 2)}\n`)
  await writeFile(`${root}${name}.svg`, chartOf(rows, caption))
  await writeFile(`${root}${name}.md`, markdownOf(rows))
  return [`${name}.json`, `${name}.svg`, `${name}.md`]
}
