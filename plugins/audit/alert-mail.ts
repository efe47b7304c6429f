// The mail of an alert, in English and French.
import type { Mailer } from '../mail/index.ts'

export type Cause = 'failed-logins' | 'lockouts' | 'sealing'

interface AlertValues extends Readonly<Record<string, string | number>> {
  readonly cause: Cause
  readonly count: number
  readonly minutes: number
}

export const alertTemplate = (mail: Mailer) => mail.template<AlertValues>('alerts.raised', {
  en: {
    subject: ({ cause }) => ({
      'failed-logins': 'Security alert: many failed log-ins', lockouts: 'Security alert: accounts are being locked', sealing: 'Security alert: the audit log is not sealed',
    })[cause],
    text: ({ cause, count, minutes }) => cause === 'sealing'
      ? `${count} entries of the audit log, or more, have waited for their seal for more than 30 seconds. Until they have it they could be removed unseen.\n\nSomebody may be holding the lock of sealing in the database, or sealing fails: the log of the servers tells which.\n\nYou get one such mail in ${minutes} minutes at most.`
      : `Within the last ${minutes} minutes ${cause === 'lockouts' ? `accounts were locked ${count} times` : `${count} log-ins failed`}, or more.\n\nSomebody may be guessing passwords. The audit log tells from where: look for the action auth-login and the level warning.\n\nYou get one such mail in ${minutes} minutes at most.`,
  },
  fr: {
    subject: ({ cause }) => ({
      'failed-logins': 'Alerte de sécurité : de nombreuses connexions échouées', lockouts: 'Alerte de sécurité : des comptes sont verrouillés', sealing: "Alerte de sécurité : le journal d'audit n'est pas scellé",
    })[cause],
    text: ({ cause, count, minutes }) => cause === 'sealing'
      ? `${count} entrées du journal d'audit, ou davantage, attendent leur sceau depuis plus de 30 secondes. D'ici là, elles pourraient être retirées sans trace.\n\nQuelqu'un retient peut-être le verrou du scellement dans la base de données, ou le scellement échoue : le journal des serveurs le dit.\n\nVous recevez au plus un tel message toutes les ${minutes} minutes.`
      : `Au cours des ${minutes} dernières minutes, ${cause === 'lockouts' ? `des comptes ont été verrouillés ${count} fois` : `${count} connexions ont échoué`}, ou davantage.\n\nQuelqu'un essaie peut-être de deviner des mots de passe. Le journal d'audit dit d'où : cherchez l'action auth-login et le niveau warning.\n\nVous recevez au plus un tel message toutes les ${minutes} minutes.`,
  },
})
