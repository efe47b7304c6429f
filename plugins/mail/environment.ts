// The variables of the plugin. Source: docs/protocol.md §9.
import { object, string } from 'yup'
import { email, isDecodable } from '#sovrane'

export interface Sender {
  readonly name: string
  readonly address: string
}

const isControlled = (text: string): boolean => /\p{Cc}/u.test(text)

/** Whether a text is one mail address and nothing else: no list, no name, no line break. */
export const isAddress = (text: string): boolean => text !== '' && !isControlled(text) && email().isValidSync(text, { strict: true })

const parse = (text: string): Sender | undefined => {
  const [, name = '', address = ''] = /^(?:([^<>]*)<([^<>]+)>|[^<>]+)$/.exec(text.trim()) ?? []
  const sender = { name: name.trim().replace(/^"([^"]*)"$/, '$1'), address: (address === '' ? text : address).trim() }
  return isAddress(sender.address) && !isControlled(text) ? sender : undefined
}

/**
 * `Sovrane <no-reply@example.com>` or a bare address.
 * @throws Error when it is neither
 */
export const readSender = (text: string): Sender => {
  const sender = parse(text)
  if (!sender) throw new Error('MAIL_FROM: must be an address, or a name with an address in <>')
  return sender
}

const smtpForm = /^smtps?:\/\/[^/?#]+(?:[/?].*)?$/i

const isMailServer = (text: string): boolean => {
  if (!smtpForm.test(text) || /[\s\\#]/.test(text) || !URL.canParse(text)) return false
  const { hostname, username, password, pathname } = new URL(text)
  return hostname !== '' && ['', '/'].includes(pathname) && isDecodable(username) && isDecodable(password)
}

export const environment = object({
  SMTP_URL: string().test('smtp',
    'must be like smtp://user:password@host:port, or smtps:; characters such as # / ? @ % in a password are written as %23 %2F %3F %40 %25',
    (value) => value === undefined || isMailServer(value)),
  MAIL_FROM: string().default('Sovrane <no-reply@localhost>')
    .test('sender', 'must be an address, or a name with an address in <>', (value) => value === undefined || parse(value) !== undefined),
})
