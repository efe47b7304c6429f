// An asset that is lent: always of a category, perhaps in somebody's keeping. Its serial number is checked by a plugin's hook.
import { boolean, number, object, string } from 'yup'
import { defineResource, id, label, many, one } from '#sovrane'

export const asset = defineResource({
  name: 'asset',
  schema: object({
    label: label(80).required(),
    serial: string().max(20).required(),
    state: string().oneOf(['free', 'lent', 'lost'] as const).default('free'),
    price: number().min(0).max(1_000_000).nullable().default(null),
    notes: string().max(500).nullable().default(null),
    categoryId: id().required(),
    siteId: id().nullable().default(null),
    custodianId: id().nullable().default(null),
  }),
  readOnly: ['state'],
  unique: ['serial'],
  relations: {
    category: one('category', { via: 'categoryId', events: true }),
    site: one('site', { via: 'siteId', scope: true }),
    custodian: one('user', { via: 'custodianId', events: true, permission: 'assign-asset' }),
    watchers: many('user', {
      through: { table: 'asset_watchers', columns: object({ mail: boolean().default(false) }) }, item: 'watcher', field: true, cap: 20,
    }),
    related: many('category', {
      through: { table: 'asset_categories', columns: object({ main: boolean().default(false) }) },
      item: 'category', permission: 'relate-assets', cap: 5,
    }),
    loans: many('loan', { inverse: 'asset', cap: 20 }),
  },
  list: {
    search: ['label', 'serial'], filter: ['label', 'serial', 'state', 'price', 'categoryId', 'siteId', 'custodianId'],
    sort: ['label', 'price', 'createdAt'],
  },
  permissions({ allow }, actor) {
    allow('get', { custodianId: actor.id })
    allow('update', { custodianId: actor.id }, ['notes'])
  },
  examples: { serial: (n) => `SN-${String(n).padStart(6, '0')}` },
})
