// The small organisation: Aldermoor, which makes measuring instruments, in three places. It is put in whole, in one transaction,
// into a directory that holds no one but the administrator.
import type { Call } from '#sovrane'
import { addressOf, ask, count, create, grants, keys } from './organisation.ts'

export const sites = ['Lyon', 'Montréal', 'Nairobi'] as const

interface SmallDepartment {
  readonly label: string
  readonly site?: (typeof sites)[number]
  /** Stands before it in the list. */
  readonly parent?: string
  /** First and last name of one of its people. */
  readonly manager: string
}

export const departments: readonly SmallDepartment[] = [
  { label: 'Aldermoor', site: 'Lyon', manager: 'Amélie Fontaine' },
  { label: 'Operations', site: 'Lyon', parent: 'Aldermoor', manager: 'Samuel Okoth' },
  { label: 'Production', site: 'Lyon', parent: 'Operations', manager: 'Inès Marchand' },
  { label: 'Logistics', site: 'Nairobi', parent: 'Operations', manager: 'Grace Wanjiru' },
  { label: 'Engineering', site: 'Montréal', parent: 'Aldermoor', manager: 'Étienne Tremblay' },
  { label: 'Firmware', site: 'Lyon', parent: 'Engineering', manager: 'Hiroshi Tanaka' },
  { label: 'Cloud services', site: 'Montréal', parent: 'Engineering', manager: 'Priya Raman' },
  { label: 'Sales', site: 'Nairobi', parent: 'Aldermoor', manager: 'David Kimani' },
  { label: 'Customer care', site: 'Nairobi', parent: 'Sales', manager: 'Halima Abdi' },
  { label: 'People and finance', site: 'Lyon', parent: 'Aldermoor', manager: 'Claire Dubois' },
]

/** Beside the role of an employee, which all have. */
type SmallRole = 'employee' | 'people' | 'organiser' | 'lyonOffice' | 'engineering' | 'operations'

interface SmallPerson {
  readonly name: readonly [string, string]
  readonly department: string
  readonly title: string
  readonly locale?: 'fr'
  readonly roles?: readonly SmallRole[]
}

export const people: readonly SmallPerson[] = [
  { name: ['Amélie', 'Fontaine'], department: 'Aldermoor', title: 'Managing director', locale: 'fr' },
  { name: ['Jonas', 'Lindqvist'], department: 'Aldermoor', title: 'Assistant to the director', roles: ['organiser'] },
  { name: ['Samuel', 'Okoth'], department: 'Operations', title: 'Head of operations', roles: ['operations'] },
  { name: ['Inès', 'Marchand'], department: 'Production', title: 'Plant manager', locale: 'fr' },
  { name: ['Lucas', 'Perrin'], department: 'Production', title: 'Calibration technician', locale: 'fr' },
  { name: ['Fatou', 'Ndiaye'], department: 'Production', title: 'Assembly lead', locale: 'fr' },
  { name: ['Marek', 'Wójcik'], department: 'Production', title: 'Toolmaker' },
  { name: ['Grace', 'Wanjiru'], department: 'Logistics', title: 'Logistics manager' },
  { name: ['Peter', 'Mwangi'], department: 'Logistics', title: 'Dispatcher' },
  { name: ['Étienne', 'Tremblay'], department: 'Engineering', title: 'Head of engineering', locale: 'fr', roles: ['engineering'] },
  { name: ['Hiroshi', 'Tanaka'], department: 'Firmware', title: 'Firmware lead' },
  { name: ['Sofía', 'Herrera'], department: 'Firmware', title: 'Embedded engineer' },
  { name: ['Thomas', 'Nguyen'], department: 'Firmware', title: 'Test engineer', locale: 'fr' },
  { name: ['Priya', 'Raman'], department: 'Cloud services', title: 'Cloud lead' },
  { name: ['Olivier', 'Gagnon'], department: 'Cloud services', title: 'Backend engineer', locale: 'fr' },
  { name: ['Mei', 'Chen'], department: 'Cloud services', title: 'Reliability engineer' },
  { name: ['Noah', 'Campbell'], department: 'Cloud services', title: 'Data engineer' },
  { name: ['David', 'Kimani'], department: 'Sales', title: 'Head of sales' },
  { name: ['Elena', 'Petrova'], department: 'Sales', title: 'Key account manager' },
  { name: ['João', 'Carvalho'], department: 'Sales', title: 'Sales engineer' },
  { name: ['Halima', 'Abdi'], department: 'Customer care', title: 'Customer care lead' },
  { name: ['Brian', 'Otieno'], department: 'Customer care', title: 'Support specialist' },
  { name: ['Claire', 'Dubois'], department: 'People and finance', title: 'Head of people and finance', locale: 'fr', roles: ['people'] },
  { name: ['Karim', 'Haddad'], department: 'People and finance', title: 'Accountant', locale: 'fr' },
  { name: ['Nadia', 'Rossi'], department: 'People and finance', title: 'Office manager', locale: 'fr', roles: ['lyonOffice'] },
]

