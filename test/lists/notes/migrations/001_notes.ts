// Notes, the folders that they lie in, and who keeps a folder.
import type { Knex } from 'knex'
import { announce, resourceColumns, touchOwner, trackChanges } from '#sovrane'

export const up = async (knex: Knex): Promise<void> => {
  await knex.schema.createTable('notes', (table) => {
    resourceColumns(table, knex)
    table.text('label').notNullable()
    table.integer('salary')
    table.text('pin')
    table.text('site_id').references('sites.id').index()
  })
  await knex.schema.createTable('folders', (table) => {
    resourceColumns(table, knex)
    table.text('label').notNullable()
  })
  // Columns that take less than their fields' schemas say.
  await knex.schema.createTable('tickets', (table) => {
    resourceColumns(table, knex)
    table.text('label').notNullable()
    table.date('due_on')
    table.integer('seats')
    table.decimal('price', 5, 2)
    table.string('code', 3)
    table.enum('kind', ['plain', 'fine'], { useNative: true, enumName: 'ticket_kind' })
  })
  for (const [name, other] of [['folder_notes', 'note'], ['folder_keepers', 'user']] as const) {
    await knex.schema.createTable(name, (table) => {
      table.text('folder_id').notNullable().references('folders.id').onDelete('CASCADE')
      table.text(`${other}_id`).notNullable().references(`${other}s.id`).onDelete('CASCADE').index()
      table.primary(['folder_id', `${other}_id`])
    })
  }
  for (const resource of ['note', 'folder', 'ticket']) await trackChanges(knex, `${resource}s`, { resource })
  for (const link of ['folder_notes', 'folder_keepers']) await touchOwner(knex, link, { owner: 'folders', by: 'folder_id' })
  await announce(knex, 'folder_keepers', { topic: '~rights', id: 'user_id' })
}

export const down = async (knex: Knex): Promise<void> => {
  for (const table of ['folder_keepers', 'folder_notes', 'folders', 'notes', 'tickets']) await knex.schema.dropTable(table)
  await knex.raw('drop type ticket_kind')
}
