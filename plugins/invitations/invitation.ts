// An invitation: an address that may open an account, and what that account will have.
import { date, object, string } from 'yup'
import { defineResource, email, id, label, one } from '../../core/define/index.ts'
import { expireOverdue } from './ending.ts'

export const keys = { create: 'create-invitation', list: 'read-invitations', delete: 'delete-invitation' } as const

export const invitation = defineResource({
  name: 'invitation',
  schema: object({
    email: email().required(),
    firstName: label(100).nullable().default(null),
    lastName: label(100).nullable().default(null),
    role: id().nullable().default(null),
    siteId: id().nullable().default(null),
    departmentId: id().nullable().default(null),
    status: string().oneOf(['pending', 'accepted', 'revoked', 'expired'] as const).default('pending'),
    expiresAt: date().required(),
  }),
  readOnly: ['status', 'expiresAt'],
  // Making, sending again and ending are operations of the plugin.
  events: ['list'],
  keys: { ...keys, get: keys.list, update: keys.create },
  relations: {
    role: one('role', { via: 'role' }),
    site: one('site', { via: 'siteId', scope: true }),
    department: one('department', { via: 'departmentId', scope: true }),
  },
  list: {
    search: ['email', 'firstName', 'lastName'],
    filter: ['email', 'firstName', 'lastName', 'role', 'siteId', 'departmentId', 'status', 'expiresAt', 'createdBy', 'createdAt', 'updatedAt'],
    sort: ['email', 'firstName', 'lastName', 'status', 'expiresAt', 'createdAt', 'updatedAt'],
  },
  // The status in a list is what it is now, not what it was at the last run of the daily job.
  hooks: { 'list-request': { before: async ({ db }): Promise<void> => void (await expireOverdue(db)) } },
})
