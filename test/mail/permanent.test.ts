// What a mail server answers, and whether another try can help: final answers are one try, the others come again.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { toFiles, toServer, type Letter } from '../../plugins/mail/delivery.ts'
import { GiveUp } from '../../plugins/jobs/index.ts'
import { temporaryDirectory } from '../db/support.ts'
import { cleanUp } from '../kit/place.ts'

const letter: Letter = {
  id: 'one', domain: 'sovrane.test', from: { name: 'S', address: 's@sovrane.test' }, to: 'ada@example.com', locale: 'en',
  queuedAt: new Date(0),
  subject: 'Subject', text: 'Text', html: '<p>Text</p>',
}

const answering = (responseCode: number): Error => Object.assign(new Error('no'), { responseCode })

/** A server that refuses at one place. */
const places: Readonly<Record<string, (code: number) => Partial<SMTPServerOptions>>> = {
  sender: (code) => ({ onMailFrom: (_address, _session, done) => done(answering(code)) }),
  recipient: (code) => ({ onRcptTo: (_address, _session, done) => done(answering(code)) }),
  message: (code) => ({ onData: (stream, _session, done) => {
    stream.resume()
    stream.on('end', () => done(answering(code)))
  } }),
  connection: (code) => ({ onConnect: (_session, done) => done(answering(code)) }),
}

const outcome = async (options: Partial<SMTPServerOptions>): Promise<unknown> => {
  const server = new SMTPServer({ authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'], logger: false, ...options })
  server.on('error', () => undefined)
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  try {
    return await toServer(`smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`)(letter)
      .then(() => 'sent', (error: unknown) => error)
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
}

describe('mail: answers of a mail server', () => {
  afterEach(cleanUp)

  for (const [place, at] of Object.entries(places)) {
    for (const [code, final] of [[550, place !== 'connection'], [554, place !== 'connection'], [530, false], [451, false]] as const) {
      it(`${code} at the ${place} is ${final ? 'final' : 'tried again'}`, async () => {
        const error = await outcome(at(code))
        expect(error).to.be.instanceOf(Error)
        expect(error instanceof GiveUp, String(error)).to.equal(final)
        expect(String(error)).to.not.include('ada@example.com')
      })
    }
  }

  it('a mail that cannot be put together is final; a directory that cannot be written is tried again', async () => {
    const directory = await temporaryDirectory()
    const broken: Letter = Object.defineProperty({ ...letter }, 'html', { get: () => { throw new Error('no page') } })
    expect(await toFiles(directory)(broken).catch((error: unknown) => error)).to.be.instanceOf(GiveUp)
    const away: unknown = await toFiles('/dev/null/mail')(letter).catch((error: unknown) => error)
    expect(away).to.be.instanceOf(Error)
    expect(away instanceof GiveUp).to.equal(false)
  })
})
