// How long an invitation lives, and how it ends. Its tokens end with it.
import type { Knex } from 'knex'

/** Days. Source: docs/protocol.md §7. */
export const lifetime = 7

/** The time at which an invitation of now is over, by the database's clock. */
export const whenOver = (db: Knex): Knex.Raw => db.raw(`now() + interval '${lifetime} days'`)

/** The columns of an invitation that has ended. */
export const ended = (status: 'accepted' | 'revoked' | 'expired') => ({ status, token_hash: null, mail_token_hash: null })

/** Turns invitations whose time is over to `expired`, by the database's clock; only those that have these values. */
export const expireOverdue = (db: Knex, having: Readonly<Record<string, string>> = {}): Promise<number> =>
  db('invitations').where({ ...having, status: 'pending' }).whereRaw('expires_at <= now()').update(ended('expired'))

/** Revokes what somebody has sent and nobody has answered. */
export const revokeAllOf = (db: Knex, authorId: string): Promise<number> =>
  db('invitations').where({ created_by: authorId, status: 'pending' }).update(ended('revoked'))
