// The mail of an alert, in English and French.
import type { Mailer } from '../mail/index.ts'

export type Cause = 'failed-logins' | 'lockouts'

interface AlertValues extends Readonly<Record<string, string | number>> {
  readonly cause: Cause
  readonly count: number
  readonly minutes: number
}

export const alertTemplate = (mail: Mailer) => mail.template<AlertValues>('alerts.raised', {
  en: {
    subject: ({ cause }) => (cause === 'lockouts' ? 'Security alert: accounts are being locked' : 'Security alert: many failed log-ins'),
    text: ({ cause, count, minutes }) =>
      `Within the last ${minutes} minutes ${cause === 'lockouts' ? `accounts were locked ${count} times` : `${count} log-ins failed`}, or more.\n\nSomebody may be guessing passwords. The audit log tells from where: look for the action auth-login and the level warning.\n\nYou get one such mail in ${minutes} minutes at most.`,
  },
  fr: {
    subject: ({ cause }) => (cause === 'lockouts' ? 'Alerte de sécurité : des comptes sont verrouillés' : 'Alerte de sécurité : de nombreuses connexions échouées'),
    text: ({ cause, count, minutes }) =>
      `Au cours des ${minutes} dernières minutes, ${cause === 'lockouts' ? `des comptes ont été verrouillés ${count} fois` : `${count} connexions ont échoué`}, ou davantage.\n\nQuelqu'un essaie peut-être de deviner des mots de passe. Le journal d'audit dit d'où : cherchez l'action auth-login et le niveau warning.\n\nVous recevez au plus un tel message toutes les ${minutes} minutes.`,
  },
})
