// What was reported of vehicles.
import type { Knex } from 'knex'

export const up = async (knex: Knex): Promise<void> => {
  await knex.schema.createTable('defects', (table) => {
    table.text('id').primary()
    table.text('vehicle_id').notNullable().index()
    table.text('text').notNullable()
    table.specificType('made_at', 'timestamptz(3)').notNullable().defaultTo(knex.fn.now())
  })
}

export const down = async (knex: Knex): Promise<void> => {
  await knex.schema.dropTable('defects')
}
