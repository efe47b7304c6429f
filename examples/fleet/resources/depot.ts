// A depot, within another one or at the top: what rights can be limited to.
import { object } from 'yup'
import { defineResource, id, label, many, one } from 'sovrane'

export const depot = defineResource({
  name: 'depot',
  schema: object({
    label: label(80).required(),
    parentId: id().nullable().default(null),
  }),
  scope: { parent: 'parentId' },
  relations: {
    parent: one('depot', { via: 'parentId', acyclic: true }),
    vehicles: many('vehicle', { inverse: 'depot' }),
  },
  list: { search: ['label'], filter: ['label', 'parentId'], sort: ['label', 'createdAt'] },
})
