// The mails of the plugin, in English and French.
import { template } from '../mail/index.ts'
import type { ExpiryValues } from './expiry.ts'

export const templates = {
  reset: template<{ readonly link: string; readonly minutes: number }>('auth.reset', {
    en: {
      subject: () => 'Set a new password',
      text: ({ link, minutes }) => `Somebody, probably you, asked for a new password for your account.\n\nSet it here within ${minutes} minutes:\n\n${link}\n\nIf it was not you, ignore this mail: nothing has changed.`,
    },
    fr: {
      subject: () => 'Choisissez un nouveau mot de passe',
      text: ({ link, minutes }) => `Quelqu'un, sans doute vous, a demandé un nouveau mot de passe pour votre compte.\n\nChoisissez-le ici dans les ${minutes} minutes :\n\n${link}\n\nSi ce n'était pas vous, ignorez ce message : rien n'a changé.`,
    },
  }),
  locked: template<{ readonly link: string }>('auth.locked', {
    en: {
      subject: () => 'Your account is locked for a while',
      text: ({ link }) => `There were too many failed log-ins to your account, so it is locked for a while. It opens again by itself.\n\nIf this was not you, or you have forgotten your password, set a new one, which also ends the lock:\n\n${link}`,
    },
    fr: {
      subject: () => 'Votre compte est verrouillé pour un moment',
      text: ({ link }) => `Il y a eu trop de connexions échouées à votre compte ; il est donc verrouillé pour un moment. Il se rouvrira de lui-même.\n\nSi ce n'était pas vous, ou si vous avez oublié votre mot de passe, choisissez-en un nouveau, ce qui lève aussi le verrou :\n\n${link}`,
    },
  }),
  expiry: template<ExpiryValues>('auth.password-expiry', {
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
