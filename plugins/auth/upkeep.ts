// What is done by the clock: mails that warn before a password expires, and removing what is no longer needed.
import type { Knex } from 'knex'
import { AppError, type Call, type Log, type Settings } from '../../core/define/index.ts'
import type { Directory } from '../../resources/directory.ts'
import type { Mails } from './mails.ts'
import { settings as own } from './settings.ts'

interface WarningParts {
  readonly settings: Settings
  readonly directory: Directory
  readonly mails: Mails
  readonly log: Log
}

/** Mails written in one transaction. */
const batch = 100

/** Those who are due are marked as warned in the same statement, so that no two nodes and no two runs warn twice. */
const markDue = `
  update credentials c set expiry_warned_at = now() from (?) a
  where a.id = c.user_id and c.user_id in (
    select c2.user_id from credentials c2 join (?) a2 on a2.id = c2.user_id
    where a2.status = 'active' and c2.expiry_warned_at is null
      and c2.password_changed_at <= now() - make_interval(days => ?) and c2.password_changed_at > now() - make_interval(days => ?)
    order by c2.user_id limit ${batch} for update of c2 skip locked)
  returning a.id, a.email, a.locale,
    ceil(extract(epoch from c.password_changed_at + make_interval(days => ?) - now()) / 86400)::int as days`

/** Queues the warnings that are due, one for each password, to active users; true when there may be more. */
export const warnOfExpiry = async (call: Call, { settings, directory, mails, log }: WarningParts): Promise<boolean> => {
  if (!settings.get(own.expire)) return false
  const after = settings.get(own.expireAfter)
  const accounts = directory.accounts(call.db)
  const result: { rows: { id: string; email: string; locale: string | null; days: number }[] } =
    await call.db.raw(markDue, [accounts, accounts, Math.max(0, after - settings.get(own.warningDays)), after, after])
  for (const { days, ...account } of result.rows) {
    try {
      await mails.expiry(call, account, days)
    } catch (error) {
      // An address to which no mail can be written: the others must have theirs.
      if (!(error instanceof AppError) || error.code !== 'invalid_payload') throw error
      log.warn({ userId: account.id }, 'an account has an address to which no warning can be sent')
    }
  }
  return result.rows.length === batch
}

/** Days that an ended session or API token stays, for anyone who looks into what happened. */
const keepEnded = 90

export const removeExpired = async (db: Knex): Promise<void> => {
  await db('sessions').whereRaw(`least(expires_at, coalesce(ended_at, expires_at)) < now() - interval '${keepEnded} days'`).delete()
  await db('attempts').whereRaw("since < now() - interval '1 day' and (locked_until is null or locked_until < now())").delete()
  await db('password_resets').whereRaw("expires_at < now() - interval '1 day'").delete()
  await db('email_changes').whereRaw("expires_at < now() - interval '1 day'").delete()
  await db('api_tokens').whereRaw(`coalesce(revoked_at, expires_at) < now() - interval '${keepEnded} days'`).delete()
}
