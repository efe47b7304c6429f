// Lists of the directory in the order of their names, without sorting all of them for each page.
import type { Knex } from 'knex'
import { indexOrder } from '#sovrane'

const sorted: Readonly<Record<string, readonly string[]>> = {
  users: ['last_name', 'first_name', 'email'], departments: ['label'], groups: ['name'], roles: ['label'], sites: ['label'],
  permissions: ['permission_key'],
}

export const up = async (knex: Knex): Promise<void> => {
  for (const [table, columns] of Object.entries(sorted)) await indexOrder(knex, table, columns)
}

export const down = async (knex: Knex): Promise<void> => {
  for (const [table, columns] of Object.entries(sorted))
    for (const column of columns) await knex.raw('drop index ??', [`${table}_by_${column}`])
}
