// A storm: clients at work on several servers while these, the database and the network fail; then calm, and what it has left behind.
import { setTimeout as sleep } from 'node:timers/promises'
import { parallel, together } from '../../kit/wait.ts'
import { password } from '../../kit/passwords.ts'
import { administrator } from '../../kit/ready.ts'
import type { Fields, History, Observed } from './history.ts'
import { Observer } from './observer.ts'
import { operationsOf, shared } from './operations.ts'
import { readAudit, readEnd, readFeed, readRows } from './reading.ts'
import type { Stage } from './stage.ts'
import { nameOf, targetOf, type Planned } from './weather.ts'
import { startWriter } from './writer.ts'

export interface StormOptions {
  /** Decides the operations. */
  readonly seed: number
  /** The first node must suffer none. */
  readonly planned: readonly Planned[]
  /** Milliseconds that clients are at work at least. */
  readonly duration: number
  readonly clients: number
  /** Milliseconds between two operations of a client. */
  readonly pause: number
}

export interface Storm {
  readonly history: History
  /** Which faults there were, in order. */
  readonly faults: readonly string[]
  readonly figures: Readonly<Record<string, number>>
  /** What no fault excuses: `internal`, a server that ended by itself, an audit log that does not verify. */
  readonly strange: readonly string[]
}

/** Milliseconds that calm may take to come. */
const patience = 90_000

const northern = shared.sites[0]

/** What a reader of the northern site may read: it, what belongs to it, and all groups. */
const isNorthern: Observed['readable'] = (row, fields) =>
  row.startsWith('group/') || row === `site/${northern}` || fields['siteId'] === northern

const post = async (url: string, event: string, payload: object, token?: string): Promise<Fields> => {
  const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
  const reply = await (await fetch(`${url}/api/${event}`, { method: 'POST', body: JSON.stringify(payload), headers })).json() as Fields
  if ('error' in reply) throw new Error(`${event}: ${JSON.stringify(reply['error'])}`)
  return reply
}

