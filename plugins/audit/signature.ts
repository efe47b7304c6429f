// Signatures of entries, seals, heads and anchors: HMAC-SHA-256 over canonical JSON, by a key that the database does not have.
import { createHmac } from 'node:crypto'
import type { Entry, Written } from './entry.ts'

/** JSON with sorted keys: equal values give equal texts. */
export const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map((item: unknown) => canonical(item)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const pairs = Object.entries(value).filter(([, item]) => item !== undefined).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${pairs.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`
}

/** The seal before the first. */
export const genesis = ''

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
      const { id, actorId, actorType, action, level, category, targetType, targetId, details, ipAddress, userAgent, requestId } = signed.entry
      return canonical(['entry', id, actorId, actorType, action, level, category, targetType, targetId, details, ipAddress, userAgent, requestId])
    }
    // The writer's signature covers the rest of the entry, so both together cover the row.
    case 'seal': return canonical(['seal', signed.pos, signed.previous, signed.entry.timestamp.toISOString(), textOf({ kind: 'entry', entry: signed.entry }), signed.entry.mac])
    case 'head': return canonical(['head', signed.head.pos, signed.head.seal])
    case 'anchor': return canonical(['anchor', signed.anchor.from, signed.anchor.to, signed.anchor.before, signed.anchor.seal])
  }
}

export interface Signer {
  sign(signed: Signed): string
  /** Whether any of the keys gives this signature: entries outlive the change of a key. */
  verify(signed: Signed, signature: string | null): boolean
}

/** @param keys the first signs, all verify */
export const createSigner = (keys: readonly Buffer[]): Signer => {
  const [first] = keys
  if (!first) throw new Error('AUDIT_KEY: is empty')
  const by = (key: Buffer, text: string): string => createHmac('sha256', key).update(text).digest('base64url')
  return {
    sign: (signed) => by(first, textOf(signed)),
    verify: (signed, signature) => {
      const text = textOf(signed)
      return keys.some((key) => by(key, text) === signature)
    },
  }
}
