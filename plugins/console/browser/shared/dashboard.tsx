// What happens over time: people and sites as they grow, changes and log-ins by day. Each for those who may see what it is counted from.
import { useEffect, useState } from 'preact/hooks'
import { useAsked } from '../app/asked.ts'
import { resourcesName } from '../app/format.ts'
import { mayAsk } from '../app/rights.ts'
import { resourceNamed } from '../app/rows.ts'
import { ask, client, type PageOf, type Payload } from '../app/state.ts'
import { ta } from '../texts/administration/texts.ts'
import type { DescribedResource } from '#sovrane'
import { Chart, type Point } from './chart.tsx'

const activity = 'audit-activity-request'
/** How far back, and in how many steps what grows is counted. */
const [days, weeks] = [14, 8]
const millisecondsPerDay = 86_400_000
/** Seconds between two looks at what is recorded, of which no one is told. */
const every = 300
/** Milliseconds: many changes at once are one count. */
const calm = 2000

/** How many there were at the end of each of the last weeks, of those that there still are. */
const readGrowth = async ({ events }: DescribedResource, signal: AbortSignal): Promise<Point[]> => {
  const now = Date.now()
  const times = Array.from({ length: weeks }, (_, index) => new Date(now - (weeks - 1 - index) * 7 * millisecondsPerDay))
  return Promise.all(times.map(async (at) => {
    const { total } = await ask<PageOf>(events['list'] ?? '', { limit: 1, filter: { createdAt: { lte: at.toISOString() } } }, signal)
    return { at, count: total }
  }))
}

const Growth = ({ resource }: { readonly resource: DescribedResource }) => {
  const [points, setPoints] = useState<readonly Point[]>()
  useEffect(() => {
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    // What cannot be counted is not shown.
    const read = (): void => void readGrowth(resource, stop.signal).then(setPoints, () => undefined)
    read()
    const unlisten = client.onChanged(({ resource: of, action }) => {
      if (of !== resource.name || action === 'update') return
      clearTimeout(timer)
      timer = setTimeout(read, calm)
    })
    return () => {
      stop.abort()
      clearTimeout(timer)
      unlisten()
    }
  }, [resource])
  return <Chart title={resourcesName(resource)} kind="line" points={points ?? []} />
}

interface Counted {
  readonly items: readonly { readonly day: string; readonly count: number }[]
}

const pointsOf = (reply: Counted | undefined): Point[] =>
  (reply?.items ?? []).map(({ day, count }) => ({ at: new Date(`${day}T00:00:00Z`), count }))

/** By day: all that was recorded but what was refused and what is about logging in; and the log-ins that were let in. */
const Activity = () => {
  const recorded = (more: Payload): Counted | undefined => useAsked<Counted>(activity, { days, ...more }, { every }).reply
  const [info, critical] = [recorded({ level: 'info' }), recorded({ level: 'critical' })]
  const logIns = recorded({ action: 'auth-login', level: 'info' })
  const [others, gone] = [pointsOf(critical), pointsOf(logIns)]
  const points = pointsOf(info).map(({ at, count }, index) => ({
    at, count: Math.max(0, count + (others[index]?.count ?? 0) - (gone[index]?.count ?? 0)),
  }))
  return (
    <>
      <Chart title={ta.value.dashboard.changes} kind="bars" points={critical && logIns ? points : []} />
      <Chart title={ta.value.dashboard.logIns} kind="bars" points={gone} />
    </>
  )
}

/** Whether there is anything of it for who is logged in. */
const shown = (): readonly DescribedResource[] =>
  ['user', 'site'].flatMap((name) => {
    const resource = resourceNamed(name)
    return resource && mayAsk(resource.events['list']) && resource.list.filter.includes('createdAt') ? [resource] : []
  })

export const Dashboard = () => (
  <section class="dashboard" aria-label={ta.value.dashboard.title}>
    {shown().map((resource) => <Growth key={resource.name} resource={resource} />)}
    <Activity />
  </section>
)
