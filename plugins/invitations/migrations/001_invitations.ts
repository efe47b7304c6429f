// Invitations: tracked like every resource; their tokens are here only as hashes, and only while they are good.
import type { Knex } from 'knex'
import { resourceColumns, trackChanges } from '#sovrane'

export const up = async (knex: Knex): Promise<void> => {
  await knex.schema.createTable('invitations', (table) => {
    resourceColumns(table, knex)
    table.text('email').notNullable()
    table.text('first_name')
    table.text('last_name')
    table.text('role').references('roles.id').index()
    table.text('site_id').references('sites.id').index()
    table.text('department_id').references('departments.id').index()
    table.text('status').notNullable().defaultTo('pending').checkIn(['pending', 'accepted', 'revoked', 'expired'])
    table.specificType('expires_at', 'timestamptz(3)').notNullable()
    // SHA-256 of the token in the reply, and of the one in the mail.
    table.text('token_hash').unique()
    table.text('mail_token_hash').unique()
    table.check("status = 'pending' or (token_hash is null and mail_token_hash is null)", [], 'invitations_dead_tokens')
  })
  await knex.raw("create unique index invitations_pending on invitations (lower(email)) where status = 'pending'")
  await knex.raw("create index invitations_due on invitations (expires_at) where status = 'pending'")
  await knex.raw("create index invitations_author on invitations (created_by) where status = 'pending'")
  await trackChanges(knex, 'invitations', { resource: 'invitation' })
}

export const down = async (knex: Knex): Promise<void> => {
  await knex.schema.dropTable('invitations')
}
