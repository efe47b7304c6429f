// Refresh rotation, lockout, resets, password history, e-mail changes and API tokens.
import type { Knex } from 'knex'
import { announce } from '#sovrane'

const time = 'timestamptz(3)'

export const up = async (knex: Knex): Promise<void> => {
  await knex.schema.alterTable('sessions', (table) => {
    table.text('previous_hash').index()
    table.specificType('rotated_at', time)
    table.specificType('factor_passed_at', time)
    table.specificType('refresh_expires_at', time).notNullable().defaultTo(knex.fn.now())
  })
  await knex.schema.alterTable('credentials', (table) => table.specificType('expiry_warned_at', time))
  // Refresh tokens that were used: one seen again is stolen.
  await knex.schema.createTable('spent_refresh_tokens', (table) => {
    table.text('hash').primary()
    table.text('session_id').notNullable().references('sessions.id').onDelete('CASCADE').index()
  })
  // Failed attempts, by account or by address.
  await knex.schema.createTable('attempts', (table) => {
    table.text('key').primary()
    table.integer('failures').notNullable().defaultTo(0)
    table.integer('locks').notNullable().defaultTo(0)
    table.specificType('since', time).notNullable().defaultTo(knex.fn.now())
    table.specificType('locked_until', time)
  })
  await knex.schema.createTable('password_resets', (table) => {
    table.text('user_id').primary().references('users.id').onDelete('CASCADE')
    table.text('token_hash').notNullable().unique()
    table.specificType('expires_at', time).notNullable()
    table.specificType('used_at', time)
    table.specificType('mailed_at', time)
  })
  await knex.schema.createTable('password_history', (table) => {
    table.bigIncrements('id')
    table.text('user_id').notNullable().references('users.id').onDelete('CASCADE').index()
    table.text('password_hash').notNullable()
  })
  await knex.schema.createTable('email_changes', (table) => {
    table.text('user_id').primary().references('users.id').onDelete('CASCADE')
    table.text('email').notNullable()
    table.text('token_hash').notNullable().unique()
    table.specificType('expires_at', time).notNullable()
  })
  await knex.schema.createTable('api_tokens', (table) => {
    table.text('id').primary()
    table.text('user_id').notNullable().references('users.id').onDelete('CASCADE').index()
    table.text('name').notNullable()
    table.text('token_hash').notNullable().unique()
    table.jsonb('permissions')
    table.specificType('created_at', time).notNullable().defaultTo(knex.fn.now())
    table.specificType('expires_at', time)
    table.specificType('revoked_at', time)
  })
  await announce(knex, 'api_tokens', { topic: '~rights', id: 'user_id', on: 'update of revoked_at' })
}

export const down = async (knex: Knex): Promise<void> => {
  for (const table of ['api_tokens', 'email_changes', 'password_history', 'password_resets', 'attempts', 'spent_refresh_tokens'])
    await knex.schema.dropTable(table)
  await knex.schema.alterTable('credentials', (table) => table.dropColumn('expiry_warned_at'))
  await knex.schema.alterTable('sessions', (table) =>
    table.dropColumns('previous_hash', 'rotated_at', 'factor_passed_at', 'refresh_expires_at'))
}
