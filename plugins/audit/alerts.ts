// Alerts: when log-ins fail or accounts are locked too often within a while, or audit entries are not sealed, there is one entry
// and one mail to those who hold `root`.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import { number } from 'yup'
import { AppError, definePlugin, setting, type Call, type Log } from '#sovrane'
import { directory, type Directory } from '../../resources/directory.ts'
import { every, jobs } from '../jobs/index.ts'
import { mail, mailTemplate, template, type Mailer } from '../mail/index.ts'
import { audit, type Audit } from './index.ts'

type Cause = 'failed-logins' | 'lockouts' | 'sealing'

interface AlertValues extends Readonly<Record<string, string | number>> {
  readonly cause: Cause
  readonly count: number
  readonly minutes: number
}

const paragraphs = (...texts: readonly string[]): string => texts.join('\n\n')

const alertTemplate = template<AlertValues>('alerts.raised', {
  en: {
    subject: ({ cause }) => ({
      'failed-logins': 'Security alert: many failed log-ins',
      lockouts: 'Security alert: accounts are being locked',
      sealing: 'Security alert: the audit log is not sealed',
    })[cause],
    text: ({ cause, count, minutes }) => paragraphs(
      ...cause === 'sealing' ? [
        `${count} entries of the audit log, or more, have waited for their seal for more than 30 seconds. Until they have it they could be removed unseen.`,
        'Someone may be holding the lock of sealing in the database, or sealing fails: the log of the servers tells which.',
      ] : [
        `Within the last ${minutes} minutes `
        + `${cause === 'lockouts' ? `accounts were locked ${count} times` : `${count} log-ins failed`}, or more.`,
        'Someone may be guessing passwords. The audit log tells from where: look for the action auth-login and the level warning.',
      ],
      `You get one such mail in ${minutes} minutes at most.`),
  },
  fr: {
    subject: ({ cause }) => ({
      'failed-logins': 'Alerte de sécurité : de nombreuses connexions échouées',
      lockouts: 'Alerte de sécurité : des comptes sont verrouillés',
      sealing: "Alerte de sécurité : le journal d'audit n'est pas scellé",
    })[cause],
    text: ({ cause, count, minutes }) => paragraphs(
      ...cause === 'sealing' ? [
        `${count} entrées du journal d'audit, ou davantage, attendent leur sceau depuis plus de 30 secondes. D'ici là, elles pourraient être retirées sans trace.`,
        "Quelqu'un retient peut-être le verrou du scellement dans la base de données, ou le scellement échoue : le journal des serveurs le dit.",
      ] : [
        `Au cours des ${minutes} dernières minutes, ${
          cause === 'lockouts' ? `des comptes ont été verrouillés ${count} fois` : `${count} connexions ont échoué`}, ou davantage.`,
        "Quelqu'un essaie peut-être de deviner des mots de passe. Le journal d'audit dit d'où : cherchez l'action auth-login et le niveau warning.",
      ],
      `Vous recevez au plus un tel message toutes les ${minutes} minutes.`),
  },
})

const threshold = (initial: number) => number().integer().min(1).max(10_000).default(initial)

const failedLoginThreshold = setting('failed_login_alert_threshold', threshold(10), 'Failed log-ins within failed_login_time_window that raise an alert.')
const lockoutThreshold = setting('lockout_alert_threshold', threshold(5), 'Locked accounts within failed_login_time_window that raise an alert.')
const timeWindow = setting('failed_login_time_window', number().integer().min(1).max(1440).default(15),
  'Minutes within which failed log-ins and lockouts are counted for alerts.')

type Counted = Exclude<Cause, 'sealing'>

const failedLogin = "action in ('auth-login', 'auth-mfa-verify') and level = 'warning'"
/** The entries that count for a cause. */
const counted: Readonly<Record<Counted, string>> = {
  'failed-logins': failedLogin, lockouts: `${failedLogin} and details ->> 'reason' = 'locked'`,
}

