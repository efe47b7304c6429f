// What scale costs: `npm run growth:model`, after `npm run growth -- listeners nodes`. Prints the model of bench/results/growth.json with
// its errors, and what follows from it; with `--write` it puts both into docs/scale.md.
import { readFile, writeFile } from 'node:fs/promises'
import { round } from '../measure/figures.ts'
import { root } from '../targets/compile.ts'
import type { Point } from './dimensions.ts'
import { deliveries, fit, nodesUntilFull, predict, updatesTold, type Line, type Measured, type Model } from './model.ts'

interface Growth {
  readonly at: string
  readonly database: string
  readonly cores: number
  readonly processor: string
  readonly node: string
  readonly listeners?: readonly Point[]
  readonly nodes?: readonly Point[]
}

const page = `${root}docs/scale.md`
const [begin, end] = ['<!-- figures: npm run growth:model -- --write -->', '<!-- end of figures -->'] as const

const pointsOf = (points: readonly Point[] | undefined, cost: (point: Point) => number | undefined): Measured[] =>
  (points ?? []).flatMap((point) => {
    const found = cost(point)
    return found === undefined || !Number.isFinite(found) ? [] : [{ at: point.value, cost: found }]
  })

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map((_, index) => (index === 0 ? '---' : '---:')), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const report = ({ listeners, nodes, ...about }: Growth): string => {
  if (!listeners || !nodes) throw new Error('bench/results/growth.json lacks listeners or nodes: npm run growth -- listeners nodes')
  const measured = {
    telling: pointsOf(listeners, ({ figures }) => figures[0]?.server),
    memory: pointsOf(listeners, ({ value, more }) => (value === 0 ? undefined : (more?.['KB of memory a socket'] ?? Number.NaN) * value)),
    database: pointsOf(nodes, ({ figures }) => figures[0]?.database),
    fellows: pointsOf(nodes.map((point) => ({ ...point, value: point.value - 1 })), ({ value, figures }) =>
      (value === 0 ? undefined : figures[0]?.others)),
    idle: pointsOf(nodes, ({ more }) => more?.['database, ms a second, idle']),
  } satisfies Record<keyof Model, readonly Measured[]>
  const model = Object.fromEntries(Object.entries(measured).map(([name, points]) => [name, fit(points)])) as Record<keyof Model, Line>
  const titles: Readonly<Record<keyof Model, string>> = {
    telling: 'server, ms of processor for 1,000 updates, by listeners', memory: 'server, KB of memory, by sockets',
    database: 'database, ms of processor for 1,000 updates, by nodes',
    fellows: 'other nodes together, ms of processor for 1,000 updates, by their number',
    idle: 'database, ms of processor a second, by idle nodes',
  }
  const names = Object.keys(titles) as (keyof Model)[]
  const checks = names.flatMap((name) => measured[name].map(({ at, cost }) => {
    const predicted = predict(model[name], at)
    return [titles[name], at.toLocaleString('en'), round(cost), round(predicted), `${((predicted / cost - 1) * 100).toFixed(0)} %`]
  }))
  const full = (updates: number, cores: number): string => round(nodesUntilFull(model, updates, cores))
  return [
    `Measured ${about.at.slice(0, 10)} on ${about.cores} cores of ${about.processor}, Node ${about.node}, `
      + `PostgreSQL ${about.database}.`, '',
    'The lines of the model:', '',
    table(['cost', 'at none', 'for each'], names.map((name) => [titles[name], round(model[name].base), round(model[name].slope)])), '',
    'Each point that was measured, and what the model says of it:', '',
    table(['cost', 'at', 'measured', 'predicted', 'error'], checks), '',
    'What follows, by the model:', '',
    table(['question', 'answer'], [
      ['deliveries a second and core of a server', round(deliveries(model))],
      ...[100, 1000, 10_000].map((count) => [
        `updates a second that ${count.toLocaleString('en')} listeners of one node can be told of, by one core`,
        round(updatesTold(model, count)),
      ]),
      ['memory of 10,000 sockets, MB', round(predict(model.memory, 10_000) / 1024)],
      ...[[0, 1], [100, 1], [100, 4], [1000, 4]].map(([updates = 0, cores = 1]) => [
        `nodes until PostgreSQL is full, of cores: ${cores}, at ${updates.toLocaleString('en')} updates a second in all`,
        full(updates, cores),
      ]),
    ]),
  ].join('\n')
}

const growth = JSON.parse(await readFile(`${root}bench/results/growth.json`, 'utf8')) as Growth
const text = report(growth)
process.stdout.write(`${text}\n`)
if (process.argv.includes('--write')) {
  const before = await readFile(page, 'utf8')
  const [from, to] = [before.indexOf(begin), before.indexOf(end)]
  if (from < 0 || to < from) throw new Error('docs/scale.md has no place for the figures')
  await writeFile(page, `${before.slice(0, from)}${begin}\n${text}\n${before.slice(to)}`)
}
