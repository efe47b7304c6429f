// A badge of each user who has one.
import type { Knex } from 'knex'

export const up = async (knex: Knex): Promise<void> => {
  await knex.schema.createTable('badges', (table) => {
    table.text('user_id').primary().references('users.id').onDelete('CASCADE')
    table.text('badge')
  })
}

export const down = async (knex: Knex): Promise<void> => {
  await knex.schema.dropTable('badges')
}
