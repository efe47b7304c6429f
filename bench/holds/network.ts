// What the network and the scheduler do to one node: notifications that get lost, a cut from the database, a pause while it relays.
import { setTimeout as sleep } from 'node:timers/promises'
import { post } from '../../test/races/client.ts'
import { counted, ms, share, spread, told, type Hold, type Play, type Scenario } from './hold.ts'
import { asked, enter, inHouse, logIn, type House } from './house.ts'
import { administrator } from '../../test/kit/ready.ts'
import type { Wire } from '../load/wire.ts'

/** What a watcher has heard: when each row was first told of. */
export interface Ears {
  readonly hear: (frame: string) => void
  readonly until: (id: string, patience: number) => Promise<number>
}

export const ears = (): Ears => {
  const at = new Map<string, number>()
  return {
    hear(frame) {
      const id = /^\["[\w-]+-changed",\{"id":"([^"]+)"/.exec(frame)?.[1]
      if (id !== undefined && !at.has(id)) at.set(id, performance.now())
    },
    async until(id, patience) {
      for (const deadline = performance.now() + patience; performance.now() < deadline; await sleep(2)) {
        const found = at.get(id)
        if (found !== undefined) return found
      }
      return Number.POSITIVE_INFINITY
    },
  }
}

interface Listening {
  readonly pid: number
  readonly port: number
}

/** The connections by which nodes hear notifications. */
const listeningTo = async ({ stage }: House): Promise<Listening[]> => stage.sql<{ pid: number; port: number }>(
  `select pid, client_port as port from pg_stat_activity where query ilike 'listen %' and datname = current_database()`)

/** From now on no node hears a notification over the connections that it has. */
export const deafenAll = async (house: House): Promise<number> => {
  const found = await listeningTo(house)
  for (const { port } of found) for (const { database } of house.stage.places) database.deafen(port)
  return found.length
}

const lose = {
  'half-open': { what: 'LISTEN of all nodes half-open: the connection stands, nothing comes', lose: deafenAll },
  lost: {
    what: 'LISTEN of all nodes cut just before the change: NOTIFY is lost',
    lose: async (house: House): Promise<number> => {
      const found = await listeningTo(house)
      for (const { pid } of found) await house.stage.sql('select pg_terminate_backend($1)', [pid])
      return found.length
    },
  },
} as const

const notifications = (play: Play): Promise<readonly Hold[]> => inHouse(2, async (house) => {
  const holds: Hold[] = []
  const heard = ears()
  await enter(house, 1, house.admin, heard.hear)
  const writer = await enter(house, 0)
  for (const [name, { what, lose: act }] of Object.entries(lose)) {
    const times: number[] = []
    let without = 0
    for (let number = 0; number < share(play, 100); number += 1) {
      await sleep(Math.random() * 300)
      if (await act(house) === 0) without += 1
      const id = `${name}-${number}`
      await asked(writer, 'site-create', { id, label: id })
      const done = performance.now()
      times.push(Math.max(0, await heard.until(id, 20_000) - done))
    }
    const spent = spread(times)
    holds.push({
      name: `notify, ${name}`, what: `${what}, × ${times.length}`, bound: 'changes told by the other node within 1.2 s of the reply',
      measured: told(spent), holds: spent.max <= 1200, figures: { ...spent, 'tries with no LISTEN to lose': without },
    })
  }
  return holds
})

