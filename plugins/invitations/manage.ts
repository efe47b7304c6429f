// invitation-resend and invitation-revoke: on an invitation that the actor's key reaches.
import { number, object } from 'yup'
import { conflict, id, notFound, operation, type Call, type Row } from '../../core/define/index.ts'
import { ended, expireOverdue, whenOver } from './ending.ts'
import { keys } from './invitation.ts'
import { findStanding, type Standing } from './standing.ts'
import { newToken } from './tokens.ts'

export interface ResendParts {
  readonly mail: (call: Pick<Call, 'db' | 'afterCommit'>, invitation: Standing, token: string) => Promise<void>
}

const input = object({ id: id().required(), ifVersion: number().integer().min(0).optional() })

/**
 * The invitation, locked, as the client has seen it, and still pending.
 * @throws AppError conflict when it has changed since or has ended
 */
const requirePending = async ({ db, before, input: { ifVersion } }: Pick<Call, 'db' | 'before' | 'input'>): Promise<Row> => {
  if (!before) throw notFound()
  if (ifVersion !== undefined && ifVersion !== before.version) throw conflict({ version: before.version }, 'The row has changed meanwhile')
  const overdue = await expireOverdue(db, { id: before.id })
  const status = overdue > 0 ? 'expired' : before['status']
  if (status !== 'pending') throw conflict({ reason: 'invitations.not_pending', status }, 'This invitation is not pending any more')
  return before
}

/** A new token by mail; those before it are dead, the one of the first reply too. */
export const resend = ({ mail }: ResendParts) => operation({
  event: 'invitation-resend',
  kind: 'mutation',
  access: 'session',
  row: { resource: 'invitation', key: keys.create },
  input,
  async handle(call) {
    const { id: invitationId, expiresAt: before } = await requirePending(call)
    const { token, hash } = newToken()
    await call.db('invitations').where({ id: invitationId })
      .update({ token_hash: null, mail_token_hash: hash, expires_at: whenOver(call.db) })
    // Nobody gets a link that would not be taken.
    const invitation = await findStanding(call, token)
    if (!invitation) throw conflict({ reason: 'invitations.void' }, 'Its author may not invite any more, or does not hold what it gives')
    await mail(call, invitation, token)
    const expiresAt = invitation.expires_at.toISOString()
    call.notes.set('audit', { targetType: 'invitation', targetId: invitationId, before: { expiresAt: before }, after: { expiresAt } })
    return { id: invitationId, expiresAt }
  },
})

export const revoke = operation({
  event: 'invitation-revoke',
  kind: 'mutation',
  access: 'session',
  row: { resource: 'invitation', key: keys.delete },
  input,
  async handle(call) {
    const { id: invitationId } = await requirePending(call)
    await call.db('invitations').where({ id: invitationId }).update(ended('revoked'))
    call.notes.set('audit', { targetType: 'invitation', targetId: invitationId, before: { status: 'pending' }, after: { status: 'revoked' } })
    return { id: invitationId }
  },
})
