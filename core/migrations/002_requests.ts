// Requests that were answered, so that a repetition is answered alike and does nothing.
import type { Knex } from 'knex'

export const up = async (knex: Knex): Promise<void> => {
  await knex.schema.createTable('requests', (table) => {
    table.text('actor').notNullable()
    table.text('request_id').notNullable()
    table.text('event').notNullable()
    table.text('payload_hash').notNullable()
    // As it was sent; null when it handed out a secret.
    table.text('reply')
    table.specificType('at', 'timestamptz(3)').notNullable().defaultTo(knex.fn.now()).index()
    table.primary(['actor', 'request_id'])
  })
}

export const down = async (knex: Knex): Promise<void> => {
  await knex.schema.dropTable('requests')
}
