// An entry of the audit log as screens have it, and what in its details is a change.
import { app, type Payload } from './state.ts'

/** Source: `audit-log-request`. */
export interface AuditEntry {
  readonly id: string
  readonly timestamp: string
  readonly actorId: string | null
  readonly actorType: string
  readonly action: string
  readonly level: string
  readonly category: string
  readonly targetType: string | null
  readonly targetId: string | null
  readonly details: Payload
  readonly ipAddress: string | null
  readonly userAgent: string | null
  readonly requestId: string | null
}

interface FieldChange {
  readonly name: string
  readonly before: unknown
  readonly after: unknown
}

const isObject = (value: unknown): value is Payload => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The fields that differ. */
export const changesIn = ({ details }: Pick<AuditEntry, 'details'>): readonly FieldChange[] => {
  const [before, after] = [details['before'], details['after']].map((side) => (isObject(side) ? side : {}))
  return [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].map((name) => ({
    name, before: before?.[name], after: after?.[name],
  }))
}

/** What else the details hold. */
export const furtherIn = ({ details: { before: _before, after: _after, ...rest } }: Pick<AuditEntry, 'details'>): Payload => rest

/** Whose events can be recorded: resources, plugins, and what the system itself does. */
export const categories = (): readonly string[] =>
  [...new Set(['core', 'alerts', ...Object.values(app.value?.events ?? {}).map(({ owner }) => owner)])].toSorted()

/** The events that leave entries by themselves. */
export const recordedEvents = (): readonly string[] =>
  Object.entries(app.value?.events ?? {}).filter(([, { kind }]) => kind === 'mutation').map(([event]) => event).toSorted()
