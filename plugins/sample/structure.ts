// The larger organisation's tree: the more people, the more cities, divisions and teams.
import { cities, company, divisions, type City, type Division } from './words.ts'

export interface PlannedDepartment {
  readonly label: string
  /** Its place in the list, where the parent stands before it. */
  readonly parent: number | undefined
  readonly city: City
  readonly division: Division | undefined
  /** People work in these; the others have only whoever manages them. */
  readonly isTeam: boolean
}

export interface Structure {
  readonly cities: readonly City[]
  readonly departments: readonly PlannedDepartment[]
}

const peoplePerCity = 150
const peoplePerTeam = 12
/** Of one division in one city. */
const teamsTogether = 3

const between = (low: number, value: number, high: number): number => Math.min(high, Math.max(low, value))

/** What divisions and cities make, in an order in which any beginning of it is spread over both. */
const unitsOf = (used: readonly City[], wanted: readonly Division[]): readonly (readonly [Division, City])[] =>
  used.flatMap((_, shift) => wanted.flatMap((division, at) => {
    const city = used[(at + shift) % used.length]
    return city ? [[division, city] as const] : []
  }))

/** The structure for so many people. */
export const planStructure = (people: number): Structure => {
  const used = cities.slice(0, between(2, Math.round(people / peoplePerCity), cities.length))
  const teams = Math.max(1, Math.ceil(people / peoplePerTeam))
  const wanted = divisions.slice(0, between(2, Math.ceil(teams / 4), divisions.length))
  const units = unitsOf(used, wanted).slice(0, Math.max(wanted.length, Math.ceil(teams / teamsTogether)))
  const teamsEach = Math.ceil(teams / units.length)

  const departments: PlannedDepartment[] = []
  const places = new Map<string, number>()
  const [home] = used
  if (!home) throw new Error('There is no city')
  /** Adds a department unless it is there, and gives its place. */
  const place = (label: string, parent: number | undefined, rest: Omit<PlannedDepartment, 'label' | 'parent'>): number => {
    const key = `${parent}/${label}`
    const at = places.get(key) ?? departments.push({ label, parent, ...rest }) - 1
    places.set(key, at)
    return at
  }
  const root = place(company, undefined, { city: home, division: undefined, isTeam: false })
  for (const [division, city] of units) {
    const top = place(division.label, root, { city: home, division, isTeam: false })
    const regional = place(`${division.label} ${city.region}`, top, { city, division, isTeam: false })
    const local = place(`${division.label} ${city.label}`, regional, { city, division, isTeam: false })
    for (let number = 0; number < teamsEach; number += 1) {
      const name = division.teams[number % division.teams.length] ?? division.label
      // A seventh team is the second of the first name.
      const turn = Math.floor(number / division.teams.length) + 1
      place(turn === 1 ? name : `${name} ${turn}`, local, { city, division, isTeam: true })
    }
  }
  return { cities: used, departments }
}
