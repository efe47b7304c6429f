// Whatever the lists of the directory may be asked for has its index; where columns had one of their own, the new one takes its place.
import type { Knex } from 'knex'
import { indexList, indexSearch, type ListColumn } from '#sovrane'

const columns: Readonly<Record<string, Readonly<Record<string, ListColumn>>>> = {
  users: { status: 'text', locale: 'text', email_verified: 'value', updated_at: 'value' },
  departments: { site_id: 'value', parent_id: 'value', updated_at: 'value' },
  groups: { description: 'long', updated_at: 'value' },
  permissions: { description: 'text', updated_at: 'value' },
  roles: { updated_at: 'value' },
  sites: { updated_at: 'value' },
}

const searched = {
  users: ['first_name', 'last_name', 'email'], departments: ['label'], groups: ['name', 'description'],
  permissions: ['permission_key', 'description'], roles: ['label'], sites: ['label'],
} as const

const replaced = ['site_id', 'parent_id']

export const up = async (knex: Knex): Promise<void> => {
  for (const [table, kinds] of Object.entries(columns)) await indexList(knex, table, kinds)
  for (const [table, texts] of Object.entries(searched)) await indexSearch(knex, table, texts)
  for (const column of replaced) await knex.raw('drop index ??', [`departments_${column}_index`])
}

export const down = async (knex: Knex): Promise<void> => {
  for (const column of replaced) await knex.raw('create index ?? on departments (??)', [`departments_${column}_index`, column])
  for (const table of Object.keys(searched)) await knex.raw('drop index if exists ??', [`${table}_search`])
  for (const [table, kinds] of Object.entries(columns)) {
    for (const [column, kind] of Object.entries(kinds)) {
      await knex.raw('drop index ??', [`${table}_${kind === 'long' ? 'is' : 'by'}_${column}`])
    }
  }
}
