// A mail server that catches what is sent to it.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export interface Caught {
  /** Envelope and source as they came over the wire. */
  readonly from: string
  readonly to: readonly string[]
  readonly source: string
}

export interface Postbox {
  readonly url: string
  readonly mails: readonly Caught[]
  close(): Promise<void>
}

/** A real mail server. `refuse`: recipients that it does not know. */
export const openPostbox = async (port = 0, refuse: readonly string[] = []): Promise<Postbox> => {
  const mails: Caught[] = []
  const server = new SMTPServer({
    authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'], logger: false,
    onRcptTo: ({ address }, _session, callback) =>
      callback(refuse.includes(address) ? Object.assign(new Error(`${address} is unknown`), { responseCode: 550 }) : null),
    onData(stream, session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom === false ? '' : mailFrom?.address ?? ''
        mails.push({ from, to: rcptTo.map(({ address }) => address), source: Buffer.concat(chunks).toString('utf8') })
        callback()
      })
    },
  })
  server.on('error', () => undefined)
  const listening = server.listen(port, '127.0.0.1')
  await once(listening, 'listening')
  return {
    url: `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    mails,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
