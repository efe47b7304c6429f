// Passwords, sessions and log-ins: tables of their own, so that a log-in is no change of the user.
import type { Knex } from 'knex'
import { announce, touchOwner } from '#sovrane'

export const up = async (knex: Knex): Promise<void> => {
  await knex.schema.createTable('credentials', (table) => {
    table.text('user_id').primary().references('users.id').onDelete('CASCADE')
    table.text('password_hash').notNullable()
    table.specificType('password_changed_at', 'timestamptz(3)').notNullable().defaultTo(knex.fn.now())
  })
  await knex.schema.createTable('logins', (table) => {
    table.text('user_id').primary().references('users.id').onDelete('CASCADE')
    table.specificType('last_login_at', 'timestamptz(3)').notNullable()
  })
  await knex.schema.createTable('sessions', (table) => {
    table.text('id').primary()
    table.text('user_id').notNullable().references('users.id').onDelete('CASCADE').index()
    table.text('refresh_hash').notNullable().unique()
    table.text('ip')
    table.text('user_agent')
    table.specificType('created_at', 'timestamptz(3)').notNullable().defaultTo(knex.fn.now())
    table.specificType('last_seen_at', 'timestamptz(3)').notNullable().defaultTo(knex.fn.now())
    table.specificType('expires_at', 'timestamptz(3)').notNullable()
    table.specificType('ended_at', 'timestamptz(3)')
    table.text('ended_by')
  })
  await touchOwner(knex, 'credentials', { owner: 'users', by: 'user_id', when: 'password_changed_at', key: 'user_id' })
  await announce(knex, 'sessions', { topic: '~rights', id: 'user_id', on: 'update of ended_at' })
}

export const down = async (knex: Knex): Promise<void> => {
  for (const table of ['sessions', 'logins', 'credentials']) await knex.schema.dropTable(table)
}
