// A user: a person of the organisation, who can act in it.
import { boolean, object, string } from 'yup'
import { defineResource, email, httpUrl, id, json, label, many, one, scopeId } from '#sovrane'
import { guardUser, reasons, unproveEmail } from './rights/users.ts'

const profile = ['firstName', 'lastName', 'picture', 'metadata', 'locale'] as const

export const user = defineResource({
  name: 'user',
  schema: object({
    firstName: label(100).required(),
    lastName: label(100).required(),
    email: email().required(),
    status: string().oneOf(['active', 'suspended', 'archived'] as const).default('active'),
    picture: httpUrl().nullable().default(null),
    metadata: json(8192).nullable().default(null),
    siteId: id().nullable().default(null),
    departmentId: id().nullable().default(null),
    locale: string().oneOf(['en', 'fr'] as const).nullable().default(null),
    emailVerified: boolean().default(false),
  }),
  readOnly: ['emailVerified'],
  unique: ['email'],
  relations: {
    site: one('site', { via: 'siteId', scope: true }),
    department: one('department', { via: 'departmentId', scope: true, permission: 'manage-department-users' }),
    roles: many('role', { through: { table: 'user_roles', onTargetDelete: 'restrict' }, item: 'role', field: true, cap: 100 }),
    permissions: many('permission', {
      through: {
        table: 'user_permissions',
        onTargetDelete: 'restrict',
        columns: object({ scopeId: scopeId().nullable().default(null), deny: boolean().default(false) }),
      },
      item: 'permission',
    }),
  },
  examples: { firstName: (n) => `Ada ${n}`, lastName: (n) => `Lovelace ${n}`, email: (n) => `ada${n}@example.com` },
  list: {
    search: ['firstName', 'lastName', 'email'],
    filter: ['firstName', 'lastName', 'email', 'status', 'siteId', 'departmentId', 'locale', 'emailVerified', 'createdAt', 'updatedAt'],
    sort: ['firstName', 'lastName', 'email', 'status', 'createdAt', 'updatedAt'],
  },
  permissions({ allow }, actor) {
    allow('get', { id: actor.id })
    allow('update', { id: actor.id }, profile)
  },
  guard: guardUser,
  reasons,
  hooks: { update: { after: unproveEmail } },
})
