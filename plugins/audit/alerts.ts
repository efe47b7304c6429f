// Alerts: when log-ins fail or accounts are locked too often within a while, one entry and one mail to whoever holds `root`; likewise when audit entries are not sealed.
import { setTimeout as sleep } from 'node:timers/promises'
import { number } from 'yup'
import { AppError, definePlugin, setting, type Call, type Log } from '../../core/define/index.ts'
import { jobs } from '../jobs/index.ts'
import { mail, type Mailer } from '../mail/index.ts'
import { alertTemplate, type Cause } from './alert-mail.ts'
import { audit, type Audit } from './index.ts'
import { rootHolders } from './root-holders.ts'

const threshold = (initial: number) => number().integer().min(1).max(10_000).default(initial)

export const failedLoginThreshold = setting('failed_login_alert_threshold', threshold(10), 'Failed log-ins within failed_login_time_window that raise an alert.')
export const lockoutThreshold = setting('lockout_alert_threshold', threshold(5), 'Locked accounts within failed_login_time_window that raise an alert.')
export const timeWindow = setting('failed_login_time_window', number().integer().min(1).max(1440).default(15), 'Minutes within which failed log-ins and lockouts are counted for alerts.')

/** Seconds between looks at the log. */
const interval = 10

type Counted = Exclude<Cause, 'sealing'>

/** The entries that count for a cause. */
const counted: Readonly<Record<Counted, string>> = {
  'failed-logins': "action in ('auth-login', 'auth-mfa-verify') and level = 'warning'",
  lockouts: "action in ('auth-login', 'auth-mfa-verify') and level = 'warning' and details ->> 'reason' = 'locked'",
}

const isRaised = async ({ db }: Pick<Call, 'db'>, cause: Cause, minutes: number): Promise<boolean> => {
  const found: { rows: unknown[] } = await db.raw(
    "select 1 from audit_entries where action = 'security.alert' and target_id = ? and at > now() - make_interval(mins => ?) limit 1", [cause, minutes])
  return found.rows.length > 0
}

const countOf = async ({ db }: Pick<Call, 'db'>, cause: Counted, { minutes, most }: { readonly minutes: number; readonly most: number }): Promise<number> => {
  const found: { rows: { count: number }[] } = await db.raw(
    `select count(*) as count from (select 1 from audit_entries where ${counted[cause]} and at > now() - make_interval(mins => ?) limit ?) counted`, [minutes, most])
  return found.rows[0]?.count ?? 0
}

interface Parts {
  readonly audit: Audit
  readonly mail: Mailer
  readonly template: ReturnType<typeof alertTemplate>
  readonly log: Log
}

interface Alarm {
  readonly cause: Cause
  readonly count: number
  readonly minutes: number
}

const raise = async (call: Call, { cause, count, minutes }: Alarm, parts: Parts): Promise<void> => {
  await parts.audit.append(call, {
    actorId: null, actorType: 'system', action: 'security.alert', level: 'critical', category: 'alerts', targetType: 'alert', targetId: cause,
    details: { cause, count, minutes }, ipAddress: null, userAgent: null, requestId: null,
  })
  for (const { email, locale } of await rootHolders(call.db)) {
    try {
      await parts.mail.queue(call, { to: email, locale, template: parts.template, values: { cause, count, minutes } })
    } catch (error) {
      // Such as admin@localhost: no mail can go there, and the others must have theirs.
      if (!(error instanceof AppError) || error.code !== 'invalid_payload') throw error
      parts.log.warn({ cause }, 'a holder of root has an address to which no alert can be sent')
    }
  }
}

/** Times that the lock is asked for, and the pause in milliseconds. */
const tries = 20
const pause = 50

/** Any user of the database can hold the lock: rather than be silenced by it, an alert may be raised twice. */
const enter = async ({ db }: Pick<Call, 'db'>, log: Log): Promise<void> => {
  for (let left = tries; left > 0; left -= 1) {
    const lock: { rows: { taken: boolean }[] } = await db.raw("select pg_try_advisory_xact_lock(hashtext('sovrane:alerts')) as taken")
    if (lock.rows[0]?.taken === true) return
    await sleep(pause)
  }
  log.warn({}, 'another session holds the lock of alerts; they are looked for without it')
}

/** One node at a time looks: an alert is raised once a window and cause. */
const look = async (call: Call, thresholds: Readonly<Record<Counted, number>>, minutes: number, parts: Parts): Promise<void> => {
  await enter(call, parts.log)
  const late = parts.audit.behind()
  if (late && !(await isRaised(call, 'sealing', minutes))) await raise(call, { cause: 'sealing', count: late.count, minutes }, parts)
  for (const cause of ['failed-logins', 'lockouts'] as const) {
    if (await isRaised(call, cause, minutes)) continue
    const most = thresholds[cause]
    const count = await countOf(call, cause, { minutes, most })
    if (count >= most) await raise(call, { cause, count, minutes }, parts)
  }
}

export interface Alerts {
  /** Looks now instead of within ten seconds. */
  look(call: Call): Promise<void>
}

export const alerts = definePlugin({
  name: 'alerts',
  requires: { audit, jobs, mail },
  setup({ use, settings, log }) {
    const parts: Parts = { audit: use.audit, mail: use.mail, log, template: alertTemplate(use.mail) }
    const services: Alerts = {
      look: (call) => look(call, { 'failed-logins': settings.get(failedLoginThreshold), lockouts: settings.get(lockoutThreshold) }, settings.get(timeWindow), parts),
    }
    use.jobs.every('alerts.look', interval, ({ run }) => run((call) => services.look(call)))
    return { services, settings: [failedLoginThreshold, lockoutThreshold, timeWindow] }
  },
})
