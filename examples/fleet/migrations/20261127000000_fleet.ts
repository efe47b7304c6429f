// Depots, vehicles and who drives them.
import type { Knex } from 'knex'
import { indexList, indexSearch, resourceColumns, touchOwner, trackChanges } from 'sovrane'

export const up = async (knex: Knex): Promise<void> => {
  await knex.schema.createTable('depots', (table) => {
    resourceColumns(table, knex)
    table.text('label').notNullable()
    table.text('parent_id').references('depots.id').index()
  })
  await knex.schema.createTable('vehicles', (table) => {
    resourceColumns(table, knex)
    table.text('label').notNullable()
    table.text('plate').notNullable().unique()
    table.integer('seats').notNullable().defaultTo(5)
    table.text('state').notNullable().defaultTo('ready')
    table.text('depot_id').references('depots.id').index()
  })
  await knex.schema.createTable('vehicle_drivers', (table) => {
    table.text('vehicle_id').notNullable().references('vehicles.id').onDelete('CASCADE')
    table.text('user_id').notNullable().references('users.id').onDelete('CASCADE').index()
    table.boolean('main').notNullable().defaultTo(false)
    table.primary(['vehicle_id', 'user_id', 'main'])
  })
  await trackChanges(knex, 'depots', { resource: 'depot', scope: true })
  await trackChanges(knex, 'vehicles', { resource: 'vehicle' })
  await touchOwner(knex, 'vehicles', { owner: 'depots', by: 'depot_id', when: 'depot_id' })
  await touchOwner(knex, 'vehicle_drivers', { owner: 'vehicles', by: 'vehicle_id' })
  await indexList(knex, 'depots', { label: 'text' })
  await indexList(knex, 'vehicles', { label: 'text', plate: 'text', seats: 'value', state: 'text' })
  await indexSearch(knex, 'depots', ['label'])
  await indexSearch(knex, 'vehicles', ['label', 'plate'])
}

export const down = async (knex: Knex): Promise<void> => {
  for (const table of ['vehicle_drivers', 'vehicles', 'depots']) await knex.schema.dropTable(table)
}
