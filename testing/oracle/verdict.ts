// What a request must be answered with: a refusal out of a set, or success; and where the contract leaves it open, either.

import type { Actor } from './actor.ts'
import { keys } from './keys.ts'
import type { Resource } from './keys.ts'
import type { Placed, Tri } from './organisation.ts'

export interface Refusal {
  readonly code: 'forbidden' | 'not_found' | 'invalid_payload' | 'conflict'
  /** The key that `details.permission` names. */
  readonly permission?: string
  /** For the report. */
  readonly why: string
}

export class Verdict {
  /** With one of these the request is refused … */
  readonly must: Refusal[] = []
  /** … and with one of these it may be, where the words are open. */
  readonly may: Refusal[] = []
  /** The payload names a row that is there and that the actor may not read: an unknown id must be answered alike. */
  hidden: string | undefined

  /** Adds a refusal unless `allowed`. */
  unless(allowed: boolean | Tri, refusal: Refusal): this {
    if (allowed === false || allowed === 'no') this.must.push(refusal)
    if (allowed === 'open') this.may.push(refusal)
    return this
  }

  /** Everything in `other` is asked about for nothing that changes: it may be refused, and need not. */
  atMost(other: Verdict): this {
    this.may.push(...other.must, ...other.may)
    return this
  }

  join(other: Verdict): this {
    this.must.push(...other.must)
    this.may.push(...other.may)
    this.hidden ??= other.hidden
    return this
  }

  get isClear(): boolean { return this.must.length === 0 && this.may.length === 0 }
}

/** Why one is refused who holds the key nowhere. */
export const heldNowhere = 'the key is held in no scope'

/** Why one is refused who may only look at the row. */
export const readOnly = 'the row can be read but not changed'

export const forbidden = (permission: string, why: string): Refusal => ({ code: 'forbidden', permission, why: `${why} (${permission})` })
export const notFound = (why: string): Refusal => ({ code: 'not_found', why })
export const invalid = (why: string): Refusal => ({ code: 'invalid_payload', why })
export const conflict = (why: string): Refusal => ({ code: 'conflict', why })

/** The first question: the key on the row. Those who fail it hear nothing else. */
export function gate(actor: Actor, key: string, resource: Resource, row: Placed | undefined): Verdict {
  const verdict = new Verdict()
  if (row !== undefined && actor.can(key, resource, row)) return verdict
  const held = actor.held(key)
  if (held !== 'yes') verdict.must.push(forbidden(key, heldNowhere))
  if (held === 'no') return verdict
  const seen = actor.sees(resource, row)
  if (seen !== 'no') verdict.must.push(forbidden(key, readOnly))
  if (seen !== 'yes') verdict.must.push(notFound('the row cannot be read'))
  return verdict
}

/** The same for reading one's way to a row: `read-…`, or its being one's own. */
export function readGate(actor: Actor, resource: Resource, row: Placed | undefined): Verdict {
  const verdict = new Verdict()
  const key = keys[resource].get
  const gets = actor.gets(resource, row)
  if (gets === 'yes') return verdict
  const held = actor.held(key)
  const isListed = actor.sees(resource, row) !== 'no'
  const refusals = [
    ...(held === 'yes' ? [] : [forbidden(key, heldNowhere)]),
    ...(held === 'no'
      ? []
      : [notFound('the row cannot be read'), ...(isListed ? [forbidden(key, 'the row can be listed but not got')] : [])]),
  ]
  for (const refusal of refusals) verdict.unless(gets, refusal)
  return verdict
}

/** A row named by a field, a grant or as a target. */
export function named(actor: Actor, resource: Resource | 'scope', id: string, as: 'field' | 'target'): Verdict {
  const verdict = new Verdict()
  const may = resource === 'scope' ? actor.namesScope(id) : actor.names(resource, id)
  const why = `${resource} ${id} is not there or cannot be read, and is named`
  verdict.unless(may, as === 'field' ? invalid(why) : notFound(why))
  const exists = resource === 'scope'
    ? actor.org.row('site', id) !== undefined || actor.org.row('department', id) !== undefined
    : actor.org.row(resource, id) !== undefined
  if (may === 'no' && exists) verdict.hidden = id
  return verdict
}

type RowsOf = readonly [resource: Resource | 'invitation', rows: readonly (Placed | undefined)[]]

/** A key on each of some rows: where it was, where it comes to be, the other end of the link. */
export function asks(actor: Actor, key: string, [resource, rows]: RowsOf, why: string): Verdict {
  const verdict = new Verdict()
  for (const row of rows) if (row !== undefined) verdict.unless(actor.can(key, resource, row), forbidden(key, why))
  return verdict
}