interface SmallGroup {
  readonly name: string
  readonly description: string
  readonly members: readonly string[]
  readonly responsible: string
}

export const groups: readonly SmallGroup[] = [
  {
    name: 'First aiders', description: 'Trained, and to be called first when someone is hurt',
    members: ['Fatou Ndiaye', 'Peter Mwangi', 'Mei Chen', 'Brian Otieno'], responsible: 'Nadia Rossi',
  },
  {
    name: 'Works council', description: 'Elected by all sites',
    members: ['Lucas Perrin', 'Marek Wójcik', 'Olivier Gagnon', 'Halima Abdi', 'Karim Haddad'], responsible: 'Fatou Ndiaye',
  },
  {
    name: 'Security champions', description: 'One from each team that writes or runs software',
    members: ['Sofía Herrera', 'Noah Campbell', 'Thomas Nguyen'], responsible: 'Mei Chen',
  },
  {
    name: 'Cycling club', description: 'Wednesdays after work; beginners welcome',
    members: ['Inès Marchand', 'Jonas Lindqvist', 'Hiroshi Tanaka', 'João Carvalho'], responsible: 'Priya Raman',
  },
]

interface Planted {
  readonly sites: number
  readonly departments: number
  readonly people: number
}

/** Ids by what the data calls a row. */
type Ids = Map<string, string>

const idOf = (ids: Ids, name: string): string => {
  const id = ids.get(name)
  if (id === undefined) throw new Error(`The sample data names "${name}" before it is made`)
  return id
}

const isEmpty = async (call: Call): Promise<boolean> => {
  for (const resource of ['site', 'department', 'group']) if ((await count(call, resource)) > 0) return false
  return (await count(call, 'user')) <= 1
}

const plantRoles = async (call: Call, ids: Ids): Promise<Readonly<Record<SmallRole, string>>> => {
  const role = async (label: string, wanted: readonly string[], scope?: string): Promise<string> =>
    create(call, 'role', { label, permissions: await grants(call, wanted, scope === undefined ? undefined : idOf(ids, scope)) })
  return {
    employee: await role('Employee', keys.employee),
    people: await role('People office', keys.peopleOffice),
    organiser: await role('Group organiser', keys.organiser),
    lyonOffice: await role('Site office, Lyon', keys.siteOffice, 'Lyon'),
    engineering: await role('Head of Engineering', keys.head, 'Engineering'),
    operations: await role('Head of Operations', keys.head, 'Operations'),
  }
}

const plantPeople = async (call: Call, ids: Ids, roles: Readonly<Record<SmallRole, string>>): Promise<void> => {
  for (const { name: [firstName, lastName], department, title, locale = 'en', roles: own = [] } of people) {
    const { site } = departments.find(({ label }) => label === department) ?? {}
    const id = await create(call, 'user', {
      firstName, lastName, email: addressOf(firstName, lastName), locale, metadata: { title },
      departmentId: idOf(ids, department), siteId: site === undefined ? null : idOf(ids, site),
      roles: [roles.employee, ...own.map((role) => roles[role])],
    })
    ids.set(`${firstName} ${lastName}`, id)
  }
}

const plantGroups = async (call: Call, ids: Ids): Promise<void> => {
  for (const { name, description, members, responsible } of groups) {
    const id = await create(call, 'group', { name, description })
    for (const member of members) await ask(call, 'group-add-user', { id, userId: idOf(ids, member) })
    await ask(call, 'group-add-responsible', { id, userId: idOf(ids, responsible) })
  }
}

/** Puts the organisation in; undefined when there is something already. */
export const plantSmall = async (call: Call): Promise<Planted | undefined> => {
  if (!(await isEmpty(call))) return undefined
  const ids: Ids = new Map()
  for (const label of sites) ids.set(label, await create(call, 'site', { label }))
  for (const { label, site, parent } of departments) {
    const siteId = site === undefined ? null : idOf(ids, site)
    ids.set(label, await create(call, 'department', { label, siteId, parentId: parent === undefined ? null : idOf(ids, parent) }))
  }
  await plantPeople(call, ids, await plantRoles(call, ids))
  for (const { label, manager } of departments)
    await ask(call, 'department-manager-set', { id: idOf(ids, label), userId: idOf(ids, manager) })
  await plantGroups(call, ids)
  return { sites: sites.length, departments: departments.length, people: people.length }
}
