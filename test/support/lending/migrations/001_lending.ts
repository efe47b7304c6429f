// Categories, assets, who watches them, and loans.
import type { Knex } from 'knex'
import { indexList, indexSearch, resourceColumns, touchOwner, trackChanges } from '#sovrane'

export const up = async (knex: Knex): Promise<void> => {
  await knex.schema.createTable('categories', (table) => {
    resourceColumns(table, knex)
    table.text('label').notNullable()
    table.text('parent_id').references('categories.id').index()
  })
  await knex.schema.createTable('assets', (table) => {
    resourceColumns(table, knex)
    table.text('label').notNullable()
    table.text('serial').notNullable().unique()
    table.text('state').notNullable().defaultTo('free')
    table.decimal('price', 12, 2)
    table.text('notes')
    table.text('category_id').notNullable().references('categories.id').index()
    table.text('site_id').references('sites.id').index()
    table.text('custodian_id').references('users.id').index()
  })
  await knex.schema.createTable('asset_watchers', (table) => {
    table.text('asset_id').notNullable().references('assets.id').onDelete('CASCADE')
    table.text('user_id').notNullable().references('users.id').onDelete('CASCADE').index()
    table.boolean('mail').notNullable().defaultTo(false)
    table.primary(['asset_id', 'user_id', 'mail'])
  })
  await knex.schema.createTable('asset_categories', (table) => {
    table.text('asset_id').notNullable().references('assets.id').onDelete('CASCADE')
    table.text('category_id').notNullable().references('categories.id').onDelete('CASCADE').index()
    table.boolean('main').notNullable().defaultTo(false)
    table.primary(['asset_id', 'category_id', 'main'])
  })
  await knex.schema.createTable('loans', (table) => {
    resourceColumns(table, knex)
    table.text('asset_id').notNullable().references('assets.id').index()
    table.text('borrower_id').notNullable().references('users.id').index()
    table.specificType('due_at', 'timestamptz(3)').notNullable()
    table.boolean('overdue').notNullable().defaultTo(false)
  })
  await indexList(knex, 'categories', { label: 'text' })
  await indexList(knex, 'assets', { label: 'text', serial: 'text', state: 'text', price: 'value' })
  await indexList(knex, 'loans', { due_at: 'value', overdue: 'value' })
  for (const [table, texts] of Object.entries({ categories: ['label'], assets: ['label', 'serial'] })) await indexSearch(knex, table, texts)
  await trackChanges(knex, 'categories', { resource: 'category' })
  await trackChanges(knex, 'assets', { resource: 'asset' })
  await trackChanges(knex, 'loans', { resource: 'loan' })
  await touchOwner(knex, 'categories', { owner: 'categories', by: 'parent_id', when: 'parent_id' })
  await touchOwner(knex, 'assets', { owner: 'categories', by: 'category_id', when: 'category_id' })
  await touchOwner(knex, 'loans', { owner: 'assets', by: 'asset_id', when: 'asset_id' })
  await touchOwner(knex, 'asset_watchers', { owner: 'assets', by: 'asset_id' })
  await touchOwner(knex, 'asset_categories', { owner: 'assets', by: 'asset_id' })
  await touchOwner(knex, 'asset_categories', { owner: 'categories', by: 'category_id' })
}

export const down = async (knex: Knex): Promise<void> => {
  for (const table of ['loans', 'asset_categories', 'asset_watchers', 'assets', 'categories']) await knex.schema.dropTable(table)
}
