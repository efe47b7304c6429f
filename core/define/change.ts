// What a mutation changes, stated once before anything is written: the row before and after, and the links that it adds and removes.
import { note, type Call, type Payload } from './call.ts'
import type { Row } from './rights.ts'

/** A link of a many-to-many relation: the target's id and the values of the link's own columns. */
export interface LinkValue {
  readonly target: string
  readonly columns: Payload
}

/** The links of one relation that a change adds and removes. */
export interface LinkChange {
  readonly added: readonly LinkValue[]
  readonly removed: readonly LinkValue[]
}

export interface Change {
  readonly action: 'create' | 'update' | 'delete'
  /** Whose row it is: an event of the row at the other end of a link may make the change too. */
  readonly resource: string
  /** The row as it is, locked; undefined on create. */
  readonly before: Row | undefined
  /** The row as it would be, with its `id`; undefined on delete. */
  readonly after: Payload | undefined
  /** The fields that really change; on create all that were given. Write-only fields count when they were given. */
  readonly fields: ReadonlySet<string>
  /** All that was given, whether it changes anything or not. */
  readonly given: ReadonlySet<string>
  /** By the name of the relation. */
  readonly links: Readonly<Record<string, LinkChange>>
}

/** What an operation that is not generic says of what it did. `before` equal to `after`: nothing was changed. */
export interface Statement {
  readonly targetType?: string | null
  readonly targetId?: string | null
  readonly before?: Payload
  readonly after?: Payload
  /** Why it failed, such as `locked`. */
  readonly reason?: string
}

/** Left by a handler or a hook, for plugins that keep records: `call.notes.set(statement, { … })`. */
export const statement = note<Statement>('statement')

/**
 * Refuses a change of a resource's row, whichever event makes it: create, update, delete, a relation's event from either end.
 * In the transaction, after core's own decisions and before the write. A returned task runs after the write; throwing undoes everything.
 * It is asked for calls as `system` too, whose rights cover everything.
 */
export type Guard = (call: Call, change: Change) => Promise<void | (() => Promise<void>)>
