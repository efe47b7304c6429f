// What every list costs at a million rows, and the audit log at ten million: `npm run reach [-- users audit console …]`.
// Prints what takes longer than the bound, and writes everything to bench/results/reach.json.
import { mkdir, writeFile } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import { site } from '../../resources/site.ts'
import { user } from '../../resources/user.ts'
import { idOf, million } from '../database/organisation.ts'
import { runSql, type Place } from '../database/place.ts'
import { openServer } from '../database/server.ts'
import type { Wire } from '../load/wire.ts'
import { median, round } from '../measure/figures.ts'
import { cores } from '../measure/processes.ts'
import { logInAll } from '../targets/dialect.ts'
import { root } from '../targets/compile.ts'
import { killAll, type Launched } from '../targets/launch.ts'
import { removeAll } from '../targets/scratch.ts'
import { sovrane } from '../targets/sovrane.ts'
import { auditQuestions, entries, fillAudit } from './audit.ts'
import { measureConsole, type Seen } from './console.ts'
import { questionsOf, type Asked, type Question } from './questions.ts'

/** Milliseconds that every list stays under. */
const bound = 100
/** Requests of each question: each another, so that none is answered by a page that is kept. */
const turns = 5

interface Part {
  readonly name: string
  readonly event: string
  /** The number of the user who asks. */
  readonly actor: number
  readonly title: string
  readonly questions: () => readonly Question[]
  /** SQL before the server starts. */
  readonly prepare?: () => readonly string[]
}

interface Answer {
  readonly part: string
  readonly question: string
  /** Milliseconds, of the first request, and of all. */
  readonly first: number
  readonly median: number
  readonly worst: number
  readonly total: number | undefined
}

/** The user who may read the users of one department only, and how many those are. */
const [manager, inReach] = [3, 1100]

const scope = [
  `insert into departments (id, label) values ('reach', 'In reach')`,
  `update users set department_id = 'reach'
     where id in (select id from users where id like '01900000-%' order by reverse(id) limit ${inReach})`,
  `delete from user_roles where user_id = '${idOf('user', manager)}'`,
  `insert into user_permissions (user_id, permission_id, scope_id, deny)
     select '${idOf('user', manager)}', id, 'reach', false from permissions
     where permission_key in ('read-user', 'read-users', 'read-department', 'read-departments')`,
  'vacuum analyze users',
]

const asked = ({ list = {} }: typeof user | typeof site, rows: number): Asked =>
  ({ rows, sorts: list.sort ?? [], filters: list.filter ?? [], searched: list.search ?? [] })

const parts: readonly Part[] = [
  {
    name: 'users', event: 'user-list-request', actor: 1, title: '1,000,000 users',
    questions: () => questionsOf(asked(user, million.users)),
  },
  {
    name: 'sites', event: 'site-list-request', actor: 1, title: '1,000,000 sites',
    questions: () => questionsOf(asked(site, million.sites)),
  },
  {
    name: 'scoped', event: 'user-list-request', actor: manager, title: '1,100 users in reach of 1,000,000',
    questions: () => questionsOf(asked(user, inReach)), prepare: () => scope,
  },
  {
    name: 'audit', event: 'audit-log-request', actor: 1, title: `${entries.toLocaleString('en')} audit entries`, questions: auditQuestions,
    prepare: () => [
      ...fillAudit(),
      `insert into user_permissions (user_id, permission_id)
         select '${idOf('user', 1)}', id from permissions where permission_key = 'view_audit_logs'`,
    ],
  },
]

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const ask = async (wire: Wire, part: Part, { title, ask: payloadOf }: Question): Promise<Answer> => {
  const times: number[] = []
  let total: number | undefined
  for (let turn = 0; turn < turns; turn += 1) {
    const payload = payloadOf(turn)
    const began = performance.now()
    const [reply] = await wire.ask(part.event, payload) as [{ readonly error?: unknown; readonly total?: number }]
    times.push(performance.now() - began)
    if (reply.error !== undefined) throw new Error(`${part.event} ${JSON.stringify(payload)} was refused: ${JSON.stringify(reply.error)}`)
    total = reply.total
  }
  return { part: part.name, question: title, first: times[0] ?? Number.NaN, median: median(times), worst: Math.max(...times), total }
}

const heads = `${''.padEnd(52)}${['first', 'median', 'worst'].map((head) => head.padStart(10)).join('')}${'total'.padStart(12)}`

const lineOf = ({ question, first, median: middle, worst, total }: Answer): string =>
  `${question.padEnd(52)}${[first, middle, worst].map((each) => round(each).padStart(10)).join('')}${String(total).padStart(12)}`

const measure = async (launched: Launched, part: Part): Promise<Answer[]> => {
  const [token = ''] = await logInAll(sovrane.dialect, launched.url, [part.actor])
  const wire = await sovrane.dialect.enter(launched.url, token)
  const answers: Answer[] = []
  try {
    for (const question of part.questions()) answers.push(await ask(wire, part, question))
  } finally {
    wire.close()
  }
  const slow = answers.filter(({ worst }) => worst > bound)
  say(`\n${part.title}: ${answers.length} questions, ${answers.length - slow.length} within ${bound} ms in every request`)
  if (slow.length > 0) say(heads)
  for (const answer of slow) say(lineOf(answer))
  return answers
}

const measureBrowser = async ({ url }: Launched): Promise<readonly Seen[]> => {
  const found = await measureConsole(url, 1)
  const title = `\nthe console over ${million.users.toLocaleString('en')} users`
  say(found ? `${title}, ms` : `${title}: skipped, there is no Chromium; apt-get install chromium`)
  for (const { title: what, times, median: middle } of found ?? []) {
    say(`${what.padEnd(52)}${round(middle).padStart(10)}    of ${times.map((each) => round(each)).join(', ')}`)
  }
  return found ?? []
}

const run = async (chosen: readonly Part[], inBrowser: boolean): Promise<void> => {
  const url = process.env['BENCH_DATABASE_URL'] ?? ''
  if (url === '') throw new Error('BENCH_DATABASE_URL must name a PostgreSQL server where databases may be made and dropped')
  await sovrane.build()
  const server = await openServer(url)
  try {
    const name = `sovrane_reach_${process.pid}`
    const place: Place = { kind: 'postgres', name, url: await server.create(name) }
    say(`filling ${million.users.toLocaleString('en')} users …`)
    await sovrane.prepare(place, million)
    await runSql(place, chosen.flatMap(({ prepare }) => prepare?.() ?? []))
    const launched = await sovrane.start(place)
    const answers: Answer[] = []
    for (const part of chosen) answers.push(...await measure(launched, part))
    const console = inBrowser ? await measureBrowser(launched) : []
    await launched.stop()
    await mkdir(`${root}bench/results`, { recursive: true })
    const about = { at: new Date().toISOString(), database: server.version, cores, node: process.version, bound, turns }
    await writeFile(`${root}bench/results/reach.json`, `${JSON.stringify({ ...about, answers, console }, undefined, 2)}\n`)
    say('\nwritten to bench/results/reach.json')
  } finally {
    await server.dropAll()
    await server.close()
    removeAll()
  }
}

const names = process.argv.slice(2)
const known = [...parts.map(({ name }) => name), 'console']
const unknown = names.filter((name) => !known.includes(name))
const isChosen = (name: string): boolean => names.length === 0 || names.includes(name)
try {
  if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(', ')}; there are ${known.join(', ')}`)
  await run(parts.filter(({ name }) => isChosen(name)), isChosen('console'))
} catch (error) {
  killAll()
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
