// An invitation: an address that may open an account, what that account will have, and how the invitation ends. Its tokens end with it.
import type { Knex } from 'knex'
import { date, object, string } from 'yup'
import { defineReasons, defineResource, email, id, label, one, type Call, type TargetedHook } from '#sovrane'

export const keys = { create: 'create-invitation', list: 'read-invitations', delete: 'delete-invitation' } as const

export const reasons = defineReasons({
  'invitations.not_pending': ['conflict', 'This invitation is no longer pending'],
  'invitations.void': ['conflict', 'Its author may no longer invite, or does not hold what it gives'],
})

/** Days. Source: docs/protocol.md §7. */
export const lifetime = 7

/** The time at which an invitation of now is over, by the database's clock. */
export const whenOver = (db: Knex): Knex.Raw => db.raw(`now() + interval '${lifetime} days'`)

/** The columns of an invitation that has ended. */
export const ended = (status: 'accepted' | 'revoked' | 'expired') => ({ status, token_hash: null, mail_token_hash: null })

/** Turns invitations whose time is over to `expired`, by the database's clock; only those that have these values. */
export const expireOverdue = (db: Knex, having: Readonly<Record<string, string>> = {}): Promise<number> =>
  db('invitations').where({ ...having, status: 'pending' }).whereRaw('expires_at <= now()').update(ended('expired'))

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
  otherColumns: ['token_hash', 'mail_token_hash'],
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

/** Resources, with the columns that name their rows. */
const columns = { role: 'role', site: 'site_id', department: 'department_id' } as const

/**
 * What a pending invitation names is not deleted; an ended one stands in no one's way. Core counts what still refers to the row, after
 * this, and refuses with the count: those that are pending.
 */
const letGo = (column: string) => async ({ db, before }: Call): Promise<void> => {
  if (!before) return
  const expired = Object.entries(ended('expired')).map(([name, value]) =>
    [name, db.raw("case when status = 'pending' then ?::text else ?? end", [value, name])])
  await db('invitations').where({ [column]: before.id }).whereRaw("(status <> 'pending' or expires_at <= now())")
    .update({ ...Object.fromEntries(expired), [column]: null })
}

/** The invitations of a deleted user are void anyway; revoked they no longer block their addresses. */
const revokeOfDeleted = async ({ db, before }: Call): Promise<void> => {
  if (before) await db('invitations').where({ created_by: before.id, status: 'pending' }).update(ended('revoked'))
}

export const hooks: TargetedHook[] = [
  ...Object.entries(columns).map(([resource, column]) => ({ on: `${resource}-delete`, before: letGo(column) })),
  { on: 'user-delete', after: revokeOfDeleted },
]
