// Who works in the larger organisation: names, titles and places, drawn from a seed. The same seed gives the same people.
import { cultures, everywhere } from './names.ts'
import { addressOf } from './organisation.ts'
import type { PlannedDepartment } from './structure.ts'

export interface Random {
  /** From 0 to below 1. */
  next(): number
  /** One item of the list. */
  pick<T>(items: readonly [T, ...T[]] | readonly T[]): T
  /** True so often as `share` says. */
  chance(share: number): boolean
}

/** Mulberry32: small, quick, and good enough for names. Not for secrets. */
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    pick(items) {
      const item = items[Math.floor(next() * items.length)]
      if (item === undefined) throw new Error('There is nothing to pick from')
      return item
    },
    chance: (share) => next() < share,
  }
}

export interface Post {
  /** The department's place in the structure. */
  readonly department: number
  readonly manages: boolean
}

export interface Person extends Post {
  readonly firstName: string
  readonly lastName: string
  readonly title: string
  readonly status: 'active' | 'suspended' | 'archived'
  readonly locale: 'en' | 'fr'
  /** Places in the list of groups. */
  readonly groups: readonly number[]
  readonly organises: boolean
}

/** The posts to fill: first the managers of the departments that want one, top down; then teams in turn. */
export const postsFor = (amount: number, departments: readonly PlannedDepartment[], wanting: readonly number[]): Post[] => {
  const managers = wanting.slice(0, amount).map((department) => ({ department, manages: true }))
  const teams = departments.flatMap(({ isTeam }, department) => (isTeam ? [department] : []))
  const members = Array.from({ length: amount - managers.length }, (_, number) =>
    ({ department: teams[number % teams.length] ?? 0, manages: false }))
  return [...managers, ...members]
}

const titleOf = (random: Random, { label, division }: PlannedDepartment, manages: boolean): string => {
  if (!division) return manages ? 'Managing director' : 'Assistant to the director'
  return manages ? `Head of ${label}` : random.pick(division.titles)
}

const statusOf = (random: Random): Person['status'] => {
  const drawn = random.next()
  if (drawn < 0.94) return 'active'
  return drawn < 0.97 ? 'suspended' : 'archived'
}

interface Surroundings {
  readonly departments: readonly PlannedDepartment[]
  /** The groups that people of a city may join, by their places in the list. */
  readonly groupsIn: (city: string) => readonly number[]
}

/** Draws one person for a post. */
export const drawPerson = (random: Random, post: Post, { departments, groupsIn }: Surroundings): Person => {
  const department = departments[post.department]
  if (!department) throw new Error(`There is no department ${post.department}`)
  const { culture, locale, label } = department.city
  // Many bear names of where they work, most those of anywhere.
  const names = random.chance(0.35) ? cultures[culture] : everywhere
  const groups = random.chance(0.35) ? [random.pick(groupsIn(label))] : []
  return {
    ...post,
    firstName: random.pick(names.first),
    lastName: random.pick(names.last),
    title: titleOf(random, department, post.manages),
    status: post.manages ? 'active' : statusOf(random),
    locale: random.chance(0.9) ? locale : 'en',
    groups,
    organises: post.manages && random.chance(0.1),
  }
}

/**
 * Addresses that no one has: the second person of a name has a 2 behind it.
 * @param taken tells which of some addresses are someone's already
 */
export const freeAddresses = async (
  people: readonly Person[], taken: (wanted: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<string[]> => {
  const given = new Map<Person, string>()
  let turn = 0
  while (given.size < people.length) {
    turn += 1
    const wanted = people.filter((person) => !given.has(person)).map((person) =>
      [person, addressOf(person.firstName, person.lastName, turn)] as const)
    const theirs = await taken(wanted.map(([, address]) => address))
    const mine = new Set(given.values())
    for (const [person, address] of wanted) {
      if (theirs.has(address) || mine.has(address)) continue
      mine.add(address)
      given.set(person, address)
    }
  }
  return people.map((person) => given.get(person) ?? '')
}
