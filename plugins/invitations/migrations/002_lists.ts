// Whatever the list of invitations may be asked for has its index.
import type { Knex } from 'knex'
import { indexList, indexSearch } from '#sovrane'

const columns = {
  email: 'address', first_name: 'text', last_name: 'text', status: 'text', expires_at: 'value', created_by: 'value', updated_at: 'value',
} as const

export const up = async (knex: Knex): Promise<void> => {
  await indexList(knex, 'invitations', columns)
  await indexSearch(knex, 'invitations', ['email', 'first_name', 'last_name'])
}

export const down = async (knex: Knex): Promise<void> => {
  const names = [...Object.keys(columns).map((column) => `by_${column}`), 'at_email', 'search']
  for (const name of names) await knex.raw('drop index if exists ??', [`invitations_${name}`])
}
