// A group: people across departments, with some who are responsible for it.
import { object, string } from 'yup'
import { defineResource, label, many } from '#sovrane'

export const group = defineResource({
  name: 'group',
  schema: object({
    name: label(120).required(),
    description: string().max(1000).nullable().default(null),
  }),
  relations: {
    members: many('user', { through: { table: 'group_members' }, item: 'user', permission: 'manage-group-members' }),
    responsibles: many('user', {
      through: { table: 'group_responsibles' },
      item: 'responsible',
      permission: 'manage-group-responsibles',
      holds: { keys: ['manage-group-members', 'manage-group-responsibles', 'read-group', 'update-group'], reads: ['members'] },
    }),
  },
  examples: { name: (n) => `Divers ${n}`, description: (n) => `Who dives at pier ${n}` },
  list: {
    search: ['name', 'description'],
    filter: ['name', 'description', 'createdAt', 'updatedAt'],
    sort: ['name', 'createdAt', 'updatedAt'],
  },
})
