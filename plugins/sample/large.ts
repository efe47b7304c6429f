// Fills the larger organisation by the ordinary operations, some of them to a transaction. What is there already is used and kept.
import { setImmediate as breathe } from 'node:timers/promises'
import type { Call, Payload } from '#sovrane'
import { ask, count, findOrCreate, grants, keys, list, type Run } from './organisation.ts'
import { createRandom, drawPerson, freeAddresses, postsFor, type Person } from './people.ts'
import { companyGroups, localGroups, planStructure, type Structure } from './structure.ts'

/** What is told on the way. `done` counts up to `total`; `false` asks to stop after what is under way. */
export type Report = (what: 'departments' | 'people', done: number, total: number) => boolean

export interface Wanted {
  readonly people: number
  readonly seed: number
}

export interface Filled {
  readonly departments: number
  readonly people: number
}

/** Short transactions: a server that is running on the same database goes on working. */
const batchSize = 25

interface Place {
  readonly id: string
  readonly siteId: string
  readonly hasManager: boolean
}

interface Group {
  readonly id: string
  /** Undefined: across the company. */
  readonly city: string | undefined
  hasResponsible: boolean
}

interface Grounds {
  readonly siteIds: ReadonlyMap<string, string>
  readonly groups: readonly Group[]
  readonly employee: string
  readonly organiser: string
  readonly officeOf: ReadonlyMap<string, string>
}

const idOf = (row: Payload): string => String(row['id'])

const findRole = async (call: Call, label: string, wanted: readonly string[], scopeId?: string): Promise<string> =>
  idOf(await findOrCreate(call, 'role', { label }, { permissions: await grants(call, wanted, scopeId) }))

const findGroup = async (call: Call, name: string, description: string, city?: string): Promise<Group> => {
  const id = idOf(await findOrCreate(call, 'group', { name }, { description }))
  const responsibles = await ask(call, 'group-responsibles-request', { id, limit: 1 })
  return { id, city, hasResponsible: Number(responsibles['total']) > 0 }
}

/** Sites, roles and groups. */
const prepare = async (call: Call, { cities }: Structure): Promise<Grounds> => {
  const siteIds = new Map<string, string>()
  const officeOf = new Map<string, string>()
  const groups: Group[] = []
  for (const [name, description] of companyGroups) groups.push(await findGroup(call, name, description))
  for (const { label } of cities) {
    const siteId = idOf(await findOrCreate(call, 'site', { label }))
    siteIds.set(label, siteId)
    officeOf.set(label, await findRole(call, `Site office, ${label}`, keys.siteOffice, siteId))
    for (const [name, description] of localGroups) groups.push(await findGroup(call, `${name}, ${label}`, description, label))
  }
  return {
    siteIds, groups, officeOf,
    employee: await findRole(call, 'Employee', keys.employee),
    organiser: await findRole(call, 'Group organiser', keys.organiser),
  }
}

const slices = <T>(items: readonly T[]): (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / batchSize) }, (_, number) => items.slice(number * batchSize, (number + 1) * batchSize))

/** Finds or makes the departments, parents first. Undefined when it was asked to stop. */
const placeDepartments = async (run: Run, { departments }: Structure, grounds: Grounds, report: Report): Promise<Place[] | undefined> => {
  const places: Place[] = []
  for (const batch of slices(departments)) {
    const found = await run(async (call) => {
      const mine: Place[] = []
      for (const { label, parent, city } of batch) {
        const above = parent === undefined ? undefined : (places[parent] ?? mine[parent - places.length])
        const parentId = above?.id ?? null
        const siteId = grounds.siteIds.get(city.label) ?? ''
        const row = await findOrCreate(call, 'department', { label, parentId }, { siteId })
        mine.push({ id: idOf(row), siteId, hasManager: typeof row['managerId'] === 'string' })
      }
      return mine
    })
    places.push(...found)
    // The embedded engine works within this thread: signals and timers would never get their turn.
    await breathe()
    if (!report('departments', places.length, departments.length)) return undefined
  }
  return places
}

