// The larger organisation's tree, and the cities, divisions and groups that it is built of: the more people, the more of them.
import type { Culture } from './names.ts'

interface City {
  readonly label: string
  readonly region: 'Europe' | 'Americas' | 'Africa and Middle East' | 'Asia Pacific'
  readonly culture: Culture
  readonly locale: 'en' | 'fr'
}

/** In the order in which the company opened them; the first is where its head office is. */
const cities: readonly City[] = [
  { label: 'Lyon', region: 'Europe', culture: 'french', locale: 'fr' },
  { label: 'Montréal', region: 'Americas', culture: 'french', locale: 'fr' },
  { label: 'Nairobi', region: 'Africa and Middle East', culture: 'african', locale: 'en' },
  { label: 'Munich', region: 'Europe', culture: 'german', locale: 'en' },
  { label: 'Bengaluru', region: 'Asia Pacific', culture: 'indian', locale: 'en' },
  { label: 'Boston', region: 'Americas', culture: 'english', locale: 'en' },
  { label: 'Kraków', region: 'Europe', culture: 'slavic', locale: 'en' },
  { label: 'Osaka', region: 'Asia Pacific', culture: 'eastAsian', locale: 'en' },
  { label: 'São Paulo', region: 'Americas', culture: 'portuguese', locale: 'en' },
  { label: 'Casablanca', region: 'Africa and Middle East', culture: 'arabic', locale: 'fr' },
  { label: 'Gothenburg', region: 'Europe', culture: 'nordic', locale: 'en' },
  { label: 'Monterrey', region: 'Americas', culture: 'spanish', locale: 'en' },
  { label: 'Lagos', region: 'Africa and Middle East', culture: 'african', locale: 'en' },
  { label: 'Bristol', region: 'Europe', culture: 'english', locale: 'en' },
  { label: 'Singapore', region: 'Asia Pacific', culture: 'eastAsian', locale: 'en' },
  { label: 'Turin', region: 'Europe', culture: 'italian', locale: 'en' },
  { label: 'Santiago', region: 'Americas', culture: 'spanish', locale: 'en' },
  { label: 'Dakar', region: 'Africa and Middle East', culture: 'african', locale: 'fr' },
  { label: 'Seville', region: 'Europe', culture: 'spanish', locale: 'en' },
  { label: 'Melbourne', region: 'Asia Pacific', culture: 'english', locale: 'en' },
  { label: 'Porto', region: 'Europe', culture: 'portuguese', locale: 'en' },
  { label: 'Istanbul', region: 'Africa and Middle East', culture: 'arabic', locale: 'en' },
  { label: 'Tampere', region: 'Europe', culture: 'nordic', locale: 'en' },
  { label: 'Seoul', region: 'Asia Pacific', culture: 'eastAsian', locale: 'en' },
]

const company = 'Aldermoor'

interface Division {
  readonly label: string
  readonly teams: readonly string[]
  readonly titles: readonly string[]
}

const divisions: readonly Division[] = [
  {
    label: 'Engineering', teams: ['Firmware', 'Cloud services', 'Optics', 'Mechanics', 'Quality', 'Tools'],
    titles: ['Software engineer', 'Embedded engineer', 'Test engineer', 'Optical engineer', 'Systems architect', 'Reliability engineer', 'Technical writer'],
  },
  {
    label: 'Operations', teams: ['Assembly', 'Calibration', 'Logistics', 'Purchasing', 'Maintenance', 'Planning'],
    titles: ['Calibration technician', 'Assembler', 'Buyer', 'Production planner', 'Warehouse operator', 'Maintenance technician', 'Dispatcher'],
  },
  {
    label: 'Sales', teams: ['Key accounts', 'Inside sales', 'Partners', 'Tenders', 'Field sales', 'Pricing'],
    titles: ['Account manager', 'Sales engineer', 'Tender specialist', 'Partner manager', 'Sales assistant', 'Pricing analyst'],
  },
  {
    label: 'Customer care', teams: ['Support', 'Repairs', 'Field service', 'Training', 'Spare parts', 'Contracts'],
    titles: ['Support specialist', 'Service technician', 'Repair technician', 'Trainer', 'Contract administrator'],
  },
  {
    label: 'Finance', teams: ['Accounting', 'Controlling', 'Payroll', 'Treasury', 'Tax', 'Reporting'],
    titles: ['Accountant', 'Controller', 'Payroll specialist', 'Treasury analyst', 'Tax adviser'],
  },
  {
    label: 'People', teams: ['Recruiting', 'Learning', 'People partners', 'Workplace', 'Benefits', 'Safety'],
    titles: ['Recruiter', 'People partner', 'Office manager', 'Learning designer', 'Safety officer'],
  },
  {
    label: 'Research', teams: ['Photonics', 'Signal processing', 'Materials', 'Metrology', 'Standards', 'Prototypes'],
    titles: ['Physicist', 'Research engineer', 'Data scientist', 'Metrologist', 'Laboratory technician'],
  },
  {
    label: 'Marketing', teams: ['Product marketing', 'Events', 'Content', 'Design', 'Communications', 'Market research'],
    titles: ['Product marketer', 'Designer', 'Copywriter', 'Event manager', 'Market analyst'],
  },
  {
    label: 'Information technology', teams: ['Service desk', 'Networks', 'Security', 'Business systems', 'Data platform', 'Workplace devices'],
    titles: ['System administrator', 'Network engineer', 'Security analyst', 'Business analyst', 'Service desk agent'],
  },
  {
    label: 'Legal', teams: ['Contracts and claims', 'Compliance', 'Patents', 'Export control', 'Privacy', 'Insurance'],
    titles: ['Counsel', 'Compliance officer', 'Patent engineer', 'Paralegal', 'Export officer'],
  },
]

/** Groups that there is one of in each city. */
export const localGroups: readonly (readonly [string, string])[] = [
  ['First aiders', 'Trained, and to be called first when someone is hurt'],
  ['Fire wardens', 'They lead everyone out, and count'],
  ['Running club', 'Tuesdays and Thursdays, whatever the weather'],
  ['Social committee', 'Plans the summer party and the cake rota'],
]

/** Groups across the company. */
export const companyGroups: readonly (readonly [string, string])[] = [
  ['Works council', 'Elected by all sites'],
  ['Security champions', 'One from each team that writes or runs software'],
  ['Mentors', 'Experienced people with time for newcomers'],
  ['Sustainability circle', 'Proposes each quarter what to waste less of'],
  ['Choir', 'No auditions; Mondays online, once a year in one room'],
  ['Change advisory board', 'Looks at changes to systems that everyone uses'],
]

export interface PlannedDepartment {
  readonly label: string
  /** Its place in the list, where the parent stands before it. */
  readonly parent: number | undefined
  readonly city: City
  readonly division: Division | undefined
  /** People work in these; the others have only their managers. */
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
