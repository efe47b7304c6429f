// Where a mail goes: to the mail server, or, without one, to a file that a mail program opens.
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { GiveUp } from '../jobs/index.ts'
import type { Sender } from './environment.ts'
import type { Rendered } from './template.ts'

export interface Letter extends Rendered {
  /** The job's id: the same in each attempt, so a mail that goes out twice can be recognised. */
  readonly id: string
  /** After the `@` of the Message-ID. */
  readonly domain: string
  readonly from: Sender
  readonly to: string
  readonly locale: string
  readonly queuedAt: Date
}

export type Deliver = (letter: Letter) => Promise<void>

/** Milliseconds of silence after which a mail server counts as dead, and in which a mail must be gone at all. */
const silenceLimit = 10_000
const sendLimit = 60_000

/** Addresses go in as objects: nothing in them is parsed as a list. */
const message = ({ id, domain, from, to, locale, queuedAt, subject, text, html }: Letter) => ({
  from: { ...from },
  to: { name: '', address: to },
  subject, text, html,
  date: queuedAt,
  messageId: `<${id}@${domain}>`,
  // Absence notes and the like answer people, not programs.
  headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All', 'Content-Language': locale },
  xMailer: false as const,
  disableFileAccess: true,
  disableUrlAccess: true,
})

interface Failure {
  readonly code?: string | undefined
  readonly responseCode?: number | undefined
  readonly command?: string | undefined
}

/** What is answered while the server's own configuration is wrong, such as "authentication required": that may be mended tomorrow. */
const mendable = new Set([530, 534, 535, 538])

/** Whether tomorrow's answer would be the same: the server does not take this mail, or it cannot be written at all. */
const isFinal = ({ code, responseCode, command = '' }: Failure): boolean => {
  if (responseCode === undefined) return code === 'EENVELOPE' || code === 'EMESSAGE'
  return responseCode >= 500 && !mendable.has(responseCode) && ['MAIL FROM', 'RCPT TO', 'DATA'].includes(command)
}

/** What a mail server's refusal says without its own words, which name people. */
const refusal = (error: unknown): Error => {
  const { code, responseCode, command } = error as Failure
  const text = `the mail could not be handed over (${[code, responseCode, command].filter((part) => part !== undefined).join(' ')})`
  return isFinal({ code, responseCode, command }) ? new GiveUp(text) : new Error(text)
}

/** Sends by SMTP, a connection a mail. */
export const toServer = (url: string): Deliver => {
  const transport = createTransport({
    url, connectionTimeout: silenceLimit, greetingTimeout: silenceLimit, socketTimeout: silenceLimit, dnsTimeout: silenceLimit,
  })
  return async (letter) => {
    try {
      await transport.sendMail({ ...message(letter), signal: AbortSignal.timeout(sendLimit) })
    } catch (error) {
      throw refusal(error)
    }
  }
}

/** What cannot be put together here cannot be tomorrow. @throws GiveUp */
const compose = async (transport: ReturnType<typeof toStream>, letter: Letter) => {
  try {
    return (await transport.sendMail(message(letter))).message
  } catch (error) {
    throw new GiveUp(`the mail cannot be written (${(error as Failure).code ?? 'unknown'})`)
  }
}

const toStream = () => createTransport({ streamTransport: true, buffer: true, newline: 'windows' })

/** Writes `<time>-<id>.eml` files that only their owner reads; a repeated attempt writes the same file. */
export const toFiles = (directory: string): Deliver => {
  const transport = toStream()
  return async (letter) => {
    const bytes = await compose(transport, letter)
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const file = join(directory, `${letter.queuedAt.toISOString().replaceAll(/[-:.]/g, '')}-${letter.id}.eml`)
    // Written aside first: a reader of the directory never sees half a mail.
    await writeFile(`${file}.part`, bytes, { mode: 0o600 })
    await rename(`${file}.part`, file)
  }
}
