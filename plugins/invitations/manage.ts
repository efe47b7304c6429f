// invitation-resend and invitation-revoke: on an invitation that the actor's key reaches.
import type { Knex } from 'knex'
import { number, object } from 'yup'
import { conflict, id, notFound, operation, type Call, type Payload, type Row } from '../../core/define/index.ts'
import { ended } from './ending.ts'
import { keys } from './invitation.ts'
import { findStanding, type Standing } from './standing.ts'
import { newToken } from './tokens.ts'

/** Days that an invitation lives. Source: wire contract §7. */
export const lifetime = 7

const input = object({ id: id().required(), ifVersion: number().integer().min(0).optional() })

/** The row as the client has seen it. @throws AppError conflict when it has changed since */
const seen = ({ before, input: { ifVersion } }: Pick<Call, 'before' | 'input'>): Row => {
  if (!before) throw notFound()
  if (ifVersion !== undefined && ifVersion !== before.version) throw conflict({ version: before.version }, 'The row has changed meanwhile')
  return before
}

const notPending = ({ status }: Row) =>
  conflict({ reason: 'invitations.not_pending', status: status === 'pending' ? 'expired' : status }, 'Only a pending invitation can be sent again or revoked')

const changePending = async (db: Knex, row: Row, values: Readonly<Record<string, unknown>>, options: { readonly inTime: boolean }): Promise<void> => {
  const pending = db('invitations').where({ id: row.id, status: 'pending' })
  const changed = await (options.inTime ? pending.whereRaw('expires_at > ?', [db.fn.now()]) : pending).update(values)
  if (changed === 0) throw notPending(row)
}

export type SendMail = (call: Pick<Call, 'db' | 'afterCommit'>, invitation: Standing, token: string) => Promise<void>
