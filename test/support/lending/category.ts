// A category of assets: a tree.
import { object } from 'yup'
import { defineResource, id, label, many, one } from '#sovrane'

export const category = defineResource({
  name: 'category',
  plural: 'categories',
  schema: object({ label: label(80).required(), parentId: id().nullable().default(null) }),
  relations: {
    parent: one('category', { via: 'parentId', acyclic: true, events: true }),
    children: many('category', { inverse: 'parent', item: 'child' }),
    assets: many('asset', { inverse: 'category', item: 'asset', cap: 20 }),
    alsoFor: many('asset', { inverse: 'related', item: 'related', cap: 20 }),
  },
  list: { search: ['label'], filter: ['label', 'parentId'], sort: ['label', 'createdAt'] },
})
