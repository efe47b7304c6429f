// The mails of the plugin, in English and French, and how each is queued.
import type { Call } from '#sovrane'
import { template, type Mailer } from '../mail/index.ts'

export const templates = {
  reset: template<{ readonly link: string; readonly minutes: number }>('auth.reset', {
    en: {
      subject: () => 'Set a new password',
      text: ({ link, minutes }) => `Someone, probably you, asked for a new password for your account.\n\nSet it here within ${minutes} minutes:\n\n${link}\n\nIf it was not you, ignore this mail: nothing has changed.`,
    },
    fr: {
      subject: () => 'Choisissez un nouveau mot de passe',
      text: ({ link, minutes }) => `Quelqu'un, sans doute vous, a demandé un nouveau mot de passe pour votre compte.\n\nChoisissez-le ici dans les ${minutes} minutes :\n\n${link}\n\nSi ce n'était pas vous, ignorez ce message : rien n'a changé.`,
    },
  }),
  locked: template<{ readonly link: string }>('auth.locked', {
    en: {
      subject: () => 'Your account is temporarily locked',
      text: ({ link }) => `There were too many failed log-ins to your account, so it is temporarily locked. It opens again by itself.\n\nIf this was not you, or you have forgotten your password, set a new one, which also ends the lock:\n\n${link}`,
    },
    fr: {
      subject: () => 'Votre compte est temporairement verrouillé',
      text: ({ link }) => `Il y a eu trop de connexions échouées à votre compte ; il est donc temporairement verrouillé. Il se rouvrira de lui-même.\n\nSi ce n'était pas vous, ou si vous avez oublié votre mot de passe, choisissez-en un nouveau, ce qui lève aussi le verrou :\n\n${link}`,
    },
  }),
  expiry: template<{ readonly days: number; readonly link: string }>('auth.password-expiry', {
    en: {
      subject: ({ days }) => `Your password expires in ${days} ${days === 1 ? 'day' : 'days'}`,
      text: ({ days, link }) => `Your password expires in ${days} ${days === 1 ? 'day' : 'days'}. Change it before then:\n\n${link}`,
    },
    fr: {
      subject: ({ days }) => `Votre mot de passe expire dans ${days} ${days === 1 ? 'jour' : 'jours'}`,
      text: ({ days, link }) => `Votre mot de passe expire dans ${days} ${days === 1 ? 'jour' : 'jours'}. Changez-le avant :\n\n${link}`,
    },
  }),
  confirm: template<{ readonly link: string; readonly hours: number }>('auth.confirm-email', {
    en: {
      subject: () => 'Confirm your new address',
      text: ({ link, hours }) => `Confirm within ${hours} hours that this is your new address:\n\n${link}\n\nIf you did not ask for this, ignore this mail.`,
    },
    fr: {
      subject: () => 'Confirmez votre nouvelle adresse',
      text: ({ link, hours }) => `Confirmez dans les ${hours} heures que ceci est votre nouvelle adresse :\n\n${link}\n\nSi vous n'avez rien demandé, ignorez ce message.`,
    },
  }),
}

type QueuingCall = Pick<Call, 'db' | 'afterCommit'>

interface Addressee {
  readonly email: string
  readonly locale: string | null
}

/** Each to be called in the transaction that gives the reason for it. */
export const createMails = (mail: Mailer) => ({
  reset: (call: QueuingCall, { email: to, locale }: Addressee, token: string) => mail.queue(call, {
    to, locale, template: templates.reset, usefulFor: 1800, values: { link: mail.link('/reset-password', { token }), minutes: 30 },
  }),
  locked: (call: QueuingCall, { email: to, locale }: Addressee) => mail.queue(call, {
    to, locale, template: templates.locked, values: { link: mail.link('/forgot-password') },
  }),
  expiry: (call: QueuingCall, { email: to, locale }: Addressee, days: number) => mail.queue(call, {
    to, locale, template: templates.expiry, values: { days, link: mail.link('/change-password') },
  }),
  confirm: (call: QueuingCall, { email: to, locale }: Addressee, token: string) => mail.queue(call, {
    to, locale, template: templates.confirm, values: { link: mail.link('/confirm-email', { token }), hours: 24 },
  }),
})

export type Mails = ReturnType<typeof createMails>
