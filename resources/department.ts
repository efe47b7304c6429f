// A department: a node of the organisation's tree, with a manager and users.
import { object } from 'yup'
import { defineResource, id, label, many, one } from '#sovrane'

export const department = defineResource({
  name: 'department',
  schema: object({
    label: label(120).required(),
    siteId: id().nullable().default(null),
    parentId: id().nullable().default(null),
    managerId: id().nullable().default(null),
  }),
  scope: { parent: 'parentId' },
  relations: {
    site: one('site', { via: 'siteId', scope: true }),
    parent: one('department', { via: 'parentId', acyclic: true, events: true, permission: 'manage-department-hierarchy' }),
    manager: one('user', { via: 'managerId', events: true, permission: 'manage-department-users' }),
    children: many('department', { inverse: 'parent', item: 'child' }),
    users: many('user', { inverse: 'department', item: 'user' }),
  },
  examples: { label: (n) => `Stores ${n}` },
  list: {
    search: ['label'],
    filter: ['label', 'siteId', 'parentId', 'managerId', 'createdAt', 'updatedAt'],
    sort: ['label', 'siteId', 'parentId', 'createdAt', 'updatedAt'],
  },
})
