// What the mail suites share: nodes whose plugin queues mails.
import { boolean, object, string } from 'yup'
import { definePlugin, operation, type App } from '../../core/define/index.ts'
import { jobs as jobsPlugin, type Jobs } from '../../plugins/jobs/index.ts'
import { mail as mailPlugin, mailTemplate, template, type Mailer, type Template } from '../../plugins/mail/index.ts'
import type { Kind } from '../kit/databases.ts'
import { freshEnvironment } from '../kit/place.ts'
import { appWith, type Environment } from '../kit/server.ts'
import { startNode, type Node } from '../jobs/support.ts'

/** A type, not an interface: values are a record. */
export type Welcome = { readonly name: string; readonly link: string }

export interface MailNode extends Node {
  readonly mail: Mailer
  readonly welcome: Template<Welcome>
}

/** The public operation `post-welcome` queues a mail and answers at once. */
const postApp = (found: { jobs?: Jobs; mail?: Mailer; welcome?: Template<Welcome> }): App => appWith(jobsPlugin, mailPlugin, definePlugin({
  name: 'post',
  requires: { jobs: jobsPlugin, mail: mailPlugin },
  setup({ use }) {
    const welcome = template<Welcome>('post.welcome', {
      en: {
        subject: ({ name }) => `Welcome, ${name}`,
        text: ({ name, link }) => `Hello ${name},\n\nyour account is ready:\n${link}`,
      },
      fr: {
        subject: ({ name }) => `Bienvenue à vous, ${name}`,
        text: ({ name, link }) => `Bonjour ${name},\n\nvotre compte est prêt :\n${link}`,
        html: ({ name, link }) => `<p>Bonjour <b>${name}</b>,</p><p><a href="${link}">votre compte est prêt</a></p>`,
      },
    })
    Object.assign(found, { jobs: use.jobs, mail: use.mail, welcome })
    return {
      provides: [mailTemplate.of(welcome)],
      operations: [operation({
        event: 'post-welcome', kind: 'mutation', access: 'public', input: object({ to: string().required(), name: string().required() }),
        output: object({ queued: boolean().required() }),
        async handle(call) {
          const { to, name } = call.input
          await use.mail.queue(call, { to, template: welcome, values: { name, link: use.mail.link('/start', { token: 'tok-5f0e9a' }) } })
          if (name === 'fail') throw new Error('the operation fails after it has queued')
          return { queued: true }
        },
      })],
    }
  },
}))

export const startMailNode = async (kind: Kind, extra: Environment): Promise<MailNode & { readonly environment: Environment }> => {
  const environment = {
    ...await freshEnvironment(kind), PUBLIC_URL: 'https://sovrane.test/app/', MAIL_FROM: 'Sovrane Tests <no-reply@sovrane.test>', ...extra,
  }
  const found: { jobs?: Jobs; mail?: Mailer; welcome?: Template<Welcome> } = {}
  const node = await startNode(postApp(found), environment, () => found.jobs)
  const { mail, welcome } = found
  if (!mail || !welcome) throw new Error('the plugin was not set up')
  return { ...node, mail, welcome, environment }
}
