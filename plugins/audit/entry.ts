// An audit entry: what is written, what is read back, and its columns in the database.

export const levels = ['info', 'warning', 'critical'] as const
export type Level = (typeof levels)[number]

type Details = Readonly<Record<string, unknown>>

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
  readonly details: Details
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
  readonly seal: string | null
}

/** The columns that are read, under the names of the contract. */
export const columns = `at as "timestamp", id, actor_id as "actorId", actor_type as "actorType", action, level, category, target_type as "targetType",
  target_id as "targetId", details, ip_address as "ipAddress", user_agent as "userAgent", request_id as "requestId", mac`

/** What a client and an export see of an entry. Source: docs/protocol.md §7. */
export const toWire = ({ timestamp, id, actorId, actorType, action, level, category, targetType, targetId, details, ipAddress, userAgent, requestId }: Written) =>
  ({ id, timestamp: timestamp.toISOString(), actorId, actorType, action, level, category, targetType, targetId, details, ipAddress, userAgent, requestId })
