// Many sockets: what an idle one costs, how thousands come back after a kill, and what those cost who read nothing.
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '../load/wire.ts'
import { inFlight } from '../load/in-flight.ts'
import { memoryOf } from '../measure/processes.ts'
import { freePort } from '../../test/kit/port.ts'
import { openCrowd, type Crowd } from './crowd.ts'
import { heapOf } from './heap.ts'
import { counted, ms, share, spread, told, type Hold, type Play, type Scenario } from './hold.ts'
import { asked, enter, figuresOf, inHouse, openFiles, people, socketsHere, type House } from './house.ts'

const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6

/** Waits until the condition holds, and says whether it came to. @param patience milliseconds */
const within = async (patience: number, holds: () => Promise<boolean>): Promise<boolean> => {
  for (const deadline = performance.now() + patience; performance.now() < deadline; await sleep(200)) if (await holds()) return true
  return false
}

const tokensOf = async (house: House, count: number): Promise<string[]> => (await people(house, count)).map(({ token }) => token)

/** So many sockets as were wanted, or as may be open here; and what to say of it. */
const room = (wanted: number): { readonly count: number; readonly note: string } => {
  const count = socketsHere(wanted)
  return { count, note: count < wanted ? ` (not ${counted(wanted)}: ${counted(openFiles())} open files are allowed)` : '' }
}

