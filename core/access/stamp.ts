// The stamp of rights: raised in the database, in the transaction of whatever changes what an actor may do.
import type { Knex } from 'knex'
import { ask, prepared } from '../define/statement.ts'

export interface Stamp {
  /** Whose stamps count: the actor's, and everyone's. */
  readonly who: readonly string[]
  readonly sum: number
}

const sum = prepared('select coalesce(sum(stamp), 0)::bigint as sum from rights_stamps where actor = any(?::text[])', { quiet: true })

export const readStamp = async (db: Knex, actorId: string): Promise<Stamp> => {
  const who = ['', actorId]
  const { rows } = await ask<{ sum: number }>(db, sum, [who])
  return { who, sum: rows[0]?.sum ?? 0 }
}
