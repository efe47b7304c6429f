// Rights that end: how long it takes from the reply until the sockets of the one concerned are silent, or told, on all of three nodes.
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type Wire } from '../load/wire.ts'
import { password } from '../../test/kit/passwords.ts'
import { undoLater } from '../../test/kit/place.ts'
import type { Fields } from '../../test/races/client.ts'
import { ms, share, spread, told, type Hold, type Play, type Scenario } from './hold.ts'
import { asked, enter, inHouse, logIn, must, type House } from './house.ts'
import { deafenAll } from './network.ts'

interface Victim {
  readonly id: string
  readonly role: string
  readonly email: string
  readonly token: string
  readonly sockets: readonly Wire[]
  /** When each was told or closed. */
  readonly silent: number[]
}

/** The request that takes it, and how a socket notices. */
const kinds = {
  suspend: { notices: 'close', act: ({ ok }: House, { id }: Victim) => ok(0, 'user-update', { id, status: 'suspended' }) },
  role: { notices: 'rights-changed', act: ({ ok }: House, { id, role }: Victim) => ok(0, 'user-remove-role', { id, roleId: role }) },
  grant: {
    notices: 'rights-changed',
    act: ({ ok }: House, { id }: Victim) => ok(0, 'user-remove-permission', { id, permissionId: 'read-groups' }),
  },
  session: {
    notices: 'close',
    async act({ url }: House, { token }: Victim): Promise<Fields> {
      const { session } = await must(url(0), 'auth-me', {}, token) as { session: { id: string } }
      return must(url(0), 'auth-session-revoke', { id: session.id }, token)
    },
  },
  delete: { notices: 'close', act: ({ ok }: House, { id }: Victim) => ok(0, 'user-delete', { id }) },
  password: { notices: 'close', act: ({ ok }: House, { id }: Victim) => ok(0, 'user-update', { id, password: `${password}-2` }) },
} as const

type Kind = keyof typeof kinds
const names = Object.keys(kinds) as Kind[]

let made = 0

/** Makes an account with sockets at these nodes. */
const victimOf = async (house: House, kind: Kind, nodes: readonly number[]): Promise<Victim> => {
  made += 1
  const [id, role] = [`victim-${made}`, `victim-role`]
  const account = { email: `${id}@example.com`, password }
  await house.ok(0, 'user-create', { id, firstName: 'A', lastName: 'B', roles: [role], ...account })
  await house.ok(0, 'user-add-permission', { id, permissionId: 'read-groups' })
  const token = await logIn(house.url(0), account)
  const silent: number[] = []
  const sockets = await Promise.all(nodes.map(async (node) => {
    const wire = await connect(house.url(node), { auth: { token }, ready: 'session', onFrame: (frame) => {
      if (kinds[kind].notices === 'rights-changed' && frame.startsWith('["rights-changed"')) silent.push(performance.now())
    } })
    if (kinds[kind].notices === 'close') wire.onClose(() => silent.push(performance.now()))
    return wire
  }))
  return { id, role, email: account.email, token, sockets, silent }
}

/** Milliseconds until the last of the sockets was told. */
const revoke = async (house: House, kind: Kind, victim: Victim): Promise<number> => {
  await kinds[kind].act(house, victim)
  const replied = performance.now()
  for (const deadline = replied + 10_000; victim.silent.length < victim.sockets.length; await sleep(2))
    if (performance.now() > deadline) return Number.POSITIVE_INFINITY
  return Math.max(0, Math.max(...victim.silent) - replied)
}

interface Weather {
  readonly name: string
  readonly what: string
  readonly bound: number
  /** Whether p99 or the maximum is held to it. */
  readonly by: 'p99' | 'max'
  readonly nodes: readonly number[]
  /** All kinds at once: where each waits for a second. */
  readonly together: boolean
  readonly changes: number
  begin?(house: House): Promise<unknown>
  end?(house: House): Promise<unknown>
}

const stopped = 2

