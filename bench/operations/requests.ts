// Operations that are requests over open sockets: reads, writes and a mix of both.
import { inFlight } from '../load/in-flight.ts'
import { anyOf, ordinary } from '../database/organisation.ts'
import { median } from '../measure/figures.ts'
import { ask, type Request } from '../targets/dialect.ts'
import { atOnce, type Operation, type Scene } from './operation.ts'

/** `turn` counts the requests of the operation. */
type Choose = (scene: Scene, turn: number) => Request | undefined

interface More extends Partial<Operation> {
  /** Requests under way at once. */
  readonly concurrency?: number
  /** The result is the median of the times, not how many there were. */
  readonly isTime?: boolean
}

/** @param choose the next request; undefined where the target has none of the kind */
const requests = (
  name: Operation['name'], title: string, choose: Choose,
  { concurrency = atOnce, isTime = false, ...rest }: More = {},
): Operation => ({
  name, title, ...isTime ? { unit: 'ms, p50' } : {}, ...rest,
  open(scene) {
    const { dialect, wires } = scene
    if (choose(scene, 0) === undefined) return Promise.resolve(undefined)
    let turn = 0
    const send = (): Promise<unknown> => {
      const wire = wires[turn % wires.length]
      const request = choose(scene, turn)
      turn += 1
      if (!wire || !request) throw new Error('there is nothing to send')
      return ask(dialect, wire, request)
    }
    return Promise.resolve({
      async window(duration) {
        const sample = await inFlight(concurrency, duration, send)
        return isTime ? { ...sample, value: median(sample.latencies) } : sample
      },
      close: () => Promise.resolve(),
    })
  },
})

/** Of twenty requests sixteen read a row, three a list, and one writes. */
const mix: Choose = ({ dialect: { requests: each }, fresh }, turn) => {
  const place = turn % 20
  if (place % 5 < 4) return each.get(anyOf(ordinary.users))
  return place < 19 ? each.list(1, 20) : each.updateUser(anyOf(ordinary.users), fresh())
}

export const requestOperations: readonly Operation[] = [
  requests('ping', 'an empty request', ({ dialect }) => dialect.requests.ping?.()),
  requests('get', 'get a user', ({ dialect }) => dialect.requests.get(anyOf(ordinary.users))),
  requests('full', 'get a user, relations embedded', ({ dialect }) => dialect.requests.getWithRelations?.(anyOf(ordinary.users))),
  requests('list', 'list of 20 and exact total', ({ dialect }) => dialect.requests.list(1, 20)),
  requests('create', 'create a user', ({ dialect, fresh }) => dialect.requests.create(fresh())),
  requests('update', 'update a user', ({ dialect, fresh }) => dialect.requests.updateUser(anyOf(ordinary.users), fresh())),
  requests('site', 'update a site', ({ dialect, fresh }) => dialect.requests.updateSite(anyOf(ordinary.sites), fresh())),
  requests('mixed', '80 % get, 15 % list, 5 % update', mix),
]

export const largeOperations: readonly Operation[] = [
  requests('page1', 'page 1 of 1,000,000 users', ({ dialect }) => dialect.requests.list(1, 20), { large: true, length: 2 }),
  requests('page40000', 'page 40,000 of 25 of users', ({ dialect }) => dialect.requests.list(40_000, 25), {
    large: true, length: 2, concurrency: 1, isTime: true,
  }),
  requests('sites1', 'page 1 of 1,000,000 sites', ({ dialect }) => dialect.requests.listSites(1, 20), { large: true, length: 2 }),
  requests('sites40000', 'page 40,000 of 25 of sites', ({ dialect }) => dialect.requests.listSites(40_000, 25), {
    large: true, length: 2, concurrency: 1, isTime: true,
  }),
]
