// Servers of a scenario on a cluster of its own, the people who use them, and what `/metrics` says of each.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { cleanUp } from '../../test/kit/place.ts'
import { password } from '../../test/kit/passwords.ts'
import { administrator } from '../../test/kit/ready.ts'
import { post, type Fields } from '../../test/races/client.ts'
import { setStage, type ClusterStage } from '../../test/faults/storm/stage.ts'
import { connect, type Wire } from '../load/wire.ts'
import { own } from './machine.ts'

export interface House {
  readonly stage: ClusterStage
  readonly admin: string
  readonly url: (node: number) => string
  /** As the administrator. @throws when it is refused */
  readonly ok: (node: number, event: string, payload: Fields) => Promise<Fields>
}

/** Milliseconds that `unavailable` is taken for an answer to ask again after. */
const patience = 30_000

/** @throws when it is refused */
export const must = async (url: string, event: string, payload: Fields, token?: string): Promise<Fields> => {
  let reply = await post(url, event, payload, token)
  for (const deadline = performance.now() + patience; !reply.ok && reply.code === 'unavailable' && performance.now() < deadline;) {
    await sleep(100)
    reply = await post(url, event, payload, token)
  }
  if (!reply.ok) throw new Error(`${event}: ${reply.code} ${JSON.stringify(reply.details)}`)
  return reply.data
}

export const logIn = async (url: string, account: { readonly email: string; readonly password: string }): Promise<string> =>
  String((await must(url, 'auth-login', account))['accessToken'])

/** The environment that users have by default, where the tests have a more patient one. */
const asUsersHave = { DATABASE_ACQUIRE_TIMEOUT: '1000', LOG_LEVEL: 'warn' }

/** Runs `work` with so many servers, and takes all down. @param more of the environment of each */
export const inHouse = async <T>(
  nodes: number, work: (house: House) => Promise<T>, more: Readonly<Record<string, string>> = {},
): Promise<T> => {
  try {
    const stage = await setStage(nodes, { ...asUsersHave, ...more })
    own(await stage.cluster().postmaster())
    const url = (node: number): string => stage.places[node]?.node.url ?? ''
    const admin = await logIn(url(0), administrator)
    try {
      return await work({ stage, admin, url, ok: (node, event, payload) => must(url(node), event, payload, admin) })
    } catch (error) {
      process.stderr.write(stage.places.map(({ node }, index) => `node ${index}:\n${node.words().slice(-3000)}\n`).join(''))
      throw error
    }
  } finally {
    await cleanUp()
  }
}

/** A socket that hears everything. @param token by default the administrator's */
export const enter = (house: House, node: number, token = house.admin, onFrame?: (frame: string) => void): Promise<Wire> =>
  connect(house.url(node), { auth: { token }, ready: 'session', ...(onFrame ? { onFrame } : {}) })

/** The reply to a request on a socket. @throws when it is refused */
export const asked = async (wire: Wire, event: string, payload: Fields): Promise<Fields> => {
  const [reply] = await wire.ask(event, payload) as [Fields]
  if ('error' in reply) throw new Error(`${event}: ${JSON.stringify(reply['error'])}`)
  return reply
}

export interface Person {
  readonly id: string
  readonly token: string
  readonly email: string
}

let made = 0

/** Makes accounts that may read users and sites, and logs them in. */
export const people = async ({ ok, url }: House, count: number): Promise<Person[]> => {
  made += 1
  const role = `readers-${made}`
  await ok(0, 'role-create', { id: role, label: role, permissions: ['read-user', 'read-users', 'read-site', 'read-sites'] })
  const found: Person[] = []
  for (let from = 0; from < count; from += 10) {
    found.push(...await Promise.all(Array.from({ length: Math.min(10, count - from) }, async (_, index) => {
      const id = `person-${made}-${from + index}`
      const account = { email: `${id}@example.com`, password }
      await ok(0, 'user-create', { id, firstName: 'A', lastName: 'B', roles: [role], ...account })
      return { id, email: account.email, token: await logIn(url(0), account) }
    })))
  }
  return found
}

/** One reading of `/metrics`: the sum of all lines of a metric, or of those whose labels contain `label`. */
export type Figures = (name: string, label?: string) => number

export const figuresOf = async (url: string): Promise<Figures> => {
  const text = await (await fetch(`${url}/metrics`)).text()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => {
    const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line) ?? []
    return { name, labels, value: Number(value) }
  })
  return (name, label = '') => lines.filter((line) => line.name === name && line.labels.includes(label))
    .reduce((sum, { value }) => sum + value, 0)
}

export interface Watch {
  /** Seconds: the longest that the event loop was held up, and the latest that the feed was. */
  stop(): Promise<{ readonly loop: number; readonly lag: number; readonly readings: number }>
}

/** Reads `/metrics` over and over; each reading tells of the time since the one before. */
export const watchNode = async (url: string): Promise<Watch> => {
  await figuresOf(url)
  const worst = { loop: 0, lag: 0, readings: 0 }
  let isOver = false
  const read = async (): Promise<void> => {
    const figures = await figuresOf(url).catch(() => undefined)
    if (!figures) return
    worst.loop = Math.max(worst.loop, figures('sovrane_event_loop_delay_seconds', 'max'))
    worst.lag = Math.max(worst.lag, figures('sovrane_feed_lag_seconds'))
    worst.readings += 1
  }
  const watching = (async () => {
    while (!isOver) {
      await read()
      await sleep(200)
    }
    await read()
  })()
  return {
    async stop() {
      isOver = true
      await watching
      return worst
    },
  }
}

/** Files and connections that one process may have open. */
export const openFiles = (): number =>
  Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 1024)

/** So many of the sockets as one server may hold here, with what else it has open. */
export const socketsHere = (wanted: number): number => Math.max(0, Math.min(wanted, openFiles() - 500))
