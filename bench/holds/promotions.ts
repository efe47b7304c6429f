// A standby that lacks what was acknowledged is promoted, over and over, under clients at work: everyone is told to read everything anew.
import { setTimeout as sleep } from 'node:timers/promises'
import { checkers } from '../../test/faults/storm/checkers.ts'
import { Observer } from '../../test/faults/storm/observer.ts'
import { operationsOf } from '../../test/faults/storm/operations.ts'
import { readRows } from '../../test/faults/storm/reading.ts'
import { prepare, until } from '../../test/faults/storm/storm.ts'
import { startWriter } from '../../test/faults/storm/writer.ts'
import { counted, share, type Hold, type Play, type Scenario } from './hold.ts'
import { inHouse, must, type House } from './house.ts'
import { own } from './machine.ts'

const writers = 10
/** Milliseconds of acknowledged writes that the standby will lack. */
const losing = 1000

const withoutTimeline = `create or replace function sovrane_epoch() returns text language sql stable as 'select epoch from feed_state'`

/** Promotes a standby that lacks the last second. Gives how many changes of the feed were lost. */
const promote = async ({ stage }: House): Promise<number> => {
  const before = stage.cluster()
  const standby = await before.standby()
  own(await standby.postmaster())
  const at = async (): Promise<number> => Number((await stage.sql<{ pos: string }>('select pos from feed_state'))[0]?.pos)
  await standby.stop()
  await sleep(losing)
  const had = await at()
  for (const { database } of stage.places) database.cut()
  await before.stop()
  await standby.start()
  await standby.promote()
  await stage.move(standby)
  const lost = had - await at()
  for (const { database } of stage.places) database.heal()
  return lost
}

const epochOf = async ({ stage }: House): Promise<string> =>
  String((await stage.sql<{ epoch: string }>('select sovrane_epoch() as epoch'))[0]?.epoch)

/** @param isPlain with an epoch that knows no timelines, by which the check is seen to fail */
const promotions = async (play: Play, rounds: number, isPlain: boolean) => inHouse(3, async (house) => {
  const { stage, url } = house
  const { admin: token } = await prepare(url(0))
  if (isPlain) {
    await stage.sql(withoutTimeline)
    // Another epoch for the nodes that run.
    await sleep(3000)
  }
  const urls = stage.places.map(({ node }) => node.url)
  const readable = (): boolean => true
  const observers = [
    ...urls.map((one, index) => new Observer({ name: `one who stays at ${index}`, urls: [one], first: 0, token, readable })),
    new Observer({ name: 'one who wanders', urls, first: 0, token, readable, restless: 1500 }),
  ]
  await Promise.all(observers.map((observer) => observer.start()))
  let isOver = false
  const work = Array.from({ length: writers }, (_, number) =>
    startWriter({ urls, number, token, operations: operationsOf(play.seed, number), pause: 20, isOver: () => isOver }))
  const silent: string[] = []
  let lost = 0
  for (let round = 1; round <= rounds; round += 1) {
    await sleep(1500)
    const marks = observers.map(({ told }) => told.length)
    lost += await promote(house)
    const epoch = await epochOf(house)
    const unaware = (): string[] => observers
      .filter(({ told }, index) => !told.slice(marks[index]).some((one) => one.kind === 'resync' && one.epoch === epoch))
      .map(({ observed: { name } }) => `${name} was not told of promotion ${round}`)
    for (const deadline = Date.now() + (isPlain ? 5000 : 30_000); unaware().length > 0 && Date.now() < deadline;) await sleep(50)
    silent.push(...unaware())
  }
  await sleep(1500)
  isOver = true
  await Promise.all(work.map(({ done }) => done))
  await until('all nodes are ready', async () => (await Promise.all(urls.map((one) =>
    fetch(`${one}/health/ready`).then(({ status }) => status === 200, () => false)))).every(Boolean))
  const { id } = await must(url(0), 'site-create', { id: 'shared-last', label: 'Last' }, token)
  const calm = (): Promise<void> => until('all have read everything', () =>
    observers.every((observer) => observer.hasCaughtUp(`site/${String(id)}`, Number.POSITIVE_INFINITY)))
  await (isPlain ? sleep(5000) : calm())
  for (const observer of observers) observer.close()
  const history = { attempts: [], feed: [], audit: [], rows: await readRows(stage), observers: observers.map(({ observed }) => observed) }
  const acknowledged = work.reduce((sum, { attempts }) => sum + attempts.length, 0)
  return { silent, diverged: checkers.diverged(history), lost, acknowledged }
})

const honest = async (play: Play): Promise<Hold> => {
  const rounds = share(play, 10)
  const { silent, diverged, lost, acknowledged } = await promotions(play, rounds, false)
  return {
    name: 'promotions', what: `a standby that lacks the last second promoted × ${rounds}, under ${writers} writers, three nodes, four observers`,
    bound: 'every client resyncs; 0 silent differences',
    measured: `${counted(acknowledged)} operations, ${counted(lost)} changes lost with the primaries; ${silent.length} not told; ` +
      `${diverged.length} differences`,
    holds: silent.length === 0 && diverged.length === 0 && lost > 0,
    figures: { acknowledged, lost, silent: silent.slice(0, 20), diverged: diverged.slice(0, 20) },
  }
}

const plain = async (play: Play): Promise<Hold> => {
  const { silent, diverged, lost } = await promotions(play, 1, true)
  return {
    name: 'promotions, plain epoch', what: 'the same once, with an epoch that holds no timeline: the check must fail',
    bound: 'differences are found',
    measured: `${counted(lost)} changes lost; ${silent.length} of 4 not told; ${diverged.length} differences`,
    holds: silent.length > 0 && diverged.length > 0, figures: { lost, silent, diverged: diverged.slice(0, 20) },
  }
}

export const promotion: Scenario = {
  name: 'promotions', minutes: 3, play: async (play) => [await honest(play), await plain(play)],
}
