// When a refresh token was spent: for a little while it still gives the newest. Those spent before this came are long past it.
import type { Knex } from 'knex'

export const up = async (knex: Knex): Promise<void> => {
  await knex.schema.alterTable('spent_refresh_tokens', (table) => void table.specificType('spent_at', 'timestamptz(3)'))
  await knex.raw('alter table spent_refresh_tokens alter column spent_at set default now()')
  // Any predecessor counts now, not the last alone.
  await knex.schema.alterTable('sessions', (table) => void table.dropColumn('previous_hash'))
}

export const down = async (knex: Knex): Promise<void> => {
  await knex.schema.alterTable('sessions', (table) => void table.text('previous_hash').index())
  await knex.schema.alterTable('spent_refresh_tokens', (table) => void table.dropColumn('spent_at'))
}
