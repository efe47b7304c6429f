// What decides whether an actor may call an event: the answer to "why may they", and "why not".

/** What a caller may be asked beside what was decided, because the rest of a payload tells. */
export interface Further {
  /**
   * `row`: no row was named. `result`: the row as it would be has to be within the right, too. `fields`: these fields are beyond what was
   * decided. `link`: the link by this field or relation is changed; the keys are those of both ends, and the one by which its target is
   * read. `self`: the actor links themselves, and must hold already what the link gives. `guard`: the rules of the resource look at what
   * is given. `operation`: the operation may ask for more by itself. `written`: the rules of the resource look at what has come of it.
   */
  readonly when: 'row' | 'result' | 'fields' | 'link' | 'self' | 'guard' | 'operation' | 'written'
  /** The keys that are asked then. */
  readonly keys: readonly string[]
  readonly fields?: readonly string[]
  readonly relation?: string
  /** Whose rows are asked about, or whose rules ask. */
  readonly resource?: string
}

/** A row by its label; without an id where the asker may not read it. */
export interface Named {
  readonly resource?: string
  readonly id?: string
  readonly label?: string | null
  readonly hidden?: true
}

export interface ExplainedGrant {
  readonly key: string
  /** Null: everywhere, or on `row` alone. */
  readonly scope: Named | null
  /** The one row that it reaches. */
  readonly row?: Named
  /** The role that grants it, or the row whose link does; null: granted directly. */
  readonly from: (Named & { readonly relation?: string }) | null
  /** Whether it reaches what was asked about. */
  readonly reaches: boolean
}

/** A scope in which the row lies. */
export interface ExplainedScope extends Named {
  /** The row's field that leads there. */
  readonly field: string
  /** From there up to the scope, as far as the asker may read it. */
  readonly path: readonly string[]
}

export interface ExplainedRule {
  /**
   * `public`: no one need be known. `session`: a session will do. `status`: the account may not act. `definition`: a rule of the resource's
   * definition, such as that on one's own row. `over`: acting over another actor. `covers`: giving or taking what one must hold. `guard`:
   * the rules of the resource.
   */
  readonly rule: 'public' | 'session' | 'status' | 'definition' | 'over' | 'covers' | 'guard'
  readonly effect: 'allow' | 'deny'
  readonly resource?: string
  readonly action?: string
  /** The fields that a rule of a definition is limited to. */
  readonly fields?: readonly string[]
  readonly key?: string
  readonly scope?: Named | null
  readonly id?: string
  /** Why an account may not act, or the reason of the refusal. */
  readonly reason?: string
}

export interface Explanation {
  readonly allowed: boolean
  /** The key that is missing. */
  readonly missing?: string
  /** How the call would be refused. */
  readonly code?: 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'invalid_payload'
  readonly grants: readonly ExplainedGrant[]
  readonly denies: readonly ExplainedGrant[]
  readonly scopes: readonly ExplainedScope[]
  readonly rules: readonly ExplainedRule[]
  /** What else the payload may make it ask; `missing`: the keys among them that the actor holds nowhere. */
  readonly depends: readonly (Further & { readonly missing: readonly string[] })[]
}

/** What an actor holds, whatever the event: each key with where it reaches, and what it comes from. */
export interface Holdings {
  /** Why they may not act, such as `suspended`: then nothing of it counts. */
  readonly ended?: string
  readonly keys: readonly {
    readonly key: string
    /** Null: everywhere. */
    readonly scopes: readonly Named[] | null
    readonly except: readonly Named[]
    readonly rows: readonly Named[]
  }[]
  readonly grants: readonly Omit<ExplainedGrant, 'reaches'>[]
  readonly denies: readonly Omit<ExplainedGrant, 'reaches'>[]
}

/** Where a key reaches: in these scopes, or everywhere; nowhere within the excepted ones. */
export interface EffectiveKey {
  readonly key: string
  /** Null: everywhere. */
  readonly scopes: readonly string[] | null
  readonly except: readonly string[]
  /** Single rows that it reaches, too. */
  readonly rows: readonly { readonly resource: string; readonly id: string }[]
}
