// When the password was proved anew within a session. The log-in itself is when the session was made.
import type { Knex } from 'knex'

export const up = (knex: Knex): Promise<void> =>
  knex.schema.alterTable('sessions', (table) => void table.specificType('proved_at', 'timestamptz(3)'))

export const down = (knex: Knex): Promise<void> => knex.schema.alterTable('sessions', (table) => void table.dropColumn('proved_at'))
