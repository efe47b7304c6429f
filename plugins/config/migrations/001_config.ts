// The values that administrators have set, one row a key; each change is heard like a resource's.
import type { Knex } from 'knex'
import { resourceColumns, trackChanges } from '#sovrane'

export const up = async (knex: Knex): Promise<void> => {
  await knex.schema.createTable('config', (table) => {
    resourceColumns(table, knex)
    table.jsonb('value').notNullable()
  })
  // For rows that come by SQL: a key that no event could name would stay for ever.
  await knex.raw("alter table config add constraint config_key check (id ~ '^[A-Za-z0-9_.-]{1,128}$')")
  await trackChanges(knex, 'config', { resource: 'config' })
}

export const down = async (knex: Knex): Promise<void> => {
  await knex.schema.dropTable('config')
}
