// A permission: a key that roles and users can be granted.
import { object, string } from 'yup'
import { defineResource } from '#sovrane'
import { explain, held } from './rights/explain.ts'
import { reasons } from './rights/guard.ts'
import { guardPermission } from './rights/roles.ts'

export const permission = defineResource({
  name: 'permission',
  schema: object({
    permissionKey: string().matches(/^[a-z0-9_-]{1,64}$/, 'must be 1 to 64 characters of a-z 0-9 _ -').required(),
    description: string().max(500).nullable().default(null),
  }),
  fixed: ['permissionKey'],
  unique: ['permissionKey'],
  otherColumns: ['built_in'],
  examples: { permissionKey: (n) => `open-gate-${n}`, description: (n) => `Opens gate ${n}` },
  list: {
    search: ['permissionKey', 'description'],
    filter: ['permissionKey', 'description', 'createdAt', 'updatedAt'],
    sort: ['permissionKey', 'createdAt', 'updatedAt'],
  },
  operations: { explain, held },
  guard: guardPermission,
  reasons,
})
