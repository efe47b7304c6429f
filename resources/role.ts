// A role: a set of permissions, each everywhere or within a scope.
import { object } from 'yup'
import { defineResource, label, many, scopeId } from '#sovrane'
import { guardRole } from './rights/roles.ts'

export const role = defineResource({
  name: 'role',
  schema: object({ label: label(120).required() }),
  relations: {
    permissions: many('permission', {
      through: { table: 'role_permissions', columns: object({ scopeId: scopeId().nullable().default(null) }) },
      item: 'permission', field: true, cap: 100,
    }),
  },
  examples: { label: (n) => `Clerk ${n}` },
  list: { search: ['label'], filter: ['label', 'createdAt', 'updatedAt'], sort: ['label', 'createdAt', 'updatedAt'] },
  guard: guardRole,
})