/** Makes what all share, and an account that reads a part. Gives the tokens. */
export const prepare = async (url: string): Promise<{ readonly admin: string; readonly northerner: string }> => {
  const logIn = async (who: { email: string; password: string }): Promise<string> =>
    String((await post(url, 'auth-login', who))['accessToken'])
  const admin = await logIn(administrator)
  const make = (event: string, payload: object): Promise<Fields> => post(url, event, payload, admin)
  for (const id of shared.sites) await make('site-create', { id, label: id })
  for (const id of shared.departments) await make('department-create', { id, label: id })
  for (const id of shared.groups) await make('group-create', { id, name: id })
  const within = ['site', 'department', 'user'].flatMap((name) => [`read-${name}`, `read-${name}s`])
  const permissions = [...within.map((permissionId) => ({ permissionId, scopeId: northern })), 'read-group', 'read-groups']
  await make('role-create', { id: 'northern', label: 'Northern', permissions })
  const account = { email: 'northerner@example.com', password }
  await make('user-create', { id: 'northerner', firstName: 'A', lastName: 'B', roles: ['northern'], ...account })
  return { admin, northerner: await logIn(account) }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

export const until = async (what: string, holds: () => Promise<boolean> | boolean): Promise<void> => {
  for (const deadline = Date.now() + patience; !await holds(); await sleep(50))
    if (Date.now() > deadline) throw new Error(`calm did not come: ${what}`)
}

/**
 * The first node suffers only what the database suffers. It too may close its sockets: when it has heard nothing of its feed for so long
 * that it cannot know whether their sessions still stand.
 */
export const storm = async (stage: Stage, { seed, planned, duration, clients, pause }: StormOptions): Promise<Storm> => {
  const [steady] = stage.places
  if (!steady) throw new Error('a storm needs nodes')
  const { admin, northerner } = await prepare(steady.node.url)
  const urls = stage.places.map(({ node, clients: link }, index) => (index === 0 ? node.url : `http://127.0.0.1:${link.port}`))
  const all = (): boolean => true
  const observers = [
    new Observer({ name: 'one who stays', urls: urls.slice(0, 1), first: 0, token: admin, readable: all }),
    new Observer({ name: 'one in the storm', urls: urls.slice(1), first: 0, token: admin, readable: all }),
    new Observer({ name: 'one who wanders', urls, first: 1, token: admin, readable: all, restless: 1500 }),
    new Observer({ name: 'the northerner', urls: urls.slice(1), first: 1, token: northerner, readable: isNorthern }),
  ]
  await Promise.all(observers.map((observer) => observer.start()))
  const start = await readEnd(stage)

  let isOver = false
  const writers = Array.from({ length: clients }, (_, number) => startWriter({
    urls, number, token: admin, operations: operationsOf(seed, number), pause, isOver: () => isOver,
  }))
  const faults: string[] = []
  const busy = new Map<string, Promise<void>>()
  const began = Date.now()
  const one = async (index: number): Promise<void> => {
    const { fault, at, lasting } = planned[index] as (typeof planned)[number]
    await sleep(Math.max(0, began + at - Date.now()))
    const target = targetOf(fault)
    const mine = (busy.get(target) ?? Promise.resolve()).then(async () => {
      faults.push(nameOf(fault))
      const end = await stage.begin(fault)
      await sleep(lasting)
      await end()
    })
    busy.set(target, mine)
    await mine
  }
  await together([...planned.map((_, index) => one(index)), sleep(duration)])
  isOver = true
  await parallel(writers.length, (index) => writers[index]?.done ?? Promise.resolve())

  await until('all nodes are ready', async () => (await parallel(stage.places.length, (index) =>
    fetch(`${stage.places[index]?.node.url ?? ''}/health/ready`).then(({ status }) => status === 200, () => false))).every(Boolean))
  const last = await post(steady.node.url, 'site-create', { id: 'shared-last', label: 'Last', requestId: 'last' }, admin)
  await until('the outbox is empty', async () => (await stage.sql('select 1 from outbox limit 1')).length === 0)
  const end = await readEnd(stage)
  await until('all observers have heard and read everything', () =>
    observers.every((observer) => observer.hasCaughtUp(`site/${String(last['id'])}`, end)))
  for (const observer of observers) observer.close()

  const verified = await post(steady.node.url, 'audit-verify', {}, admin)
  const strange = [
    ...stage.strange, ...writers.flatMap((writer) => writer.strange),
    ...(verified['ok'] === true ? [] : [`audit-verify: ${JSON.stringify(verified)}`]),
  ]
  const attempts = writers.flatMap((writer) => writer.attempts)
  const rows = new Map(await readRows(stage))
  const common = [...shared.sites.map((id) => `site/${id}`), ...shared.departments.map((id) => `department/${id}`),
    ...shared.groups.map((id) => `group/${id}`), 'site/shared-last']
  const before = common.map((row) => ({
    requestId: 'before', event: 'create', payload: {}, twice: false, effects: [{ row, fields: {}, shared: true as const }],
    outcomes: [{ ok: true as const, version: 1 }],
  }))
  const feed = await readFeed(stage, start)
  return {
    history: {
      attempts, feed, rows, audit: await readAudit(stage), observers: observers.map(({ observed }) => observed), known: before,
    },
    faults, strange,
    figures: {
      operations: attempts.length,
      sends: sum(writers.map(({ counts }) => counts.sends)), retries: sum(writers.map(({ counts }) => counts.again)),
      entries: feed.length, heard: sum(observers.map(({ told }) => told.length)), faults: faults.length,
      'connections closed': sum(observers.map(({ line }) => line.ends)),
      reconnections: sum(observers.map(({ line }) => line.connections - 1)), resyncs: sum(observers.map(({ resyncs }) => resyncs)),
    },
  }
}