const missing = (play: Play): Promise<readonly Hold[]> => inHouse(1, async (house) => {
  const { url, admin } = house
  const [missed, clients] = [share(play, 900), share(play, 100)]
  const writer = await enter(house, 0)
  let feed: { epoch: string; pos: number } | undefined
  const first = await connect(url(0), { auth: { token: admin }, ready: 'session', onFrame: (frame) => {
    if (frame.startsWith('["session",')) feed = (JSON.parse(frame) as [string, { feed: { epoch: string; pos: number } }])[1].feed
  } })
  first.close()
  for (let number = 0; number < missed; number += 1) await asked(writer, 'site-create', { id: `missed-${number}`, label: 'Missed' })
  await sleep(1500)
  const before = await figuresOf(url(0))
  const faults: string[] = []
  for (let client = 0; client < clients; client += 1) {
    const heard: number[] = []
    const wire = await connect(url(0), { auth: { token: admin, since: feed }, ready: 'session', onFrame: (frame) => {
      const pos = /^\["site-changed",.*"pos":(\d+)/.exec(frame)?.[1]
      if (pos !== undefined) heard.push(Number(pos))
      if (frame.startsWith('["feed-resync"')) faults.push(`client ${client} was told to read everything anew`)
    } })
    await within(20_000, () => Promise.resolve(heard.length >= missed))
    if (heard.length !== missed || heard.some((pos, index) => index > 0 && pos <= (heard[index - 1] ?? 0)))
      faults.push(`client ${client} heard ${heard.length}, or not in order`)
    wire.close()
  }
  const after = await figuresOf(url(0))
  const between = (label: string): number =>
    after('sovrane_resumes_total', label) - before('sovrane_resumes_total', label)
  const [memory, database] = [between('memory'), between('database')]
  return [{
    name: 'ring', what: `${counted(missed)} changes missed, by ${counted(clients)} clients that come back with their cursor`,
    bound: 'told from memory, in order; 0 reads of the feed',
    measured: `read ${memory} times from memory, ${database} times from the database; ${faults.length} wrong`,
    holds: faults.length === 0 && database === 0 && memory >= clients, figures: { memory, database, faults: faults.slice(0, 20) },
  }]
})

const comingBack = (play: Play): Promise<readonly Hold[]> => inHouse(2, async (house) => {
  const { stage, url } = house
  const { count, note } = room(share(play, 10_000))
  const tokens = await tokensOf(house, 200)
  const crowd = await openCrowd({ urls: [url(1), url(0)], tokens, count, atOnce: 20 })
  const writer = await enter(house, 0)
  for (let number = 0; number < 50; number += 1) await asked(writer, 'site-create', { label: 'Before' })
  await sleep(3000)
  const before = await figuresOf(url(0))
  const killed = monotonic()
  await stage.places[1]?.node.signal('SIGKILL')
  // What they miss meanwhile.
  for (let number = 0; number < 50; number += 1) await asked(writer, 'site-create', { label: 'Meanwhile' })
  await within(120_000, async () => {
    const { open, closes } = await crowd.standing()
    return closes >= count && open === count
  })
  const standing = await crowd.standing()
  const back = standing.open === count ? standing.fullAt - killed : Number.POSITIVE_INFINITY
  const complete = await within(20_000, async () => (await crowd.standing()).heard >= count * 100)
  const after = await figuresOf(url(0))
  const statements = (after('sovrane_statements_total', 'requests') - before('sovrane_statements_total', 'requests') - 50 * 4) / count
  const database = after('sovrane_resumes_total', 'database') - before('sovrane_resumes_total', 'database')
  const { heard, resyncs, disordered, refusals } = await crowd.standing()
  return [{
    name: 'reconnect', what: `${counted(count)} sockets come back to another node after the kill of theirs, about a second later as clients do${note}`,
    bound: 'all back within 15 s; ≤ 2 statements a socket; 0 reads of the feed',
    measured: `all back after ${ms(back)}, ${statements.toFixed(2)} statements a socket, ${database} reads of the feed; ` +
      `${complete ? 'all' : 'not all'} was told, ${resyncs} resyncs, ${disordered} out of order`,
    holds: back <= 15_000 && statements <= 2 && database === 0 && complete && resyncs === 0 && disordered === 0,
    figures: { count, back, statements, database, heard, resyncs, disordered, refusals },
  }]
})

/** Bytes of a process once collections of garbage give nothing back any more; at the most after a minute and a half. */
const settled = async (pid: number, inspector: number): Promise<number> => {
  let least = Number.POSITIVE_INFINITY
  for (let [calm, looks] = [0, 0]; calm < 4 && looks < 30; looks += 1) {
    await heapOf(inspector)
    await sleep(3000)
    const now = memoryOf(pid)
    calm = now < least * 0.98 ? 0 : calm + 1
    least = Math.min(least, now)
  }
  return least
}

const idling = async (play: Play): Promise<readonly Hold[]> => {
  const inspector = await freePort()
  return inHouse(1, (house) => idleSockets(play, house, inspector), { NODE_OPTIONS: `--inspect=127.0.0.1:${inspector}` })
}

const idleSockets = async (play: Play, house: House, inspector: number): Promise<readonly Hold[]> => {
  const { stage, url } = house
  const { count, note } = room(share(play, 18_000))
  const tokens = await tokensOf(house, 200)
  const pid = stage.places[0]?.node.pid() ?? 0
  // Compiled, and with its pools full: what a first few hundred cost is not what the next ones do.
  const first = await openCrowd({ urls: [url(0)], tokens, count: 300, atOnce: 20, isReturning: false })
  first.close()
  // Threads that hash passwords end after half a minute.
  await sleep(40_000)
  // What the start has left behind would be given back while the sockets come. Afterwards nothing is collected but by itself.
  const before = await settled(pid, inspector)
  const crowd = await openCrowd({ urls: [url(0)], tokens, count, atOnce: 20 })
  // Two rounds of `feed-head` and pings.
  await sleep(35_000)
  const after = memoryOf(pid)
  const { open, closes } = await crowd.standing()
  const each = (after - before) / 1024 / count
  return [{
    name: 'idle', what: `${counted(count)} idle sockets in one process${note}`, bound: '≤ 40 KB of memory each',
    measured: `${each.toFixed(1)} KB each, ${counted(Math.round(after / 2 ** 20))} MB in all; ${counted(open)} open, ${closes} closed`,
    // Less than nothing: something else was given back meanwhile, and the figure says nothing.
    holds: each <= 0 ? undefined : each <= 40 && open === count, figures: { count, each, before, after, open, closes },
  }]
}

/** Changes many rows by one statement, over and over, until `isOver`; reads meanwhile, and gives what the reads took. */
const reading = async (house: House, rows: number, isOver: () => Promise<boolean>) => {
  const wires = await Promise.all(Array.from({ length: 4 }, () => enter(house, 0)))
  const pid = house.stage.places[0]?.node.pid() ?? 0
  const took: number[] = []
  let [turn, turns, peak, isDone] = [0, 0, 0, false]
  const changing = (async () => {
    while (!isDone) {
      turn += 1
      await house.stage.sql('update sites set label = $1 where id like $2', [`Turn ${turn}`, 'unread-%'])
      // Told before the next: a backlog would be what is measured.
      const position = Number((await house.stage.sql<{ pos: string }>('select pos from feed_state'))[0]?.pos)
      await within(60_000, async () => (await figuresOf(house.url(0)))('sovrane_feed_position') >= position)
      peak = Math.max(peak, memoryOf(pid))
    }
  })()
  // Who waits for it is told; where the reads fail no one waits.
  changing.catch(() => undefined)
  while (!isDone) {
    const read = async (): Promise<unknown> => {
      turns += 1
      const wire = wires[turns % wires.length]
      return wire && asked(wire, 'site-list-request', { limit: 20 })
    }
    const sample = await inFlight(4, 1000, read)
    took.push(...sample.latencies)
    peak = Math.max(peak, memoryOf(pid))
    isDone = await isOver()
  }
  await changing
  for (const wire of wires) wire.close()
  return { spent: spread(took), peak, rows: turn * rows }
}

const unread = (play: Play): Promise<readonly Hold[]> => inHouse(1, async (house) => {
  const { stage, url } = house
  const count = share(play, 1000)
  // Told one by one: with these sockets more at once would be a flood, which is one word to each.
  const rows = 150
  const tokens = await tokensOf(house, 50)
  await stage.sql(`insert into sites (id, label) select 'unread-' || repeat('x', 45) || n, 'Unread' from generate_series(1, $1::int) n`, [rows])
  const open = (): Promise<Crowd> => openCrowd({ urls: [url(0)], tokens, count, atOnce: 20, isReturning: false })
  // Some answer no ping before they are too slow. What the server has besides are the four that read.
  const dropped = async (): Promise<number> => count - ((await figuresOf(url(0)))('sovrane_sockets', '"/"') - 4)
  await sleep(3000)

  const readers = await open()
  const until = performance.now() + 15_000
  const beside = await reading(house, rows, () => Promise.resolve(performance.now() > until))
  readers.close()
  await sleep(3000)
  const pid = stage.places[0]?.node.pid() ?? 0
  const deaf = await open()
  await deaf.deafen()
  const before = memoryOf(pid)
  const patience = performance.now() + 400_000
  const during = await reading(house, rows, async () => await dropped() >= count || performance.now() > patience)
  const gone = Math.min(count, await dropped())
  const each = (during.peak - before) / 1024 / count
  const ratio = during.spent.p99 / beside.spent.p99
  return [{
    name: 'unread', what: `${counted(count)} sockets stop reading while ${counted(during.rows)} changes are told`,
    bound: "≤ 1 MiB each, then dropped; others' p99 ≤ 2 × that beside as many that read",
    measured: `${counted(gone)} dropped; ${counted(Math.round(each))} KB each at the most; others' reads ${told(during.spent)}, ` +
      `beside readers ${told(beside.spent)}: ${ratio.toFixed(2)} ×`,
    holds: gone >= count && each <= 1024 && ratio <= 2, figures: { gone, each, ratio, during, beside },
  }]
})

export const ring: Scenario = { name: 'ring', minutes: 1, play: missing }
export const reconnect: Scenario = { name: 'reconnect', minutes: 2, play: comingBack }
export const idle: Scenario = { name: 'idle', minutes: 3, play: idling }
export const unreadSockets: Scenario = { name: 'unread', minutes: 6, play: unread }
