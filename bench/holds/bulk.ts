// Much at once at one node: 20,000 rows changed by one statement while a thousand listen, 3,000 requests of nobody under way, and both.
import { setTimeout as sleep } from 'node:timers/promises'
import { openCrowd, openFlood } from './crowd.ts'
import { counted, ms, share, type Hold, type Play, type Scenario } from './hold.ts'
import { figuresOf, inHouse, people, watchNode, type House } from './house.ts'

const bound = 'event loop held up ≤ 200 ms; feed never late by more than 2 s; no socket closed'

/** Runs `work` between two readings of the node and of the listeners. */
const watching = async (
  house: House, crowd: Awaited<ReturnType<typeof openCrowd>>, work: () => Promise<string>,
): Promise<Pick<Hold, 'measured' | 'holds' | 'figures'>> => {
  const before = await crowd.standing()
  const watch = await watchNode(house.url(0))
  const words = await work()
  const worst = await watch.stop()
  const after = await crowd.standing()
  const [closes, disordered] = [after.closes - before.closes, after.disordered - before.disordered]
  return {
    measured: `event loop ${ms(worst.loop * 1000)}, feed late by ${ms(worst.lag * 1000)}, ${closes} sockets closed; ${words}`,
    holds: worst.loop <= 0.2 && worst.lag <= 2 && closes === 0 && disordered === 0, figures: { ...worst, closes, disordered },
  }
}

const play = (options: Play): Promise<readonly Hold[]> => inHouse(1, async (house) => {
  const [rows, listeners, flooding] = [share(options, 20_000), share(options, 1000), share(options, 3000)]
  const { stage, url } = house
  await stage.sql(`insert into sites (id, label) select 'bulk-' || n, 'Bulk ' || n from generate_series(1, $1::int) n`, [rows])
  const tokens = (await people(house, 50)).map(({ token }) => token)
  await sleep(3000)
  const crowd = await openCrowd({ urls: [url(0)], tokens, count: listeners, atOnce: 20 })
  await sleep(2000)

  let turn = 0
  const change = async (): Promise<string> => {
    turn += 1
    const before = await crowd.standing()
    const began = performance.now()
    await stage.sql('update sites set label = label || $1 where id like $2', [`.${turn}`, 'bulk-%'])
    for (const deadline = performance.now() + 300_000; performance.now() < deadline; await sleep(50)) {
      const [state] = await stage.sql('select pos, (select count(*) from outbox) as waiting from feed_state')
      const { reached, heard, resyncs } = await crowd.standing()
      if (Number(state?.['waiting']) > 0 || reached < Number(state?.['pos'])) continue
      const words = resyncs > before.resyncs ? `, ${counted(resyncs - before.resyncs)} times by the word to read anew` : ''
      return `the last knew of it after ${ms(performance.now() - began)}, of ${counted(heard - before.heard)} changes one by one${words}`
    }
    return 'not known to all within 300 s'
  }
  /** What is left of one is no part of the next. */
  const calm = async (): Promise<void> => {
    for (const deadline = performance.now() + 600_000; performance.now() < deadline; await sleep(1000)) {
      const { heard } = await crowd.standing()
      const figures = await figuresOf(url(0))
      await sleep(2000)
      if (figures('sovrane_feed_lag_seconds') < 2 && (await crowd.standing()).heard === heard) return
    }
    throw new Error('calm did not come')
  }
  const holds: Hold[] = []
  const changed = `${counted(rows)} rows changed by one statement, ${counted(listeners)} listeners`
  holds.push({ name: 'bulk', what: changed, bound, ...await watching(house, crowd, change) })

  const flooded = `${counted(flooding)} requests without a session under way at once`
  await calm()
  const flood = await openFlood(url(0), flooding)
  const answersOf = async (duration: number): Promise<string> => {
    const before = (await flood.standing()).answers
    await sleep(duration)
    return `${counted((await flood.standing()).answers - before)} of them answered`
  }
  holds.push({
    name: 'flood', what: `${flooded}, ${counted(listeners)} listeners`, bound, ...await watching(house, crowd, () => answersOf(10_000)),
  })
  await calm()
  holds.push({ name: 'bulk and flood', what: `both at once: ${changed}, ${flooded}`, bound, ...await watching(house, crowd, change) })
  flood.close()
  return holds
})

export const bulk: Scenario = { name: 'bulk', minutes: 5, play }
