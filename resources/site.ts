// A site: a place of the organisation. Grants can be limited to one.
import { object } from 'yup'
import { defineResource, label } from '#sovrane'

export const site = defineResource({
  name: 'site',
  schema: object({ label: label(120).required() }),
  scope: true,
  keys: { create: 'manage-sites', update: 'manage-sites', delete: 'manage-sites' },
  examples: { label: (n) => `Harbour ${n}` },
  list: { search: ['label'], filter: ['label', 'createdAt', 'updatedAt'], sort: ['label', 'createdAt', 'updatedAt'] },
})
