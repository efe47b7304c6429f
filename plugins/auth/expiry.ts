// Warnings before a password expires: one mail a user and password, to active users, while expiry is turned on.
import { AppError, type Call, type Log, type Settings } from '../../core/define/index.ts'
import type { Mailer, Template } from '../mail/index.ts'
import { settings as own } from './settings.ts'

export type ExpiryValues = { readonly days: number; readonly link: string }

interface ExpiryParts {
  readonly settings: Settings
  readonly mail: Mailer
  readonly template: Template<ExpiryValues>
  readonly log: Log
}

/** Mails written in one transaction. */
const batch = 100

interface Due {
  readonly id: string
  readonly email: string
  readonly locale: string | null
  readonly days: number
}

/** Who is due is marked as warned in the same statement, so that no two nodes and no two runs warn twice. */
const due = `
  update credentials c set expiry_warned_at = now() from users u
  where u.id = c.user_id and c.user_id in (
    select c2.user_id from credentials c2 join users u2 on u2.id = c2.user_id
    where u2.status = 'active' and c2.expiry_warned_at is null
      and c2.password_changed_at <= now() - make_interval(days => ?) and c2.password_changed_at > now() - make_interval(days => ?)
    order by c2.user_id limit ${batch} for update of c2 skip locked)
  returning u.id, u.email, u.locale, ceil(extract(epoch from c.password_changed_at + make_interval(days => ?) - now()) / 86400)::int as days`

/** Queues the warnings that are due; true when there may be more. */
export const warnOfExpiry = async (call: Call, { settings, mail, template, log }: ExpiryParts): Promise<boolean> => {
  if (!settings.get(own.expire)) return false
  const after = settings.get(own.expireAfter)
  const result: { rows: Due[] } = await call.db.raw(due, [Math.max(0, after - settings.get(own.warningDays)), after, after])
  for (const { id, email, locale, days } of result.rows) {
    try {
      await mail.queue(call, { to: email, locale, template, values: { days, link: mail.link('/change-password') } })
    } catch (error) {
      // An address to which no mail can be written: the others must have theirs.
      if (!(error instanceof AppError) || error.code !== 'invalid_payload') throw error
      log.warn({ userId: id }, 'an account has an address to which no warning can be sent')
    }
  }
  return result.rows.length === batch
}
