// An audit entry: what it holds, its signature, and how it is written: masked, bounded, signed, in the transaction of the handle that is
// given.
import { createHmac } from 'node:crypto'
import type { Knex } from 'knex'
import { v7 as uuid } from 'uuid'
import { ask, canonical, prepared, type Call } from '#sovrane'
import { mask, type IsSecretSetting } from './mask.ts'

export const levels = ['info', 'warning', 'critical'] as const
export type Level = (typeof levels)[number]

export type Fields = Readonly<Record<string, unknown>>

/** An entry before the database has stamped it. */
export interface Entry {
  /** UUIDv7. */
  readonly id: string
  readonly actorId: string | null
  readonly actorType: 'user' | 'system' | 'anonymous'
  /** The event. */
  readonly action: string
  readonly level: Level
  /** The resource or plugin that owns the event. */
  readonly category: string
  readonly targetType: string | null
  readonly targetId: string | null
  readonly details: Fields
  readonly ipAddress: string | null
  readonly userAgent: string | null
  readonly requestId: string | null
}

/** An entry as it stands in the table. */
export interface Written extends Omit<Entry, 'actorType' | 'level'> {
  readonly timestamp: Date
  // Whatever SQL may have put there.
  readonly actorType: string
  readonly level: string
  /** The writer's signature over all but the time. */
  readonly mac: string
}

export interface Sealed extends Written {
  readonly pos: number
  readonly seal: string
}

/** The columns that are read, under the names of the contract. */
export const columns = `at as "timestamp", id, actor_id as "actorId", actor_type as "actorType", action, level, category,
  target_type as "targetType", target_id as "targetId", details, ip_address as "ipAddress", user_agent as "userAgent",
  request_id as "requestId", mac`

/**
 * The entries that have a seal, with `pos` and `seal`, from the seals' side. A seal whose entry is gone stands for nothing, least of all
 * for that entry. `offset 0`: each is looked up; for a join the planner, which takes time and id for unrelated, read both tables whole.
 */
export const sealedEntries =
  'audit_seals join lateral (select * from audit_entries e where e.at = audit_seals.at and e.id = audit_seals.id offset 0) e using (at, id)'

/** The end of the chain of seals. */
export interface Head {
  readonly pos: number
  readonly seal: string
}

/** Positions that retention has removed, and how the chain goes on after them. */
export interface Anchor {
  readonly from: number
  readonly to: number
  /** The seal of the position before `from`. */
  readonly before: string
  /** The seal of the position `to`. */
  readonly seal: string
}

type Signed =
  | { readonly kind: 'entry'; readonly entry: Omit<Entry, 'actorType' | 'level'> & { readonly actorType: string; readonly level: string } }
  | { readonly kind: 'seal'; readonly pos: number; readonly previous: string; readonly entry: Written }
  | { readonly kind: 'head'; readonly head: Head }
  | { readonly kind: 'anchor'; readonly anchor: Anchor }

const textOf = (signed: Signed): string => {
  switch (signed.kind) {
    case 'entry': {
      const { id, actorId, actorType, action, level, category, targetType, targetId, details, ipAddress, userAgent, requestId } =
        signed.entry
      return canonical([
        'entry', id, actorId, actorType, action, level, category, targetType, targetId, details, ipAddress, userAgent,
        requestId,
      ])
    }
    case 'seal': {
      const { pos, previous, entry } = signed
      // The writer's signature covers the rest of the entry, so both together cover the row.
      return canonical(['seal', pos, previous, entry.timestamp.toISOString(), textOf({ kind: 'entry', entry }), entry.mac])
    }
    case 'head': return canonical(['head', signed.head.pos, signed.head.seal])
    case 'anchor': return canonical(['anchor', signed.anchor.from, signed.anchor.to, signed.anchor.before, signed.anchor.seal])
  }
}

/** Signs by HMAC-SHA-256 over canonical JSON, with a key that the database does not have. */
export interface Signer {
  sign(signed: Signed): string
  /** Whether any of the keys gives this signature: entries outlive the change of a key. */
  verify(signed: Signed, signature: string | null): boolean
}

/** @param keys the first signs, all verify */
export const createSigner = (keys: readonly Buffer[]): Signer => {
  const [first] = keys
  if (!first) throw new Error('AUDIT_KEY: is empty')
  const signatureOf = (key: Buffer, text: string): string => createHmac('sha256', key).update(text).digest('base64url')
  return {
    sign: (signed) => signatureOf(first, textOf(signed)),
    verify: (signed, signature) => {
      const text = textOf(signed)
      return keys.some((key) => signatureOf(key, text) === signature)
    },
  }
}

/** Characters of JSON; a request has at most 64 KiB, and so has what it can change. */
const maxDetailsLength = 131_072

const namesIn = (value: unknown): readonly string[] => (typeof value === 'object' && value !== null ? Object.keys(value).slice(0, 200) : [])

/** As the database will give it back: the signature is over that. */
const bounded = (details: Fields, isSecretSetting: IsSecretSetting): Fields => {
  const text = JSON.stringify(mask(details, isSecretSetting))
  return text.length <= maxDetailsLength
    ? (JSON.parse(text) as Fields)
    : { truncated: true, before: {}, after: {}, fields: namesIn(details['after']) }
}

/** Without a lone half of a character at the end, which the database refuses. */
const cut = (text: string | undefined, maxLength: number): string | null =>
  text?.slice(0, maxLength).replace(/[\uD800-\uDBFF]$/, '') ?? null

/** Who did it and from where: from the session and the connection, never from the payload. */
export const originOf = ({
  actor, system, connection, requestId,
}: Call): Pick<Entry, 'actorId' | 'actorType' | 'ipAddress' | 'userAgent' | 'requestId'> => ({
  actorId: actor?.id ?? null,
  actorType: actor ? 'user' : system ? 'system' : 'anonymous',
  ipAddress: cut(connection.ip, 64),
  userAgent: cut(connection.userAgent, 500),
  requestId: cut(requestId, 64),
})

export interface NewEntry extends Omit<Entry, 'id'> {
  /** Whether it is recorded whatever `audit-config` leaves out. */
  readonly always: boolean
}

const appending = prepared('select audit_append(?::jsonb)', { quiet: true })

/** Writes all of them, in the order of their ids, or none. */
export interface Writer {
  readonly append: (db: Knex, entries: readonly NewEntry[]) => Promise<void>
  /** In one message with the commit of the call. */
  readonly withCommit: (call: Pick<Call, 'withCommit'>, entries: readonly NewEntry[]) => void
}

export const createWriter = (signer: Signer, isSecretSetting: IsSecretSetting): Writer => {
  const signed = (entries: readonly NewEntry[]): string => JSON.stringify(entries.map(({ always, ...fields }) => {
    const entry: Entry = { ...fields, id: uuid(), details: bounded(fields.details, isSecretSetting) }
    return { ...entry, mac: signer.sign({ kind: 'entry', entry }), always }
  }))
  return {
    append: async (db, entries) => void (await ask(db, appending, [signed(entries)])),
    withCommit: (call, entries) => call.withCommit(appending, [signed(entries)]),
  }
}