const isRaised = async (db: Knex, cause: Cause, minutes: number): Promise<boolean> => {
  const found: { rows: unknown[] } = await db.raw(
    "select 1 from audit_entries where action = 'security.alert' and target_id = ? and at > now() - make_interval(mins => ?) limit 1",
    [cause, minutes],
  )
  return found.rows.length > 0
}

/** Counts no further than the threshold. */
const countOf = async (db: Knex, cause: Counted, minutes: number, threshold: number): Promise<number> => {
  const found: { rows: { count: number }[] } = await db.raw(
    `select count(*) as count from (select 1 from audit_entries where ${counted[cause]} and at > now() - make_interval(mins => ?) limit ?) counted`,
    [minutes, threshold])
  return found.rows[0]?.count ?? 0
}

interface Parts {
  readonly directory: Directory
  readonly audit: Audit
  readonly mail: Mailer
  readonly log: Log
}

const raise = async (call: Call, values: AlertValues, parts: Parts): Promise<void> => {
  const { cause } = values
  await parts.audit.append(call, {
    actorId: null, actorType: 'system', action: 'security.alert', level: 'critical', category: 'alerts',
    targetType: 'alert', targetId: cause, details: values, ipAddress: null, userAgent: null, requestId: null,
  })
  for (const { email, locale } of await parts.directory.holdersOf(call.db, 'root')) {
    try {
      await parts.mail.queue(call, { to: email, locale, template: alertTemplate, values })
    } catch (error) {
      // Such as admin@localhost: no mail can go there, and the others must have theirs.
      if (!(error instanceof AppError) || error.code !== 'invalid_payload') throw error
      parts.log.warn({ cause }, 'a holder of root has an address to which no alert can be sent')
    }
  }
}

/** Asks 20 times, every 50 ms. Any user of the database can hold the lock: rather than be silenced by it, an alert may be raised twice. */
const takeLock = async (db: Knex, log: Log): Promise<void> => {
  for (let left = 20; left > 0; left -= 1) {
    const lock: { rows: { taken: boolean }[] } = await db.raw("select pg_try_advisory_xact_lock(hashtext('sovrane:alerts')) as taken")
    if (lock.rows[0]?.taken === true) return
    await sleep(50)
  }
  log.warn({}, 'another session holds the lock of alerts; they are looked for without it')
}

/** One node at a time looks: an alert is raised once a window and cause. */
const look = async (call: Call, thresholds: Readonly<Record<Counted, number>>, minutes: number, parts: Parts): Promise<void> => {
  await takeLock(call.db, parts.log)
  const late = parts.audit.behind()
  if (late && !(await isRaised(call.db, 'sealing', minutes))) await raise(call, { cause: 'sealing', count: late.count, minutes }, parts)
  for (const cause of ['failed-logins', 'lockouts'] as const) {
    if (await isRaised(call.db, cause, minutes)) continue
    const count = await countOf(call.db, cause, minutes, thresholds[cause])
    if (count >= thresholds[cause]) await raise(call, { cause, count, minutes }, parts)
  }
}

export interface Alerts {
  /** Looks now instead of within ten seconds. */
  look(call: Call): Promise<void>
}

export const alerts = definePlugin({
  name: 'alerts',
  requires: { audit, directory, jobs, mail },
  setup({ use, settings, log }) {
    const parts: Parts = { audit: use.audit, directory: use.directory, mail: use.mail, log }
    const services: Alerts = {
      look(call) {
        const thresholds = { 'failed-logins': settings.get(failedLoginThreshold), lockouts: settings.get(lockoutThreshold) }
        return look(call, thresholds, settings.get(timeWindow), parts)
      },
    }
    return {
      services,
      provides: [every('alerts.look', 10, ({ run }) => run((call) => services.look(call))), mailTemplate.of(alertTemplate)],
      settings: [failedLoginThreshold, lockoutThreshold, timeWindow],
    }
  },
})