const cut = (play: Play): Promise<readonly Hold[]> => inHouse(2, async (house) => {
  const { stage, url } = house
  const duration = Math.max(35_000, 60_000 * play.scale)
  const heard = ears()
  const closed: number[] = []
  const victims = await Promise.all(Array.from({ length: 20 }, () => enter(house, 1)))
  const began = performance.now()
  for (const wire of victims) wire.onClose(() => closed.push(performance.now() - began))
  const link = stage.places[1]?.database
  link?.blackhole()
  const answers: { readonly at: number; readonly took: number; readonly code: string }[] = []
  const asking: Promise<void>[] = []
  for (let number = 0; performance.now() - began < duration; number += 1) {
    const from = performance.now()
    const event = number % 2 === 0 ? 'site-list-request' : 'site-create'
    asking.push(post(url(1), event, number % 2 === 0 ? {} : { label: 'Never' }, house.admin).then((reply) => {
      answers.push({ at: from - began, took: performance.now() - from, code: reply.ok ? 'ok' : reply.code })
    }, () => void answers.push({ at: from - began, took: performance.now() - from, code: 'no answer' })))
    if (number % 25 === 0) await house.ok(0, 'site-create', { id: `meanwhile-${number}`, label: 'Meanwhile' })
    await sleep(200)
  }
  await Promise.all(asking)
  const missedWhile = Array.from({ length: Math.ceil(answers.length / 25) }, (_, index) => `meanwhile-${index * 25}`)
  link?.heal()
  const healed = performance.now()
  const ready = (): Promise<boolean> => fetch(`${url(1)}/health/ready`).then(({ status }) => status === 200, () => false)
  while (!(await ready())) await sleep(20)
  const caughtUp = performance.now() - healed
  await enter(house, 1, await logIn(url(1), administrator), heard.hear)
  await house.ok(0, 'site-create', { id: 'after', label: 'After' })
  const after = await heard.until('after', 20_000)
  const list = await house.ok(1, 'site-list-request', { limit: 100, search: 'Meanwhile' })
  const [early, late] = [answers.filter(({ at }) => at < 5000), answers.filter(({ at }) => at >= 5000)]
  const wrong = answers.filter(({ code }) => code !== 'unavailable')
  const [first, rest] = [spread(early.map(({ took }) => took)), spread(late.map(({ took }) => took))]
  const lastClosed = closed.length === victims.length ? Math.max(...closed) : Number.POSITIVE_INFINITY
  const known = new Set((list['items'] as { id: string }[]).map(({ id }) => id))
  const isComplete = missedWhile.every((id) => known.has(id)) && Number.isFinite(after)
  return [{
    name: 'cut', what: `a node cut from the database (everything swallowed) for ${Math.round(duration / 1000)} s, asked five times a second`,
    bound: '`unavailable`, within 1 s once it is known; sockets closed by 30 s; catches up',
    measured: `in the first 5 s ${told(first)}, then ${told(rest)}; ${wrong.length} of ${answers.length} other than unavailable; ` +
      `sockets closed after ${ms(lastClosed)}; ready ${ms(caughtUp)} after the end, ` +
      (isComplete ? 'all changes there' : 'changes are missing'),
    holds: wrong.length === 0 && rest.p99 <= 1000 && lastClosed <= 30_000 && isComplete,
    figures: { first, rest, closed, caughtUp, wrong: wrong.slice(0, 20) },
  }]
})

const paused = (play: Play): Promise<readonly Hold[]> => inHouse(2, async (house) => {
  const node = house.stage.places[1]?.node
  const heard = ears()
  await enter(house, 0, house.admin, heard.hear)
  const own = await enter(house, 0)
  const times: number[] = []
  for (let round = 0; round < share(play, 30); round += 1) {
    const wires: Wire[] = await Promise.all(Array.from({ length: 8 }, () => enter(house, 1)))
    let isGoing = true
    const work = wires.map(async (wire, writer) => {
      for (let number = 0; isGoing; number += 1) {
        const id = `busy-${round}-${writer}-${number}`
        await asked(wire, 'site-create', { id, label: id })
      }
    })
    await sleep(200 + Math.random() * 200)
    await node?.signal('SIGSTOP')
    isGoing = false
    const id = `meanwhile-${round}`
    await asked(own, 'site-create', { id, label: id })
    const done = performance.now()
    times.push(Math.max(0, await heard.until(id, 20_000) - done))
    await node?.signal('SIGCONT')
    await Promise.allSettled(work)
    for (const wire of wires) wire.close()
  }
  const spent = spread(times)
  return [{
    name: 'paused', what: `a node stopped (SIGSTOP) × ${times.length} in the middle of 8 writers' changes`,
    bound: "others' changes delayed ≤ 5 s",
    measured: told(spent), holds: spent.max <= 5000, figures: { ...spent, tries: counted(times.length) },
  }]
})

export const notify: Scenario = { name: 'notify', minutes: 3, play: notifications }
export const cutOff: Scenario = { name: 'cut', minutes: 2, play: cut }
export const pausedNode: Scenario = { name: 'paused', minutes: 2, play: paused }
