// What costs may grow with: rows, grants, the depth of a tree, listeners, a backlog, and nodes. Each is turned up by itself.
import { setTimeout as sleep } from 'node:timers/promises'
import { anyOf, idOf, ordinary } from '../database/organisation.ts'
import type { DatabaseServer } from '../database/server.ts'
import { monotonic, openCrowd } from '../load/crowd.ts'
import { inFlight, type Sample } from '../load/in-flight.ts'
import { memoryOf } from '../measure/processes.ts'
import { ask, type Request } from '../targets/dialect.ts'
import { atOnce } from '../operations/operation.ts'
import { inHouse, sized, type Figure, type House } from './house.ts'

/** What is measured besides the costs of operations. */
type More = Readonly<Record<string, number>>

export interface Point {
  readonly value: number
  readonly figures: readonly Figure[]
  readonly more?: More
}

export interface Dimension {
  readonly name: string
  /** What grows, for people. */
  readonly title: string
  readonly values: readonly number[]
  at(server: DatabaseServer, value: number): Promise<Point>
}

/** Requests of the user who may do all, over their four sockets. */
const requests = ({ scene: { wires, dialect } }: House, choose: (turn: number) => Request) => {
  let turn = 0
  const send = (): Promise<unknown> => {
    const wire = wires[turn % wires.length]
    turn += 1
    if (!wire) throw new Error('there is no socket')
    return ask(dialect, wire, choose(turn))
  }
  return (duration: number): Promise<Sample> => inFlight(atOnce, duration, send)
}

/** Another user each time: of several changes of one row the last may be told alone. */
const updates = (house: House, users = ordinary.users) =>
  requests(house, () => {
    const fresh = house.scene.fresh()
    return house.scene.dialect.requests.updateUser((fresh * 7919) % users + 1, fresh)
  })

const rows: Dimension = {
  name: 'rows', title: 'users', values: [1000, 10_000, 100_000],
  at: (server, value) => inHouse(server, { size: sized(value) }, async (house) => {
    const { requests: each } = house.scene.dialect
    return {
      value,
      figures: [
        await house.figure('get', requests(house, () => each.get(anyOf(value)))),
        await house.figure('list, page 1', requests(house, () => each.list(1, 20))),
        await house.figure('list, the middle page', requests(house, () => each.list(Math.floor(value / 40), 20))),
        await house.figure('list by last name', requests(house, () => ['user-list-request', { sort: 'lastName', limit: 20 }])),
        await house.figure('search', requests(house, () => ['user-list-request', { search: `person.${anyOf(value)}@`, limit: 20 }])),
        await house.figure('update', updates(house, value)),
      ],
    }
  }),
}

/** The user with so many grants, each of one key in one department; they have a password. */
const grantee = 2

const grantsOf = (count: number): string =>
  `insert into user_permissions (user_id, permission_id, scope_id, deny)
     select '${idOf('user', grantee)}', p.id, d.id, false
     from (select id from permissions
         where permission_key in ('read-user', 'read-users', 'update-user', 'read-department', 'read-departments')) p,
       (select id from departments where id like '01900000-%' order by id limit ${Math.ceil(count / 5)}) d`

const grants: Dimension = {
  name: 'grants', title: 'grants of the actor, each in a department', values: [5, 50, 500],
  at: (server, value) => inHouse(server, {}, async (house) => {
    const { scene: { dialect, url } } = house
    await house.sql(`delete from user_roles where user_id = '${idOf('user', grantee)}'`, grantsOf(value))
    const lobby = await dialect.lobby(url)
    const token = dialect.tokenOf(await ask(dialect, lobby, dialect.requests.logIn(grantee)))
    lobby.close()
    const wire = await dialect.enter(url, token)
    const asking = (choose: () => Request) => (duration: number) => inFlight(atOnce, duration, () => ask(dialect, wire, choose()))
    try {
      return {
        value,
        figures: [
          await house.figure('connect', (duration) => inFlight(atOnce, duration, async () => (await dialect.enter(url, token)).close())),
          await house.figure('get within a scope', asking(() => dialect.requests.get(idInReach(value)))),
          await house.figure('list within scopes', asking(() => dialect.requests.list(1, 20))),
          await house.figure('update within a scope', asking(() => dialect.requests.updateUser(idInReach(value), house.scene.fresh()))),
        ],
      }
    } finally {
      wire.close()
    }
  }),
}

