// What nobody needs any more: sessions long ended, attempts long past, tokens long expired.
import type { Knex } from 'knex'

/** Days that an ended session stays, for who looks into what happened. */
const keepSessions = 90

export const trimAuth = async (db: Knex): Promise<void> => {
  await db('sessions').whereRaw(`least(expires_at, coalesce(ended_at, expires_at)) < now() - interval '${keepSessions} days'`).delete()
  await db('attempts').whereRaw("since < now() - interval '1 day' and (locked_until is null or locked_until < now())").delete()
  await db('password_resets').whereRaw("expires_at < now() - interval '1 day'").delete()
  await db('email_changes').whereRaw("expires_at < now() - interval '1 day'").delete()
  await db('api_tokens').whereRaw(`coalesce(revoked_at, expires_at) < now() - interval '${keepSessions} days'`).delete()
}
