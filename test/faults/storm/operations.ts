// What a client of the storm asks for, one after another: decided by the seed alone, and such that each must succeed, because the rows
// that it makes are written by no one else. A few rows are shared by all; they are never deleted.
import type { Effect, Fields, Operation } from './history.ts'
import { randomOf, type Random } from './random.ts'

/** Made before the storm. */
export const shared = {
  sites: ['shared-north', 'shared-south'], departments: ['shared-left', 'shared-right'], groups: ['shared-red', 'shared-blue'],
} as const

/** Rows of one client and resource that there are at most. */
const most = 8

type Resource = 'site' | 'department' | 'user' | 'group'
type Step = Pick<Operation, 'event' | 'payload' | 'effects'>

/** What a client knows of its own rows: `references` name the rows of its own that they hold in place. */
interface Own {
  readonly id: string
  readonly resource: Resource
  readonly references: Map<string, string>
  /** Of a user: the groups. */
  readonly groups: Set<string>
}

const named = (resource: Resource, label: string): Fields =>
  resource === 'group' ? { name: label } : resource === 'user' ? { lastName: label } : { label }

/** The operations of one client, without an end. */
export const operationsOf = function* (seed: number, client: number): Generator<Operation, never> {
  const random: Random = randomOf(seed, `client ${client}`)
  const own = new Map<string, Own>()
  const gone: Record<Resource, string[]> = { site: [], department: [], user: [], group: [] }
  let count = 0

  const of = (resource: Resource): Own[] => [...own.values()].filter((row) => row.resource === resource)
  const isHeld = ({ id }: Own): boolean => [...own.values()].some(({ references }) => [...references.values()].includes(id))
  const site = (): string | null => random.pick([null, ...shared.sites, ...of('site').map(({ id }) => id)])
  const note = (row: Own, references: Readonly<Record<string, string | null>>): void => {
    for (const [field, id] of Object.entries(references)) {
      if (id === null) row.references.delete(field)
      else row.references.set(field, id)
    }
  }
  const effect = (row: Own, fields: Fields | 'gone'): Effect => ({ row: `${row.resource}/${row.id}`, fields })

  /** Where a department or a user may stand. Departments stand under shared ones only: no cycle can come about. */
  const places = (resource: Resource): Record<string, string | null> => {
    if (resource === 'department') return { siteId: site(), parentId: random.pick([null, ...shared.departments]) }
    if (resource !== 'user') return {}
    return { siteId: site(), departmentId: random.pick([null, ...shared.departments, ...of('department').map(({ id }) => id)]) }
  }

  const create = (resource: Resource): Step => {
    const again = random.chance(0.3) ? gone[resource].pop() : undefined
    const row: Own = { id: again ?? `c${client}-${resource}-${count}`, resource, references: new Map(), groups: new Set() }
    const where = places(resource)
    const fields = { ...named(resource, `New ${count}`), ...where }
    note(row, where)
    own.set(row.id, row)
    const rest = resource === 'user' ? { firstName: 'A', email: `${row.id}@example.com` } : {}
    return { event: `${resource}-create`, payload: { id: row.id, ...fields, ...rest }, effects: [effect(row, fields)] }
  }

  const update = (row: Own): Step => {
    const fields = named(row.resource, `Changed ${count}`)
    return { event: `${row.resource}-update`, payload: { id: row.id, ...fields }, effects: [effect(row, fields)] }
  }

  const move = (row: Own): Step => {
    const where = places(row.resource)
    note(row, where)
    // A move that leads nowhere would change nothing and leave no entry: a new name goes with it.
    const fields = { ...named(row.resource, `Moved ${count}`), ...where }
    return { event: `${row.resource}-update`, payload: { id: row.id, ...fields }, effects: [effect(row, fields)] }
  }

  const drop = (row: Own): Step => {
    own.delete(row.id)
    gone[row.resource].push(row.id)
    const links = row.resource === 'user' ? [...row.groups].map((group) => `member/${group}/${row.id}`)
      : [...own.values()].filter(({ groups }) => groups.delete(row.id)).map((user) => `member/${row.id}/${user.id}`)
    return {
      event: `${row.resource}-delete`, payload: { id: row.id },
      effects: [effect(row, 'gone'), ...links.map((link) => ({ row: link, fields: 'gone' as const }))],
    }
  }

  const link = (user: Own): Step => {
    const group = random.pick([...shared.groups, ...of('group').map(({ id }) => id)])
    const isIn = user.groups.has(group)
    if (isIn) user.groups.delete(group)
    else user.groups.add(group)
    const owner: Effect = { row: `group/${group}`, fields: {}, ...(own.has(group) ? {} : { shared: true }) }
    return {
      event: isIn ? 'group-remove-user' : 'group-add-user', payload: { id: group, userId: user.id },
      effects: [owner, { row: `member/${group}/${user.id}`, fields: isIn ? 'gone' : {} }],
    }
  }

  const common = (): Step => {
    const [resource, ids] = random.pick([['site', shared.sites], ['department', shared.departments], ['group', shared.groups]] as const)
    const id = random.pick(ids)
    return {
      event: `${resource}-update`, payload: { id, ...named(resource, `By ${client}, ${count}`) },
      effects: [{ row: `${resource}/${id}`, fields: {}, shared: true }],
    }
  }

  const step = (): Step => {
    const resource = random.pick(['site', 'department', 'user', 'user', 'group'] as const)
    const [row, users] = [of(resource), of('user')]
    const free = row.filter((one) => !isHeld(one))
    if (row.length < 2) return create(resource)
    const dice = random.whole(10)
    if (free.length > 0 && (dice === 0 || row.length >= most)) return drop(random.pick(free))
    if (dice < 3 && row.length < most) return create(resource)
    if (dice < 5 && users.length > 0) return link(random.pick(users))
    if (dice < 6) return common()
    const chosen = random.pick(row)
    return dice < 8 && (resource === 'department' || resource === 'user') ? move(chosen) : update(chosen)
  }

  for (;;) {
    count += 1
    const made = step()
    yield { ...made, requestId: `storm-${client}-${count}`, twice: random.chance(0.1) }
  }
}
