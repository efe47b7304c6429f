// What an actor may do, as authors see it: grants, the decision over one row, and the check before giving a right on.
import type { Knex } from 'knex'
import type { EffectiveKey } from './explanation.ts'

/** A permission key held everywhere, within one scope, or on one row; `deny` takes it away. */
export interface Grant {
  readonly key: string
  /** A row that can be a scope; null: everywhere. */
  readonly scopeId: string | null
  readonly deny: boolean
  /** The grant reaches this row alone. */
  readonly row?: { readonly resource: string; readonly id: string }
  /** It comes of `root`, by a token that is limited to the key: a deny of `root` takes it away too. */
  readonly byRoot?: true
  /** What grants it, such as a role; undefined: it is granted directly. Read only to be explained. */
  readonly from?: { readonly resource: string; readonly id: string; readonly relation?: string }
}

/** The person or service in whose name a call runs. */
export interface Actor {
  readonly id: string
  readonly grants: readonly Grant[]
  /** They act within these keys alone: rules that need no key, such as those about one's own row, give nothing. */
  readonly keysOnly?: true
  /** By scope of a grant, what it lies within; only where a deny of the same key within another scope may take it away. */
  readonly above?: ReadonlyMap<string, readonly string[]>
}

/** A row as the engine holds it: field names to values, times as ISO 8601. */
export type Row = Readonly<Record<string, unknown>> & { readonly id: string; readonly version: number }

/** The five actions that every resource has. */
export type Action = 'list' | 'get' | 'create' | 'update' | 'delete'

/** The rights of the actor of a call. There is no decision without a row: a right held somewhere is not a right here. */
export interface Rights {
  /** Whether the key is held in at least one scope. */
  holds(key: string): boolean
  /** Whether the actor holds all of the grant, with the same or a wider scope, after their denies. */
  covers(grant: Grant): Promise<boolean>
  /** The first key that another actor holds, whatever their status, and this one does not wholly hold; undefined: may act over them. */
  lacksOf(actorId: string): Promise<string | undefined>
  /** Whether there is such a row and the actor may get it. What one may not read, one cannot name. Source: docs/protocol.md §3.4. */
  reads(resource: string, id: string): Promise<boolean>
  /** Where each key reaches that is held anywhere, after all denies; a key may be listed twice, and then reaches what either does. */
  effective(): readonly EffectiveKey[]
}

export interface RuleBuilder<Fields extends string = string> {
  /** Allows an action without any key, for rows that match, limited to some fields. */
  readonly allow: (action: Action, conditions?: Readonly<Record<string, unknown>>, fields?: readonly Fields[]) => void
  /** Forbids it. */
  readonly deny: (action: Action, conditions?: Readonly<Record<string, unknown>>, fields?: readonly Fields[]) => void
}

/** Where rights come from: the resources that hold users and their grants. Core knows none of them by name. */
export interface Authority {
  /** The resource whose rows are actors. */
  readonly actor: string
  /** Resources whose changes may change anyone's rights; a change of the actor's own row is watched anyway. */
  readonly watch: readonly string[]
  /** The key that grants all. */
  readonly root: string
  /**
   * Every table from which grants are read raises the stamp of rights (`trackRights` in its migration): a mutation compares stamps
   * before it commits. Without it the grants are read again in each mutation.
   */
  readonly stamped?: true
  /**
   * The query that reads the actors whose ids are in `any(?::text[])`: their `id`, their `grants` as JSON (`key`, `scopeId`, `deny`),
   * whatever their status, and why they have `ended`, null while they may act. Core asks it together with what it knows itself.
   */
  readonly actors: string
  /** The same query, whose grants say what they come `from`, such as `{ resource: 'role', id }`: for explanations. */
  readonly origins?: string
  /** Called at start with every key that definitions and plugins name. */
  register(db: Knex, keys: readonly string[]): Promise<void>
}
