// What rights are read from raises the stamp of rights: then they need not be read again in each mutation.
import type { Knex } from 'knex'
import { trackRights } from '#sovrane'

const tables = [
  ['users', { actor: 'id', column: 'status' }],
  ['user_roles', { actor: 'user_id' }],
  ['user_permissions', { actor: 'user_id' }],
  ['role_permissions', {}],
  ['permissions', { column: 'permission_key' }],
] as const

export const up = async (knex: Knex): Promise<void> => {
  for (const [table, about] of tables) await trackRights(knex, table, about)
}

export const down = async (knex: Knex): Promise<void> => {
  for (const [table] of tables) {
    for (const name of ['e_rights_rows', 'e_rights_update', 'e_rights_truncate']) await knex.raw('drop trigger ?? on ??', [name, table])
  }
}
