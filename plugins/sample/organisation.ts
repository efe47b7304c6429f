// What both organisations share: the ordinary operations by which they are made, always as the system, their
// addresses, and what roles grant.
import type { Call, Payload } from '#sovrane'

/** Runs a task in a transaction of its own. */
export type Run = <T>(task: (call: Call) => Promise<T>) => Promise<T>

/** An operation's answer. */
export const ask = (call: Call, event: string, payload: Payload = {}): Promise<Payload> => call.call(event, payload, { as: 'system' })

/** How many rows a resource has. */
export const count = async (call: Call, resource: string): Promise<number> =>
  Number((await ask(call, `${resource}-list-request`, { limit: 1 }))['total'])

/** The first hundred rows that match. */
export const list = async (call: Call, resource: string, filter: Payload): Promise<readonly Payload[]> =>
  (await ask(call, `${resource}-list-request`, { filter, limit: 100 }))['items'] as readonly Payload[]

/** Creates a row and gives its id. */
export const create = async (call: Call, resource: string, payload: Payload): Promise<string> =>
  String((await ask(call, `${resource}-create`, payload))['id'])

/** The oldest row with these values, created when there is none. */
export const findOrCreate = async (call: Call, resource: string, values: Payload, more: Payload = {}): Promise<Payload> => {
  const [found] = await list(call, resource, values)
  return found ?? ask(call, `${resource}-create`, { ...values, ...more })
}

/** The items of a role's `permissions`: these keys, everywhere or within a scope. */
export const grants = async (call: Call, keys: readonly string[], scopeId?: string): Promise<readonly Payload[]> => {
  const rows = await list(call, 'permission', { permissionKey: { in: [...keys] } })
  return rows.map(({ id: permissionId }) => (scopeId === undefined ? { permissionId } : { permissionId, scopeId }))
}

const domain = 'aldermoor.example'

/** Letters that lose more than an accent. */
const spelled: Readonly<Record<string, string>> = { ø: 'o', ł: 'l', đ: 'd', ß: 'ss', æ: 'ae', œ: 'oe', ı: 'i' }

const plain = (name: string): string =>
  name.toLowerCase().replaceAll(/[øłđßæœı]/g, (letter) => spelled[letter] ?? '').normalize('NFD').replaceAll(/[^a-z-]/g, '')

/** `Zoë`, `O’Neill`: `zoe.oneill@…`; the second of that name has a 2 behind it. */
export const addressOf = (firstName: string, lastName: string, nth = 1): string =>
  `${plain(firstName)}.${plain(lastName)}${nth === 1 ? '' : nth}@${domain}`

/** Permission keys by what a role is for. Those of the last two make sense within a site or a department. */
export const keys = {
  employee: ['read-users', 'read-user', 'read-departments', 'read-department', 'read-groups', 'read-group', 'read-sites', 'read-site'],
  peopleOffice: ['create-user', 'update-user', 'delete-user', 'manage-department-users'],
  organiser: ['create-group', 'update-group', 'manage-group-members', 'manage-group-responsibles'],
  siteOffice: ['manage-sites', 'create-user', 'update-user'],
  head: ['update-department', 'manage-department-hierarchy', 'manage-department-users'],
} as const
