// What changes a link is heard at both of its ends.
import type { Knex } from 'knex'
import { touchOwner } from '#sovrane'

export const up = async (knex: Knex): Promise<void> => {
  await touchOwner(knex, 'user_roles', { owner: 'roles', by: 'role_id' })
  for (const table of ['group_members', 'group_responsibles']) await touchOwner(knex, table, { owner: 'users', by: 'user_id' })
}

export const down = async (): Promise<void> => undefined
