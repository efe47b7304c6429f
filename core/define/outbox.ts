// What a transaction has changed so far, as the triggers have noted it.
import type { Knex } from 'knex'
import type { Change } from './change.ts'

export interface Changed {
  readonly resource: string
  readonly id: string
  readonly action: Change['action']
  readonly version: number
}

/** The changes of the present transaction, in order; internal topics left out. */
export const changesOf = async (db: Knex): Promise<Changed[]> => {
  const result: { rows: Changed[] } = await db.raw(`
    select resource, id, action, version from outbox
    where xmin::text = (pg_current_xact_id()::text::bigint & 4294967295)::text and resource not like '~%' order by seq`)
  return result.rows
}
