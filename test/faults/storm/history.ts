// What a storm leaves behind for the checkers: what was asked and answered, what the database has, and what each observer was told.

export type Fields = Readonly<Record<string, unknown>>

/** What a success makes of a row: fields that it has from then on, or `gone`. */
export interface Effect {
  /** `<resource>/<id>`; a link is `member/<group>/<user>`. */
  readonly row: string
  readonly fields: Fields | 'gone'
  /** Others write this row too: only its version can be told in advance. */
  readonly shared?: true
}

/** A request that is sent until it has an answer that is not "try again", always with the same `requestId`. */
export interface Operation {
  readonly requestId: string
  readonly event: string
  readonly payload: Fields
  /** The first is the row whose version the reply tells. */
  readonly effects: readonly Effect[]
  /** Sent twice at once, as by a client that loses patience. */
  readonly twice: boolean
}

export type Outcome =
  | { readonly ok: true; readonly version: number | undefined }
  | { readonly ok: false; readonly code: string; readonly details: unknown }

export interface Attempt extends Operation {
  /** Each answer that counts, of this request and its repetitions; the first decided. Undefined answers never came. */
  readonly outcomes: readonly Outcome[]
}

export interface Change {
  readonly row: string
  readonly action: string
  readonly version: number
  readonly pos: number
}

/** What an observer was told, in order. */
export type Told = ({ readonly kind: 'change' } & Change) | { readonly kind: 'resync'; readonly epoch: string; readonly pos: number }

export interface Row {
  readonly version: number
  readonly fields: Fields
}

export interface Observed {
  readonly name: string
  readonly told: readonly Told[]
  /** The rows as read after the last word about each. */
  readonly rows: ReadonlyMap<string, Row>
  /** The rows of the database that they may read. */
  readonly readable: (row: string, fields: Fields) => boolean
  /** What went wrong while it looked: older rows than it had been told of, a session that ended. */
  readonly stale: readonly string[]
}

export interface History {
  /** Done before the storm began. */
  readonly known?: readonly Attempt[]
  /** In the order of each client. */
  readonly attempts: readonly Attempt[]
  readonly observers: readonly Observed[]
  /** At the end: all rows that the storm has to do with, links without a version. */
  readonly rows: ReadonlyMap<string, Row>
  /** The whole feed since the beginning of the storm, with the request of each entry. */
  readonly feed: readonly (Change & { readonly requestId: string | null })[]
  /** The `requestId` of each entry of the audit log. */
  readonly audit: readonly string[]
}