const weathers: readonly Weather[] = [
  { name: 'idle', what: 'nothing else to do', bound: 60, by: 'p99', nodes: [0, 1, 2], together: false, changes: 0 },
  { name: 'busy', what: 'beside 200 changes a second', bound: 250, by: 'p99', nodes: [0, 1, 2], together: false, changes: 200 },
  {
    name: 'notify lost', what: 'no node hears a notification', bound: 1200, by: 'max', nodes: [0, 1, 2], together: true, changes: 0,
    begin: deafenAll,
  },
  {
    name: 'a node stopped', what: 'one of the nodes stopped (SIGSTOP) just before, beside 50 changes a second', bound: 1200, by: 'max',
    nodes: [0, 1], together: true, changes: 50,
    begin: async ({ stage }) => stage.places[stopped]?.node.signal('SIGSTOP'),
    end: async ({ stage }) => stage.places[stopped]?.node.signal('SIGCONT'),
  },
]

/** Rows that are changed, so many that they seldom wait for one another; and changes under way at once: beyond that the pace is missed. */
const [steadyRows, mostUnderWay] = [1000, 24]

/** Changes rows at a steady pace, at all nodes in turn. Gives what stops it, which tells how many a second it was. */
const keepChanging = async (house: House, perSecond: number, nodes: readonly number[]): Promise<() => Promise<number>> => {
  const wires = await Promise.all(nodes.map((node) => enter(house, node)))
  const running = new Set<Promise<unknown>>()
  let [turn, done] = [0, 0]
  const began = performance.now()
  const timer = setInterval(() => {
    for (const due = ((performance.now() - began) / 1000) * perSecond; turn < due;) {
      turn += 1
      if (running.size >= mostUnderWay) continue
      const wire = wires[turn % wires.length]
      const one = wire ? asked(wire, 'site-update', { id: `steady-${turn % steadyRows}`, label: `Turn ${turn}` })
        .then(() => void (done += 1), () => undefined) : Promise.resolve()
      running.add(one)
      void one.finally(() => running.delete(one))
    }
  }, 5)
  const stop = async (): Promise<number> => {
    clearInterval(timer)
    const pace = done / ((performance.now() - began) / 1000)
    await Promise.all(running)
    for (const wire of wires) wire.close()
    return pace
  }
  undoLater(() => clearInterval(timer))
  return stop
}

const inWeather = async (play: Play, house: House, weather: Weather): Promise<Hold> => {
  const rounds = share(play, 100)
  const times = Object.fromEntries(names.map((name): [Kind, number[]] => [name, []])) as Record<Kind, number[]>
  const stop = weather.changes > 0 ? await keepChanging(house, weather.changes, [0, 1]) : undefined
  for (let round = 0; round < rounds; round += 1) {
    const victims: [Kind, Victim][] = []
    for (const kind of names) victims.push([kind, await victimOf(house, kind, weather.nodes)])
    await sleep(300)
    await weather.begin?.(house)
    const one = async ([kind, victim]: [Kind, Victim]): Promise<void> => void times[kind].push(await revoke(house, kind, victim))
    if (weather.together) await Promise.all(victims.map(one))
    else for (const each of victims) await one(each)
    await weather.end?.(house)
    for (const [, { sockets }] of victims) for (const wire of sockets) wire.close()
  }
  const pace = await stop?.()
  const spent = spread(names.flatMap((name) => times[name]))
  const of = (name: Kind): string => `${name} ${ms(spread(times[name])[weather.by])}`
  return {
    name: `revocation, ${weather.name}`, what: `suspend, role, grant, session, delete, password × ${rounds}, until the sockets on all nodes are ` +
      `silent: ${weather.what}`,
    bound: `${weather.by} ≤ ${ms(weather.bound)}`,
    measured: `${told(spent)} (${weather.by}: ${names.map(of).join(', ')})` +
      (pace === undefined ? '' : `; ${Math.round(pace)} changes a second`),
    holds: spent[weather.by] <= weather.bound,
    figures: { ...spent, pace, kinds: Object.fromEntries(names.map((name) => [name, spread(times[name])])) },
  }
}

const play = (options: Play): Promise<readonly Hold[]> => inHouse(3, async (house) => {
  await house.ok(0, 'role-create', { id: 'victim-role', label: 'Victims', permissions: ['read-sites', 'read-users'] })
  await house.stage.sql(`insert into sites (id, label) select 'steady-' || n, 'Steady' from generate_series(0, $1::int - 1) n`, [steadyRows])
  const holds: Hold[] = []
  for (const weather of weathers) holds.push(await inWeather(options, house, weather))
  return holds
})

export const revocation: Scenario = { name: 'revocation', minutes: 12, play }
