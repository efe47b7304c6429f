// Second factors, recovery codes and the challenges of log-ins under way.
import type { Knex } from 'knex'
import { touchOwner } from '#sovrane'

const time = 'timestamptz(3)'

export const up = async (knex: Knex): Promise<void> => {
  await knex.schema.createTable('mfa_factors', (table) => {
    table.text('user_id').primary().references('users.id').onDelete('CASCADE')
    table.boolean('enabled').notNullable().defaultTo(false)
    table.text('type')
    // Sealed with a server key and bound to the user.
    table.text('secret')
    table.text('pending_type')
    table.text('pending_secret')
    table.bigInteger('last_step').notNullable().defaultTo(0)
    table.integer('failures').notNullable().defaultTo(0)
    table.specificType('locked_until', time)
  })
  await knex.schema.createTable('mfa_recovery_codes', (table) => {
    table.text('user_id').notNullable().references('users.id').onDelete('CASCADE')
    table.text('code_hash').notNullable()
    table.primary(['user_id', 'code_hash'])
  })
  await knex.schema.createTable('mfa_challenges', (table) => {
    table.text('token_hash').primary()
    table.text('user_id').notNullable().references('users.id').onDelete('CASCADE').index()
    table.text('connection_id').index()
    table.text('code_hash')
    table.integer('attempts').notNullable().defaultTo(0)
    table.specificType('expires_at', time).notNullable()
    table.specificType('consumed_at', time)
  })
  await touchOwner(knex, 'mfa_factors', { owner: 'users', by: 'user_id', when: 'enabled', key: 'user_id' })
}

export const down = async (knex: Knex): Promise<void> => {
  for (const table of ['mfa_challenges', 'mfa_recovery_codes', 'mfa_factors']) await knex.schema.dropTable(table)
}