const takenAddresses = (call: Call) => async (wanted: readonly string[]): Promise<ReadonlySet<string>> =>
  new Set((await list(call, 'user', { email: { in: [...wanted] } })).map((row) => String(row['email'])))

interface Scene {
  readonly structure: Structure
  readonly grounds: Grounds
  readonly places: readonly Place[]
}

/** The role that a head has within their division or, at a site, over the site. */
const headRole = async (call: Call, { structure, grounds, places }: Scene, { department, organises }: Person): Promise<string[]> => {
  const { label, city, division, parent } = structure.departments[department] ?? {}
  const own = organises ? [grounds.organiser] : []
  if (division && parent === 0) return [...own, await findRole(call, `Head of ${label}`, keys.head, places[department]?.id)]
  const office = division?.label === 'People' && city ? grounds.officeOf.get(city.label) : undefined
  return office === undefined ? own : [...own, office]
}

const addPerson = async (call: Call, scene: Scene, person: Person, email: string): Promise<void> => {
  const { grounds, places } = scene
  const place = places[person.department]
  const { firstName, lastName, status, locale, title, manages } = person
  const user = await ask(call, 'user-create', {
    firstName, lastName, email, status, locale, metadata: { title },
    departmentId: place?.id ?? null, siteId: place?.siteId ?? null,
    roles: [grounds.employee, ...(manages ? await headRole(call, scene, person) : [])],
  })
  const userId = idOf(user)
  if (manages && place) await ask(call, 'department-manager-set', { id: place.id, userId })
  for (const at of person.groups) {
    const group = grounds.groups[at]
    if (!group) continue
    await ask(call, 'group-add-user', { id: group.id, userId })
    if (!group.hasResponsible && status === 'active') await ask(call, 'group-add-responsible', { id: group.id, userId })
  }
}

/** Of two that fill one database at once, each waits for the other's transaction: they would give out the same addresses. */
const inTurn = (run: Run): Run => (task) => run(async (call) => {
  await call.db.raw("select pg_advisory_xact_lock(hashtext('sovrane:sample'))")
  return task(call)
})

/** Adds so many people, and what of the organisation is missing for them. The same seed on the same database gives the same people. */
export const fillLarge = async (runAtOnce: Run, { people: amount, seed }: Wanted, report: Report): Promise<Filled> => {
  const run = inTurn(runAtOnce)
  const structure = planStructure(amount)
  const { departments } = structure
  const { grounds, before } = await run(async (call) => ({ before: await count(call, 'user'), grounds: await prepare(call, structure) }))
  const places = await placeDepartments(run, structure, grounds, report)
  if (!places) return { departments: 0, people: 0 }
  const wanting = places.flatMap(({ hasManager }, at) => (hasManager ? [] : [at]))
  // A second run goes on; with the same numbers it would bring everyone's namesake.
  const random = createRandom(seed * 1_000_003 + before)
  const groupsIn = (city: string): number[] =>
    grounds.groups.flatMap((group, at) => (group.city === undefined || group.city === city ? [at] : []))
  let done = 0
  for (const posts of slices(postsFor(amount, departments, wanting))) {
    const batch = posts.map((post) => drawPerson(random, post, { departments, groupsIn }))
    await run(async (call) => {
      const addresses = await freeAddresses(batch, takenAddresses(call))
      for (const [at, person] of batch.entries()) await addPerson(call, { structure, grounds, places }, person, addresses[at] ?? '')
    })
    for (const { groups, status } of batch)
      for (const at of groups) if (status === 'active') Object.assign(grounds.groups[at] ?? {}, { hasResponsible: true })
    done += batch.length
    await breathe()
    if (!report('people', done, amount)) break
  }
  return { departments: departments.length, people: done }
}
