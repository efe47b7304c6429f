// The checks of limit, written by hand: what a careful author would ask of each payload, and no more.
export type Payload = Readonly<Record<string, unknown>>

/** A request that is refused; its message is what the client is told. */
export class Refusal extends Error {}

const isText = (value: unknown, most: number): value is string => typeof value === 'string' && value.trim() !== '' && value.length <= most
const isIdentifier = (value: unknown): value is string => typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(value)
const isNull = (value: unknown): value is null => value === null

const userChecks: Readonly<Record<string, (value: unknown) => boolean>> = {
  firstName: (value) => isText(value, 100),
  lastName: (value) => isText(value, 100),
  email: (value) => isText(value, 254) && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value),
  status: (value) => value === 'active' || value === 'suspended' || value === 'archived',
  picture: (value) => isNull(value) || (isText(value, 2048) && /^https?:\/\//.test(value)),
  metadata: (value) => isNull(value) || (typeof value === 'object' && JSON.stringify(value).length <= 8192),
  siteId: (value) => isNull(value) || isIdentifier(value),
  departmentId: (value) => isNull(value) || isIdentifier(value),
  locale: (value) => isNull(value) || value === 'en' || value === 'fr',
}
const siteChecks: typeof userChecks = { label: (value) => isText(value, 120) }

export const checks = { users: userChecks, sites: siteChecks }

/** @throws Refusal when it is not an object */
export const payloadOf = (value: unknown): Payload => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Refusal('invalid_payload')
  return value as Payload
}

/** @throws Refusal */
export const idOf = ({ id }: Payload): string => {
  if (!isIdentifier(id)) throw new Refusal('invalid_payload: id')
  return id
}

/** The names of the given fields but `id`, each of them checked. @throws Refusal */
export const fieldsOf = (table: keyof typeof checks, payload: Payload): string[] => {
  const names: string[] = []
  for (const name in payload) {
    if (name === 'id') continue
    if (checks[table][name]?.(payload[name]) !== true) throw new Refusal(`invalid_payload: ${name}`)
    names.push(name)
  }
  if (names.length === 0) throw new Refusal('invalid_payload: nothing to write')
  return names
}

/** `limit` and `offset` of a page. @throws Refusal */
export const pageOf = ({ page = 1, limit = 20 }: Payload): { readonly page: number; readonly limit: number } => {
  if (!Number.isInteger(page) || Number(page) < 1) throw new Refusal('invalid_payload: page')
  if (!Number.isInteger(limit) || Number(limit) < 1 || Number(limit) > 100) throw new Refusal('invalid_payload: limit')
  return { page: Number(page), limit: Number(limit) }
}
