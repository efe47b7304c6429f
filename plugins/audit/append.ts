// Writes an entry: masked, bounded, signed, in the transaction of the handle that is given.
import type { Knex } from 'knex'
import { v7 as uuid } from 'uuid'
import type { Call } from '../../core/define/index.ts'
import type { Entry } from './entry.ts'
import { mask, type IsSecretSetting } from './mask.ts'
import type { Signer } from './signature.ts'

/** Characters of JSON; a request has at most 64 KiB, and so has what it can change. */
const mostDetails = 131_072

type Fields = Readonly<Record<string, unknown>>

const namesIn = (value: unknown): unknown => (typeof value === 'object' && value !== null ? Object.keys(value).slice(0, 200) : undefined)

/** As the database will give it back: the signature is over that. */
const bounded = (details: Fields, isSecretSetting: IsSecretSetting): Fields => {
  const text = JSON.stringify(mask(details, isSecretSetting))
  if (text.length <= mostDetails) return JSON.parse(text) as Fields
  return { truncated: true, before: {}, after: {}, fields: namesIn(details['after']) ?? [] }
}

/** Without a lone half of a character at the end, which the database refuses. */
const cut = (text: string | undefined, most: number): string | null => text?.slice(0, most).replace(/[\uD800-\uDBFF]$/, '') ?? null

/** Who did it and from where: from the session and the connection, never from the payload. */
export const originOf = ({ actor, system, connection, requestId }: Call): Pick<Entry, 'actorId' | 'actorType' | 'ipAddress' | 'userAgent' | 'requestId'> => ({
  actorId: actor?.id ?? null,
  actorType: actor ? 'user' : system ? 'system' : 'anonymous',
  ipAddress: cut(connection.ip, 64),
  userAgent: cut(connection.userAgent, 500),
  requestId: cut(requestId, 64),
})

export type Append = (db: Knex, entry: Omit<Entry, 'id'>, options?: { readonly always?: boolean }) => Promise<void>

/** An entry, and whether it is recorded whatever `audit-config` leaves out. */
export interface Unwritten {
  readonly fields: Omit<Entry, 'id'>
  readonly always: boolean
}

/** All of them or none, in their order. */
export type AppendMany = (db: Knex, entries: readonly Unwritten[]) => Promise<void>

export interface AppendParts {
  readonly signer: Signer
  readonly isSecretSetting: IsSecretSetting
}

const signed = ({ signer, isSecretSetting }: AppendParts, fields: Omit<Entry, 'id'>) => {
  const entry: Entry = { ...fields, id: uuid(), details: bounded(fields.details, isSecretSetting) }
  return { ...entry, mac: signer.sign({ kind: 'entry', entry }) }
}

/** `always`: whatever `audit-config` leaves out. */
export const createAppend = (parts: AppendParts): Append => async (db, fields, { always = false } = {}) => {
  await db.raw('select audit_append(?::jsonb, ?)', [JSON.stringify(signed(parts, fields)), always])
}

export const createAppendMany = (parts: AppendParts): AppendMany => async (db, entries) => {
  const values = entries.map(({ fields, always }) => ({ entry: signed(parts, fields), always }))
  await db.raw(
    `select audit_append(e.value -> 'entry', (e.value ->> 'always')::boolean)
     from jsonb_array_elements(?::jsonb) with ordinality e(value, place) order by e.place`, [JSON.stringify(values)])
}