const depth: Dimension = {
  name: 'depth', title: 'departments above the one that is read', values: [1, 10, 100],
  at: (server, value) => inHouse(server, {}, async (house) => {
    const id = (level: number): string => `deep-${level}`
    const [wire] = house.scene.wires
    if (!wire) throw new Error('there is no socket')
    await house.sql(...Array.from({ length: value + 1 }, (_, level) =>
      `insert into departments (id, label, parent_id)
         values ('${id(level)}', 'Level ${level}', ${level === 0 ? 'null' : `'${id(level - 1)}'`})`))
    await sleep(2000)
    const move = requests(house, (turn) => ['department-update', { id: id(value), parentId: turn % 2 === 0 ? id(0) : id(value - 1) }])
    return {
      value,
      figures: [
        await house.figure('get', requests(house, () => ['department-get', { id: id(value) }])),
        await house.figure('update of the deepest', requests(house, () =>
          ['department-update', { id: id(value), label: `Level ${house.scene.fresh()}` }])),
        await house.figure('move of the deepest', move),
      ],
    }
  }),
}

const listeners: Dimension = {
  name: 'listeners', title: 'sockets that hear each change', values: [0, 100, 1000, 4000],
  at: (server, value) => inHouse(server, {}, async (house) => {
    const { scene: { target, url, tokens, pid } } = house
    const before = memoryOf(pid)
    const crowd = await openCrowd({ target, url, tokens, count: value })
    await sleep(1500)
    const memory = (memoryOf(pid) - before) / 1024
    const change = updates(house)
    try {
      const figure = await house.figure('update, until the last has heard', async (duration) => {
        await crowd.listen('heard')
        const began = monotonic()
        const sample = await change(duration)
        return { ...sample, elapsed: (await crowd.until('heard', sample.operations * value)) - began }
      }, [crowd.pid])
      return { value, figures: [figure], more: { 'KB of memory a socket': value === 0 ? 0 : memory / value } }
    } finally {
      crowd.close()
    }
  }),
}

const backlog: Dimension = {
  name: 'backlog', title: 'entries of the outbox that no one has relayed', values: [0, 10_000, 100_000],
  at: (server, value) => inHouse(server, {}, async (house) => {
    const { scene: { dialect, wires: [wire] } } = house
    if (!wire) throw new Error('there is no socket')
    const heard = new Promise<number>((resolve) => {
      wire.onFrame((frame) => {
        if (frame.includes('"last-of-backlog"')) resolve(monotonic())
      })
    })
    const began = monotonic()
    await house.sql(
      `insert into outbox (resource, id, action, version) select 'site', 'backlog-' || n, 'update', 2 from generate_series(1, ${value}) n;
       insert into outbox (resource, id, action, version) values ('site', 'last-of-backlog', 'update', 2)`)
    const get = requests(house, () => dialect.requests.get(anyOf(ordinary.users)))
    const reading = house.figure('get meanwhile', get)
    const drained = (await heard) - began
    return { value, figures: [await reading], more: { 'ms until the last is heard': drained } }
  }),
}

/** Milliseconds of the database's processor time a second while no one asks anything. */
const idle = async (house: House): Promise<number> => {
  const seconds = 10
  const { database = 0, perSecond } = await house.figure('idle', async (duration) => {
    const began = monotonic()
    await sleep(Math.max(duration, seconds * 1000))
    return { operations: 1, elapsed: monotonic() - began, latencies: [] }
  })
  return (database / 1000) * perSecond
}

const nodes: Dimension = {
  name: 'nodes', title: 'servers on one database', values: [1, 2, 4],
  at: (server, value) => inHouse(server, { nodes: value }, async (house) => {
    const quiet = await idle(house)
    return { value, figures: [await house.figure('update at one of them', updates(house))], more: { 'database, ms a second, idle': quiet } }
  }),
}

/** Users of the first departments: the n-th user is in department n % 200 + 1. */
const idInReach = (count: number): number => {
  const departments = Math.ceil(count / 5)
  const department = anyOf(Math.min(departments, ordinary.departments))
  return (department - 1 || ordinary.departments) + ordinary.departments * (anyOf(49) - 1)
}

export const dimensions: readonly Dimension[] = [rows, grants, depth, listeners, backlog, nodes]
