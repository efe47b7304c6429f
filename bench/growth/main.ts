// How costs grow: `npm run growth [-- rows nodes …]`. Prints a table for each dimension, and writes bench/results/growth.json.
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { openServer } from '../database/server.ts'
import { round } from '../measure/figures.ts'
import { cores } from '../measure/processes.ts'
import { root } from '../targets/compile.ts'
import { killAll } from '../targets/launch.ts'
import { removeAll } from '../targets/scratch.ts'
import { sovrane } from '../targets/sovrane.ts'
import { dimensions, type Dimension, type Point } from './dimensions.ts'

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const lines = ({ value, figures, more = {} }: Point): string[] => [
  ...figures.map(({ operation, perSecond, p50, p99, server, others, database }) =>
    `${value.toLocaleString('en').padStart(9)}  ${operation.padEnd(34)}${[perSecond, p50, p99, server, others, database].map((each) =>
      round(each).padStart(10)).join('')}`),
  ...Object.entries(more).map(([name, amount]) => `${value.toLocaleString('en').padStart(9)}  ${name}: ${round(amount)}`),
]

const heads = ['a second', 'p50', 'p99', 'server', 'others', 'database'].map((head) => head.padStart(10)).join('')

const markdown = ({ title }: Dimension, points: readonly Point[]): string => [
  `### ${title}`, '', '| | operation | a second | p50, ms | p99, ms | server | others | database |', '|--:|---|--:|--:|--:|--:|--:|--:|',
  ...points.flatMap(({ value, figures }) => figures.map(({ operation, perSecond, p50, p99, server, others, database }) =>
    `| ${value.toLocaleString('en')} | ${operation} | ${[perSecond, p50, p99, server, others, database].map(round).join(' | ')} |`)),
  '', ...points.flatMap(({ value, more = {} }) => Object.entries(more).map(([name, amount]) =>
    `- ${value.toLocaleString('en')}: ${name} ${round(amount)}`)), '',
].join('\n')

const run = async (chosen: readonly Dimension[]): Promise<void> => {
  const url = process.env['BENCH_DATABASE_URL'] ?? ''
  if (url === '') throw new Error('BENCH_DATABASE_URL must name a PostgreSQL server where databases may be made and dropped')
  await sovrane.build()
  const server = await openServer(url)
  const result: Record<string, Point[]> = {}
  try {
    for (const dimension of chosen) {
      say(`\n${dimension.title}\n${' '.repeat(45)}${heads}`)
      const points: Point[] = []
      for (const value of dimension.values) {
        const point = await dimension.at(server, value)
        points.push(point)
        for (const line of lines(point)) say(line)
      }
      result[dimension.name] = points
    }
    const machine = { cores, processor: cpus()[0]?.model ?? '', node: process.version }
    const about = { at: new Date().toISOString(), database: server.version, ...machine }
    await mkdir(`${root}bench/results`, { recursive: true })
    await writeFile(`${root}bench/results/growth.json`, `${JSON.stringify({ ...about, ...result }, undefined, 2)}\n`)
    await writeFile(`${root}bench/results/growth.md`, chosen.map((each) => markdown(each, result[each.name] ?? [])).join('\n'))
    say('\nwritten to bench/results/growth.json and growth.md')
  } finally {
    await server.dropAll()
    await server.close()
    removeAll()
  }
}

const names = process.argv.slice(2)
const unknown = names.filter((name) => !dimensions.some((each) => each.name === name))
try {
  if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(', ')}; there are ${dimensions.map(({ name }) => name).join(', ')}`)
  await run(dimensions.filter(({ name }) => names.length === 0 || names.includes(name)))
} catch (error) {
  killAll()
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
