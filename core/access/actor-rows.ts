// What the database says of actors: their grants, why they have ended, and the stamp of their rights; one statement for however many.
import type { Knex } from 'knex'
import type { Resources } from '../model/resource.ts'
import type { Authority, Grant } from '../define/rights.ts'
import { ask, prepared } from '../define/statement.ts'

/** Raised in the database, in the transaction of whatever changes what an actor may do. */
export interface Stamp {
  /** Whose stamps count: the actor's, and everyone's. */
  readonly who: readonly string[]
  readonly sum: number
}

export interface ActorRow {
  readonly id: string
  readonly grants: readonly Grant[]
  /** Why they may do nothing at all. */
  readonly ended: string | undefined
  /** Of the same moment as the grants. */
  readonly stamp: Stamp
}

/** Reads actors by their ids; those that there are not are missing. */
export type ActorReader = (db: Knex, ids: readonly string[]) => Promise<ReadonlyMap<string, ActorRow>>

interface Read {
  readonly id: string
  readonly ended: string | null
  readonly grants: readonly Grant[]
  readonly sum: number
  /** For each link that grants something, the rows that the actor is linked to. */
  readonly linked: readonly (readonly string[])[]
}

/** `origins`: each grant says what it comes from. */
export const createActorReader = (resources: Resources, authority: Authority, { origins = false } = {}): ActorReader => {
  const links = [...resources.values()].flatMap(({ links }) => links).flatMap(({ name, owner, target, holds, table, own, other }) =>
    (holds && target.name === authority.actor ? [{ name, resource: owner, keys: holds.keys, table, own, other }] : []))
  const linked = links.map(({ table, own, other }) =>
    `(select coalesce(jsonb_agg(l.${own}), '[]') from ${table} l where l.${other} = a.id)`)
  const statement = prepared(`
    select a.id, a.ended, a.grants, jsonb_build_array(${linked.join(', ')}) as linked,
      (select coalesce(sum(s.stamp), 0)::bigint from rights_stamps s where s.actor in ('', a.id)) as sum
    from (${origins ? authority.origins ?? authority.actors : authority.actors}) a`, { quiet: true })

  const granted = ({ grants, linked: rows }: Read): Grant[] => [
    ...grants,
    ...links.flatMap(({ name, resource, keys }, index) => (rows[index] ?? []).flatMap((id) => keys.map((key) => ({
      key, scopeId: null, deny: false, row: { resource, id }, ...(origins ? { from: { resource, id, relation: name } } : {}),
    })))),
  ]
  return async (db, ids) => {
    const { rows } = await ask<Read>(db, statement, [ids])
    return new Map(rows.map((row) =>
      [row.id, { id: row.id, grants: granted(row), ended: row.ended ?? undefined, stamp: { who: ['', row.id], sum: row.sum } }]))
  }
}
