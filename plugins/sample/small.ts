// The small organisation: put in whole, in one transaction, into a directory that holds nobody but the administrator.
import type { Call } from '../../core/define/index.ts'
import { addressOf, keys } from './company.ts'
import { ask, count, create, grants } from './operations.ts'
import { departments, groups, people, sites, type SmallRole } from './small-data.ts'

export interface Planted {
  readonly sites: number
  readonly departments: number
  readonly people: number
}

/** Ids by what the data calls a row. */
class Ids {
  readonly #ids = new Map<string, string>()

  set(name: string, id: string): void {
    this.#ids.set(name, id)
  }

  of(name: string): string {
    const id = this.#ids.get(name)
    if (id === undefined) throw new Error(`The sample data names "${name}" before it is made`)
    return id
  }
}

const isEmpty = async (call: Call): Promise<boolean> => {
  for (const resource of ['site', 'department', 'group']) if ((await count(call, resource)) > 0) return false
  return (await count(call, 'user')) <= 1
}

const plantRoles = async (call: Call, ids: Ids): Promise<Readonly<Record<SmallRole, string>>> => {
  const role = async (label: string, wanted: readonly string[], scope?: string): Promise<string> =>
    create(call, 'role', { label, permissions: await grants(call, wanted, scope === undefined ? undefined : ids.of(scope)) })
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
      departmentId: ids.of(department), siteId: site === undefined ? null : ids.of(site),
      roles: [roles.employee, ...own.map((role) => roles[role])],
    })
    ids.set(`${firstName} ${lastName}`, id)
  }
}

const plantGroups = async (call: Call, ids: Ids): Promise<void> => {
  for (const { name, description, members, responsible } of groups) {
    const id = await create(call, 'group', { name, description })
    for (const member of members) await ask(call, 'group-add-user', { id, userId: ids.of(member) })
    await ask(call, 'group-add-responsible', { id, userId: ids.of(responsible) })
  }
}

/** Puts the organisation in; undefined when there is something already. */
export const plantSmall = async (call: Call): Promise<Planted | undefined> => {
  if (!(await isEmpty(call))) return undefined
  const ids = new Ids()
  for (const label of sites) ids.set(label, await create(call, 'site', { label }))
  for (const { label, site, parent } of departments) {
    const siteId = site === undefined ? null : ids.of(site)
    ids.set(label, await create(call, 'department', { label, siteId, parentId: parent === undefined ? null : ids.of(parent) }))
  }
  await plantPeople(call, ids, await plantRoles(call, ids))
  for (const { label, manager } of departments) await ask(call, 'department-manager-set', { id: ids.of(label), userId: ids.of(manager) })
  await plantGroups(call, ids)
  return { sites: sites.length, departments: departments.length, people: people.length }
}
