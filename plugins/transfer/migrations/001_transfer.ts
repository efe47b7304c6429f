// The names that rows have elsewhere. No one is told of their changes.
import type { Knex } from 'knex'

export const up = async (knex: Knex): Promise<void> => {
  await knex.schema.createTable('transfer_ids', (table) => {
    table.text('resource').notNullable()
    table.text('external_id').notNullable()
    // No foreign key: a row that is deleted leaves a name that counts for nothing.
    table.text('row_id').notNullable()
    table.specificType('created_at', 'timestamptz').notNullable().defaultTo(knex.fn.now())
    table.primary(['resource', 'external_id'])
    table.index(['resource', 'row_id'])
  })
}

export const down = async (knex: Knex): Promise<void> => {
  await knex.schema.dropTable('transfer_ids')
}
