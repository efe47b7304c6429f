// Mail: written as jobs in the operation's own transaction, sent after it. A dead mail server slows no reply and loses nothing.
import { join } from 'node:path'
import { createSeal, definePlugin } from '#sovrane'
import { jobs } from '../jobs/index.ts'
import { environment, readSender } from './environment.ts'
import { toFiles, toServer } from './delivery.ts'
import { createMailer } from './mailer.ts'
import { mailTemplate } from './template.ts'

export type { Mailer } from './mailer.ts'
export { mailTemplate, template } from './template.ts'
export type { Template } from './template.ts'

export const mail = definePlugin({
  name: 'mail',
  requires: { jobs },
  environment,
  setup: ({ environment: { SMTP_URL, MAIL_FROM }, use, secret, provided, publicUrl, dataDir }) => createMailer({
    jobs: use.jobs,
    templates: provided(mailTemplate),
    // Links in a queued mail open accounts, and a dump of the database alone must open none.
    seal: createSeal({ secrets: secret('MFA_ENCRYPTION_KEY'), purpose: 'sovrane queued mail v1' }),
    deliver: SMTP_URL === undefined ? toFiles(join(dataDir, 'mail')) : toServer(SMTP_URL),
    sender: readSender(MAIL_FROM),
    publicUrl,
  }),
})
