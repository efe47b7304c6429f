// invitation-create: one pending invitation an address, its mail in the same transaction.
import { v7 as uuid } from 'uuid'
import { object, string } from 'yup'
import {
  AppError, conflict, dateTime, email, forbidden, id, invalidPayload, label, operation, randomToken, statement, tokenHash, type Call,
  type Payload,
} from '#sovrane'
import type { Directory } from '../../resources/directory.ts'
import { expireOverdue, keys, whenOver } from './invitation.ts'

const input = object({
  email: email().required(),
  firstName: label(100).nullable().optional(),
  lastName: label(100).nullable().optional(),
  role: id().nullable().optional(),
  siteId: id().nullable().optional(),
  departmentId: id().nullable().optional(),
})

/** The key to change who belongs to a department. */
const joinKey = 'manage-department-users'

/** Fields that name other rows, with the resources of those. */
const references = [['role', 'role'], ['siteId', 'site'], ['departmentId', 'department']] as const

/** Held, so that none is deleted meanwhile. @throws AppError invalid_payload naming each field that refers to nothing the actor may read */
const requireReferences = async ({ db, rights }: Pick<Call, 'db' | 'rights'>, directory: Directory, given: Payload): Promise<void> => {
  const faults = []
  for (const [path, resource] of references) {
    const wanted = given[path]
    if (typeof wanted !== 'string') continue
    if (!(await directory.keep(db, resource, wanted)) || !(await rights.reads(resource, wanted)))
      faults.push({ path, message: 'there is no such row' })
  }
  if (faults.length > 0) throw invalidPayload(faults)
}

/** No one gives what they do not hold. @throws AppError forbidden naming the first key of the role that the actor does not hold */
const requireRole = async ({ db, rights }: Pick<Call, 'db' | 'rights'>, directory: Directory, roleId: string): Promise<void> => {
  const lacking = await directory.firstLacking(rights, await directory.grantsOfRoles(db, [roleId]))
  if (lacking !== undefined) throw forbidden(lacking)
}

/**
 * Those who accept become users of the department: its own key on it, or the right to invite there, is needed besides.
 * @throws AppError forbidden naming the key
 */
const requireDepartment = async ({ rights }: Pick<Call, 'rights'>, departmentId: string): Promise<void> => {
  const held = await Promise.all([joinKey, keys.create].map((key) => rights.covers({ key, scopeId: departmentId, deny: false })))
  if (!held.includes(true)) throw forbidden(joinKey)
}

/**
 * The first mail is sent like every further one, and in the actor's name: that asks for their right on the invitation as it is.
 * @throws AppError forbidden when it lies outside of their scopes
 */
const send = async (call: Pick<Call, 'call'>, invitationId: string): Promise<Payload> => {
  try {
    return await call.call('invitation-resend', { id: invitationId }, { as: 'actor' })
  } catch (error) {
    // It is their own: that it is there is no secret.
    throw error instanceof AppError && error.code === 'not_found' ? forbidden(keys.create) : error
  }
}

export const create = (directory: Directory) => operation({
  event: 'invitation-create',
  about: 'Invites a person by mail',
  errors: ['conflict'],
  changes: ['invitation'],
  kind: 'mutation',
  access: { key: keys.create, anywhere: true },
  secret: true,
  input,
  output: object({
    id: id().required(), token: string().required(), email: email().required(), status: string().oneOf(['pending'] as const).required(),
    expiresAt: dateTime().required(),
  }),
  async handle(call) {
    if (!call.actor) throw new AppError('unauthenticated', { message: 'An invitation needs an author' })
    const { firstName = null, lastName = null, role = null, siteId = null, departmentId = null } = call.input
    const address = call.input.email
    await requireReferences(call, directory, call.input)
    if (role !== null) await requireRole(call, directory, role)
    if (departmentId !== null) await requireDepartment(call, departmentId)
    if (await directory.byEmail(call.db, address)) throw conflict({ fields: ['email'] })
    // That another pending one has the address the unique index tells.
    await expireOverdue(call.db, { email: address })
    const invitationId = uuid()
    await call.db('invitations').insert({
      id: invitationId, email: address, first_name: firstName, last_name: lastName, role, site_id: siteId, department_id: departmentId,
      expires_at: whenOver(call.db),
    })
    const expiresAt = String((await send(call, invitationId))['expiresAt'])
    const token = randomToken()
    await call.db('invitations').where({ id: invitationId }).update({ token_hash: tokenHash(token) })
    const after = { email: address, firstName, lastName, role, siteId, departmentId, status: 'pending', expiresAt }
    call.notes.set(statement, { targetType: 'invitation', targetId: invitationId, before: {}, after })
    return { id: invitationId, token, email: address, status: 'pending' as const, expiresAt }
  },
})
