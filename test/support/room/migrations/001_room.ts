// The table of rooms, and that of their keepers.
import type { Knex } from 'knex'
import { indexList, indexSearch, resourceColumns, touchOwner, trackChanges } from '#sovrane'

export const up = async (knex: Knex): Promise<void> => {
  await knex.schema.createTable('rooms', (table) => {
    resourceColumns(table, knex)
    table.text('label').notNullable()
    table.text('number').notNullable().unique()
    table.integer('capacity').notNullable()
    table.double('height')
    table.boolean('accessible').notNullable().defaultTo(false)
    table.text('kind').notNullable().defaultTo('office')
    table.jsonb('equipment').notNullable().defaultTo('[]')
    table.jsonb('layout')
    table.text('opens_on')
    table.specificType('opened_at', 'timestamptz(3)')
    table.specificType('inspected_at', 'timestamptz(3)')
    table.text('site_id').references('sites.id').index()
    table.text('main_room_id').references('rooms.id').index()
  })
  await knex.schema.createTable('room_keepers', (table) => {
    table.text('room_id').notNullable().references('rooms.id').onDelete('CASCADE')
    table.text('user_id').notNullable().references('users.id').onDelete('CASCADE').index()
    table.primary(['room_id', 'user_id'])
  })
  await indexList(knex, 'rooms', {
    label: 'text', number: 'text', capacity: 'value', height: 'value', accessible: 'value', kind: 'text', opens_on: 'text',
    opened_at: 'value', inspected_at: 'value', updated_at: 'value',
  })
  await indexSearch(knex, 'rooms', ['label', 'number'])
  await trackChanges(knex, 'rooms', { resource: 'room' })
  await touchOwner(knex, 'rooms', { owner: 'rooms', by: 'main_room_id', when: 'main_room_id' })
  await touchOwner(knex, 'room_keepers', { owner: 'rooms', by: 'room_id' })
}

export const down = async (knex: Knex): Promise<void> => {
  await knex.schema.dropTable('room_keepers')
  await knex.schema.dropTable('rooms')
}
