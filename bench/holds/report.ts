// A run as a table in Markdown and as JSON. Scenarios that were played before, on other days, stay in the file until they are played anew.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { root } from '../targets/compile.ts'
import type { Hold } from './hold.ts'
import { machine } from './machine.ts'

export interface Played {
  readonly scenario: string
  readonly seconds: number
  readonly foreign: number | undefined
  readonly holds: readonly Hold[]
}

export interface Report {
  readonly at: string
  readonly seed: number
  readonly scale: number
  readonly played: readonly Played[]
}

/** With what each scenario was played with: a file may come of several runs. */
type Kept = Played & Omit<Report, 'played'> & { readonly machine: typeof machine }

const page = 'docs/scale.md'
const [begin, end] = ['<!-- holds: npm run holds -- --write -->', '<!-- end of holds -->'] as const
const file = 'bench/results/holds.json'

const cells = (values: readonly string[]): string => `| ${values.join(' | ')} |`

const percent = (part: number | undefined): string => (part === undefined ? '–' : `${Math.round(part * 100)} %`)

const keptOf = ({ played, ...rest }: Report): Kept[] => played.map((one) => ({ ...one, ...rest, machine }))

const rowsOf = (kept: readonly Kept[]): string => [
  cells(['what', 'must hold', 'measured', 'holds', 'played', 'others had']), '|---|---|---|:-:|---|--:|',
  ...kept.flatMap(({ holds, foreign, at, scale }) => holds.map(({ what, bound, measured, holds: does }) => cells([
    what, bound, measured, does === undefined ? 'not played' : does ? 'yes' : '**no**',
    `${at.slice(0, 10)}${scale === 1 ? '' : `, at ${scale}`}`, percent(foreign),
  ]))),
].join('\n')

export const tableOf = (report: Report): string => rowsOf(keptOf(report))

const read = async (): Promise<Kept[]> => {
  const text = await readFile(`${root}${file}`, 'utf8').catch(() => '[]')
  return JSON.parse(text) as Kept[]
}

/** @returns the file, from the root of the repository */
export const save = async (report: Report): Promise<string> => {
  const fresh = keptOf(report)
  const before = await read()
  const all = [...before.map((old) => fresh.find(({ scenario }) => scenario === old.scenario) ?? old),
    ...fresh.filter(({ scenario }) => !before.some((old) => old.scenario === scenario))]
  await mkdir(`${root}bench/results`, { recursive: true })
  await writeFile(`${root}${file}`, `${JSON.stringify(all, undefined, 2)}\n`)
  return file
}

/** Puts what is in the file into the page. @returns the page, from the root of the repository */
export const write = async (): Promise<string> => {
  const kept = await read()
  const text = await readFile(`${root}${page}`, 'utf8')
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${page} has no place for the table`)
  const { cores = 0, node = '', 'memory, GB': memory = 0 } = kept[0]?.machine ?? {}
  const about = `Played on ${cores} cores and ${memory} GB, which servers, PostgreSQL and clients share; Node ${node}. "Others had" is
the share of the processors that went to other processes meanwhile; times are not to be believed where it is large.`
  await writeFile(`${root}${page}`, `${text.slice(0, from)}${begin}\n${about}\n\n${rowsOf(kept)}\n${text.slice(to)}`)
  return page
}
