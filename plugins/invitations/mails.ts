// The mail with the link, in English and French.
import { template } from '../mail/index.ts'

export const invitationMail = template<{ readonly link: string; readonly days: number }>('invitations.invitation', {
  en: {
    subject: () => 'You are invited',
    text: ({ link, days }) => `You are invited to open an account.\n\nChoose your password here within ${days} days:\n\n${link}\n\nIf you did not expect this, ignore this mail: nothing happens unless you accept.`,
  },
  fr: {
    subject: () => 'Une invitation vous attend',
    text: ({ link, days }) => `On vous invite à ouvrir un compte.\n\nChoisissez ici votre mot de passe dans les ${days} jours :\n\n${link}\n\nSi vous ne vous y attendiez pas, ignorez ce message : rien ne se passe sans votre accord.`,
  },
})
