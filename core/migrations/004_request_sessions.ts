// In which session a request was made: another session of the same user may be allowed less than its reply tells.
import type { Knex } from 'knex'

export const up = (knex: Knex): Promise<void> => knex.schema.alterTable('requests', (table) => void table.text('session'))

export const down = (knex: Knex): Promise<void> => knex.schema.alterTable('requests', (table) => void table.dropColumn('session'))
