// The server of sovrane/testing for the app of app.ts: with a real mail server, and what tests of log-ins want of it.
import type { AnyPlugin } from '../../core/define/index.ts'
import * as kit from '../../testing/test-server.ts'
import type { Client } from './client.ts'
import type { Kind } from './databases.ts'
import { read } from '../../testing/mails.ts'
import { otherPassword, password } from './passwords.ts'
import { cleanUp } from './place.ts'
import { openPostbox, type Postbox } from './postbox.ts'
import { administrator, ready } from './ready.ts'
import { appWith, type Environment } from './server.ts'
import { eventually } from './wait.ts'

export { administrator, otherPassword, password }
export { claimsOf, unique, type Grant, type Person, type Session, type Wanted } from '../../testing/test-server.ts'

export interface Letter {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly token: string
}

/** Waits until something holds. */
export const until = (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => eventually(holds, what)

export interface Options {
  /** Further variables, or others. */
  readonly environment?: Environment
  /** Beside those of app.ts. */
  readonly plugins?: readonly AnyPlugin[]
}

const publicUrl = 'https://sovrane.test/app'
const linkIn = (mail: string): URL => new URL(/https:\/\/\S+/.exec(mail)?.[0] ?? 'about:blank')

export class TestServer extends kit.TestServer {
  #postbox: Postbox | undefined

  constructor(kind: Kind, { environment = {}, plugins = [] }: Options = {}) {
    super(appWith(...plugins), kind, { environment, ready })
  }

  override async open(): Promise<void> {
    this.#postbox = await openPostbox()
    await super.open({ SMTP_URL: this.#postbox.url, PUBLIC_URL: publicUrl })
  }

  override async close(): Promise<void> {
    await super.close()
    await this.#postbox?.close()
    await cleanUp()
  }

  /** A socket on `/auth`. */
  lobby(url = this.url): Promise<Client> {
    return this.connect(`${url}/auth`)
  }

  /** All mails as they came over the wire, once no job is left. */
  override async mailSources(): Promise<string[]> {
    await this.idle()
    return (this.#postbox?.mails ?? []).map(({ source }) => source)
  }

  /** The texts of the mails to these addresses so far, once no job is left. */
  async mailsTo(...addresses: readonly string[]): Promise<string[]> {
    await this.idle()
    const sent = (this.#postbox?.mails ?? []).filter(({ to }) => to.some((each) => addresses.includes(each)))
    return sent.map(({ source }) => read(source).text)
  }

  /** The mails to an address, oldest first, with the token of the link in each. */
  async letters(to: string): Promise<Letter[]> {
    return (await this.mailSources()).map(read).filter(({ headers }) => headers.get('to') === to).map(({ headers, text }) =>
      ({ to, subject: headers.get('subject') ?? '', text, token: linkIn(text).searchParams.get('token') ?? '' }))
  }

  /** The token in the last link to a path that was mailed to an address: jobs that run together send their mails in any order. */
  async mailedToken(address: string, path: string): Promise<string> {
    const links = (await this.mailsTo(address)).map(linkIn)
    const url = links.findLast(({ origin, pathname }) => origin + pathname === `${publicUrl}${path}`)
    if (!url) throw new Error(`the links are ${links.join(', ')}`)
    return url.searchParams.get('token') ?? ''
  }

  /** The six digits in the last mail to an address. */
  async mailedCode(address: string): Promise<string> {
    return (await this.mailsTo(address)).at(-1)?.match(/\b\d{6}\b/)?.[0] ?? ''
  }

  /** Ends the window in which the just rotated refresh token of a session is still good. */
  async endGrace(session: kit.Session): Promise<void> {
    await this.sql("update sessions set rotated_at = rotated_at - interval '11 seconds' where id = ?", [session.sessionId])
  }
}

/** Milliseconds that a start or an end may take on a busy machine. */
const patience = 120_000

/** A server for the tests of a suite: it is opened before them, and closed after them. */
export const openServer = (...options: ConstructorParameters<typeof TestServer>): TestServer => {
  const server = new TestServer(...options)
  before(async function () {
    this.timeout(patience)
    await server.open()
  })
  after(async function () {
    this.timeout(patience)
    await server.close()
  })
  return server
}
