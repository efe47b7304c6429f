// docs/protocol.md §8: "Per socket 50 events/s with a burst of 100, per user 3×, per address 10×": what is over
// it is told and leaves no trace.

import { expect } from 'chai'
import type { Client } from '../kit/client.ts'
import { onOwnServer } from './support/databases.ts'
import { send } from '../kit/http.ts'
import { isRow, refusal, row } from '../kit/replies.ts'
import type { Wire } from './support/wire.ts'

const codeOf = (reply: unknown): unknown => (isRow(reply) && 'error' in reply ? row(row(reply)['error'])['code'] : undefined)

/** The answers to so many requests sent at once. */
const flood = async (client: Client, count: number, event = 'ping'): Promise<unknown[]> =>
  Promise.all(Array.from({ length: count }, async () => client.ask(event, {})))

const retryAfter = (reply: unknown): unknown => {
  refusal(reply, 'rate_limited')
  return row(row(reply)['error'])['retryAfter']
}

const refused = (replies: readonly unknown[]): unknown[] => replies.filter((reply) => codeOf(reply) === 'rate_limited')

const refusedEntries = async (wire: Wire): Promise<unknown> =>
  (await wire.admin.ok('audit-log-request', { action: 'site-list-request' }))['total']

onOwnServer('RATE_LIMIT_EVENTS', { RATE_LIMIT_EVENTS: '2' }, (wire) => {
  it('a socket on / is told to wait, every request has its reply, and nothing is recorded', async () => {
    const { client } = await wire.actor()
    const before = await refusedEntries(wire)
    const replies = await flood(client, 60, 'site-list-request')
    expect(replies).to.have.length(60)
    const over = refused(replies)
    expect(over.length).to.be.greaterThan(0)
    for (const reply of over) expect(retryAfter(reply)).to.be.within(1, 2)
    // Those that were let through were refused for lack of rights, and recorded.
    expect(Number(await refusedEntries(wire)) - Number(before)).to.equal(60 - over.length)
  })

  it('a socket on /auth, and events that there are not, are counted too', async () => {
    for (const event of ['ping', 'no-such-event', 'auth-password-policy']) {
      const client = await wire.connectPublic()
      expect(refused(await flood(client, 40, event)).length, event).to.be.greaterThan(0)
    }
  })

  it('an answer without acknowledgement comes as the response event', async () => {
    const client = await wire.connectPublic()
    await flood(client, 40)
    refusal(await client.askByEvent('ping', 'pong', {}), 'rate_limited')
  })
})

onOwnServer('RATE_LIMIT_EVENTS over HTTP', { RATE_LIMIT_EVENTS: '1', TRUST_PROXY: 'loopback' }, (wire) => {
  const ask = async (address: string, token?: string): Promise<Awaited<ReturnType<typeof send>>> => send(wire.url, {
    path: token === undefined ? '/api/ping' : '/api/auth-me', body: '{}',
    headers: {
      'content-type': 'application/json', 'x-forwarded-for': address, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
  })

  it('an address is told with 429 and Retry-After; its /64 is one, another is not held up', async () => {
    const replies = await Promise.all(Array.from({ length: 100 }, async (_, index) => ask(`2001:db8:1:2::${index}`)))
    const over = replies.filter(({ status }) => status === 429)
    expect(over.length).to.be.within(1, 80)
    for (const { headers, body } of over) {
      expect(retryAfter(body)).to.equal(1)
      expect(headers['retry-after']).to.equal('1')
    }
    expect((await ask('2001:db8:1:3::1')).status).to.equal(200)
  })

  it('a user is counted from whatever address', async () => {
    const replies = await Promise.all(Array.from({ length: 40 }, async (_, index) => ask(`198.51.100.${index}`, wire.adminToken)))
    expect(replies.filter(({ status }) => status === 429).length).to.be.greaterThan(0)
  })
})
