// Invitations: people without an account open one themselves, with what their inviters may give.
import { definePlugin } from '#sovrane'
import { directory } from '../../resources/directory.ts'
import { auth } from '../auth/index.ts'
import { every, jobs } from '../jobs/index.ts'
import { mail, mailTemplate } from '../mail/index.ts'
import { accept, fetch } from './accept.ts'
import { create } from './create.ts'
import { expireOverdue, hooks, invitation, lifetime, reasons } from './invitation.ts'
import { invitationMail } from './mails.ts'
import { resend, revoke } from './manage.ts'

/** Seconds. */
const day = 86_400

export const invitations = definePlugin({
  name: 'invitations',
  requires: { directory, auth, jobs, mail },
  migrations: new URL('migrations/', import.meta.url),
  setup({ use }) {
    return {
      provides: [
        mailTemplate.of(invitationMail),
        every('invitations.expire', day, ({ run }) => run(async ({ db }) => void (await expireOverdue(db)))),
      ],
      resources: [invitation],
      operations: [
        create(use.directory),
        fetch(use.directory),
        accept(use),
        revoke,
        resend({
          directory: use.directory,
          mail: (call, { email, locale }, token) => use.mail.queue(call, {
            to: email, locale, template: invitationMail, usefulFor: lifetime * day,
            values: { link: use.mail.link('/accept-invitation', { token }), days: lifetime },
          }),
        }),
      ],
      hooks,
      reasons,
    }
  },
})
