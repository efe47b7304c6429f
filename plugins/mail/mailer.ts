// What other plugins see as `use.mail`: links, and mails queued in the operation's transaction.
import { v7 as uuid } from 'uuid'
import { invalidPayload, type Call, type Payload, type Provided, type Seal } from '#sovrane'
import { GiveUp, job, type Jobs, type Tools } from '../jobs/index.ts'
import { isAddress, type Sender } from './environment.ts'
import type { Deliver } from './delivery.ts'
import { localeOf, render, type Locale, type Rendered, type Template, type Values } from './template.ts'

interface QueuedMail<V extends Values> {
  /** One address. */
  readonly to: string
  /** The recipient's language; English when it is not one of ours. */
  readonly locale?: string | null | undefined
  readonly template: Template<V>
  readonly values: NoInfer<V>
  /** Seconds after which the mail is dropped unsent, as when the code in it has expired; default: never. */
  readonly usefulFor?: number
}

export interface Mailer {
  /**
   * Queues a mail in the caller's transaction: a rollback leaves none. Until it is sent the row holds it encrypted.
   * @throws AppError invalid_payload when `to` is not one plain address
   */
  queue<V extends Values>(call: Pick<Call, 'db' | 'afterCommit'>, mail: QueuedMail<V>): Promise<void>
  /** An address for people: PUBLIC_URL, a path that begins with a slash, and a query. Never made from a request. */
  link(path: string, query?: Readonly<Record<string, string>>): string
}

interface Content {
  readonly to: string
  readonly locale: Locale
  readonly template: string
  readonly values: Values
  /** Epoch milliseconds. */
  readonly queuedAt: number
  readonly usefulUntil?: number
}

interface MailerOptions {
  readonly jobs: Jobs
  readonly templates: ReadonlyMap<string, Template>
  readonly seal: Seal
  readonly deliver: Deliver
  readonly sender: Sender
  readonly publicUrl: string
}

const jobName = 'mail.send'
/** With the queue's back-off, about a day of a dead mail server. */
const maxAttempts = 32

export const createMailer = ({
  jobs, templates, seal, deliver, sender, publicUrl,
}: MailerOptions): { services: Mailer; provides: Provided[] } => {
  const domain = new URL(publicUrl).hostname

  /** What a template cannot do with these values, it cannot do tomorrow. */
  const compose = (template: Template, { locale, values }: Pick<Content, 'locale' | 'values'>): Rendered => {
    try {
      return render(template, locale, values, { sender: sender.name || sender.address, publicUrl })
    } catch (error) {
      throw new GiveUp(`the mail "${template.name}" cannot be composed`, { cause: error })
    }
  }

  const send = async (payload: Payload, { id, log }: Tools): Promise<void> => {
    const content = seal.open(String(payload['sealed']), id)
    if (content === undefined) throw new Error('a queued mail cannot be opened: its key is gone, or it was changed')
    // Written by `queue` below, and sealed: it is what it was.
    const { to, locale, template: name, values, queuedAt, usefulUntil } = JSON.parse(content) as Content
    if (usefulUntil !== undefined && usefulUntil < Date.now())
      return log.warn({ template: name, id }, 'a mail was dropped: what it holds has expired')
    const template = templates.get(name)
    if (!template) throw new Error('the template of a queued mail is unknown here')
    // Queued by an earlier release, which took it.
    if (!isAddress(to)) throw new GiveUp('the address of the mail cannot be written')
    const rendered = compose(template, { locale, values })
    await deliver({ ...rendered, id, domain, from: sender, to, locale, queuedAt: new Date(queuedAt) })
  }

  const services: Mailer = {
    async queue(call, { to, locale, template, values, usefulFor }) {
      if (!isAddress(to)) throw invalidPayload([{ path: 'email', message: 'must be an e-mail address' }])
      if (!templates.has(template.name)) throw new Error(`No plugin provides the mail template "${template.name}"`)
      const id = uuid()
      const queuedAt = Date.now()
      const content: Content = {
        to, values, queuedAt, locale: localeOf(locale), template: template.name,
        ...(usefulFor === undefined ? {} : { usefulUntil: queuedAt + usefulFor * 1000 }),
      }
      await jobs.enqueue(call, jobName, { sealed: seal.close(JSON.stringify(content), id) }, { id })
    },
    link(path, query = {}) {
      if (!path.startsWith('/')) throw new Error(`The path of a link begins with a slash: "${path}"`)
      const parameters = new URLSearchParams(query).toString()
      return `${publicUrl}${path}${parameters === '' ? '' : `?${parameters}`}`
    },
  }
  return { services, provides: [job(jobName, send, { attempts: maxAttempts })] }
}
