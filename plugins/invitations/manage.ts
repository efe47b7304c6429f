// invitation-resend and invitation-revoke: on an invitation that the actor's key reaches.
import { object } from 'yup'
import {
  dateTime, id, ifVersion, notFound, operation, randomToken, requireVersion, statement, tokenHash, type Call, type Row,
} from '#sovrane'
import type { Directory } from '../../resources/directory.ts'
import { findAcceptable, type Acceptable } from './acceptable.ts'
import { ended, expireOverdue, keys, reasons, whenOver } from './invitation.ts'

interface ResendParts {
  readonly directory: Directory
  readonly mail: (call: Pick<Call, 'db' | 'afterCommit'>, invitation: Acceptable, token: string) => Promise<void>
}

const input = object({ id: id().required(), ifVersion: ifVersion() })

/**
 * The invitation, locked, as the client has seen it, and still pending.
 * @throws AppError conflict when it has changed since or has ended
 */
const requirePending = async ({ db, before, input }: Pick<Call, 'db' | 'before' | 'input'>): Promise<Row> => {
  if (!before) throw notFound()
  requireVersion(before.version, input['ifVersion'])
  const overdue = await expireOverdue(db, { id: before.id })
  const status = overdue > 0 ? 'expired' : before['status']
  if (status !== 'pending') throw reasons['invitations.not_pending']({ status })
  return before
}

/** A new token by mail; those before it are dead, the one of the first reply too. */
export const resend = ({ directory, mail }: ResendParts) => operation({
  event: 'invitation-resend',
  about: 'Mails an invitation anew; the links before it are dead',
  errors: ['invitations.not_pending', 'invitations.void'],
  kind: 'mutation',
  access: 'session',
  row: { resource: 'invitation', key: keys.create },
  input,
  output: object({ id: id().required(), expiresAt: dateTime().required() }),
  async handle(call) {
    const { id: invitationId, expiresAt: before } = await requirePending(call)
    const token = randomToken()
    await call.db('invitations').where({ id: invitationId })
      .update({ token_hash: null, mail_token_hash: tokenHash(token), expires_at: whenOver(call.db) })
    // No one gets a link that would not be taken.
    const invitation = await findAcceptable(call, directory, token)
    if (!invitation) throw reasons['invitations.void']()
    await mail(call, invitation, token)
    const expiresAt = invitation.expiresAt.toISOString()
    call.notes.set(statement, { targetType: 'invitation', targetId: invitationId, before: { expiresAt: before }, after: { expiresAt } })
    return { id: invitationId, expiresAt }
  },
})

export const revoke = operation({
  event: 'invitation-revoke',
  about: 'Revokes an invitation',
  errors: ['invitations.not_pending'],
  kind: 'mutation',
  access: 'session',
  row: { resource: 'invitation', key: keys.delete },
  input,
  output: object({ id: id().required() }),
  async handle(call) {
    const { id: invitationId } = await requirePending(call)
    await call.db('invitations').where({ id: invitationId }).update(ended('revoked'))
    call.notes.set(statement, {
      targetType: 'invitation', targetId: invitationId, before: { status: 'pending' }, after: { status: 'revoked' },
    })
    return { id: invitationId }
  },
})
