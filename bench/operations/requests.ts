// Operations that are requests over open sockets: reads, writes and a mix of both.
import { inFlight } from '../load/in-flight.ts'
import { ordinary } from '../database/organisation.ts'
import { ask, type Request } from '../targets/dialect.ts'
import { atOnce, type Operation, type Scene } from './operation.ts'

/** Visits all rows in an order that no cache of the last ones gains by: 7,919 and the sizes have no common divisor. */
const spread = (number: number, size: number): number => ((number * 7919) % size) + 1

const userOf = (scene: Scene): number => spread(scene.fresh(), ordinary.users)
const siteOf = (scene: Scene): number => spread(scene.fresh(), ordinary.sites)

type Choose = (scene: Scene) => Request | undefined

/** @param choose the next request; undefined where the target has none of the kind */
const requests = (
  name: Operation['name'], title: string, choose: Choose,
  { concurrency = atOnce, ...rest }: Partial<Operation> & { concurrency?: number } = {},
): Operation => ({
  name, title, ...rest,
  open(scene) {
    const { dialect, wires } = scene
    if (choose(scene) === undefined) return Promise.resolve(undefined)
    let turn = 0
    const send = (): Promise<unknown> => {
      const wire = wires[turn % wires.length]
      const request = choose(scene)
      turn += 1
      if (!wire || !request) throw new Error('there is nothing to send')
      return ask(dialect, wire, request)
    }
    return Promise.resolve({ window: (duration) => inFlight(concurrency, duration, send), close: () => Promise.resolve() })
  },
})

/** Of twenty requests sixteen read a row, three a list, and one writes. */
const mix: Choose = (scene) => {
  const { dialect: { requests: each } } = scene
  const place = scene.fresh() % 20
  if (place < 16) return each.get(userOf(scene))
  return place < 19 ? each.list(1, 20) : each.updateUser(userOf(scene), scene.fresh())
}

export const requestOperations: readonly Operation[] = [
  requests('ping', 'an empty request', ({ dialect }) => dialect.requests.ping?.()),
  requests('get', 'get a user', (scene) => scene.dialect.requests.get(userOf(scene))),
  requests('full', 'get a user, relations embedded', (scene) => scene.dialect.requests.getWithRelations?.(userOf(scene))),
  requests('list', 'list of 20 and exact total', ({ dialect }) => dialect.requests.list(1, 20)),
  requests('create', 'create a user', (scene) => scene.dialect.requests.create(scene.fresh())),
  requests('update', 'update a user', (scene) => scene.dialect.requests.updateUser(userOf(scene), scene.fresh())),
  requests('site', 'update a site', (scene) => scene.dialect.requests.updateSite(siteOf(scene), scene.fresh())),
  requests('mixed', '80 % get, 15 % list, 5 % update', mix),
]

export const largeOperations: readonly Operation[] = [
  requests('page1', 'page 1 of 1,000,000 users', ({ dialect }) => dialect.requests.list(1, 20), { large: true, length: 2 }),
  requests('page40000', 'page 40,000 of 25 of users', ({ dialect }) => dialect.requests.list(40_000, 25), {
    large: true, length: 2, concurrency: 1,
  }),
  requests('sites1', 'page 1 of 1,000,000 sites', ({ dialect }) => dialect.requests.listSites(1, 20), { large: true, length: 2 }),
  requests('sites40000', 'page 40,000 of 25 of sites', ({ dialect }) => dialect.requests.listSites(40_000, 25), {
    large: true, length: 2, concurrency: 1,
  }),
]
