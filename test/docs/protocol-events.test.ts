// Each event of docs/protocol.md, asked of a running server: it answers, at its doors, and takes the fields that
// the page names and no other.
import { expect } from 'chai'
import { onHouse } from '../auth/on-house.ts'
import { faultPaths, isRow, refusal, row, rows, text, type Row } from '../kit/replies.ts'
import { events, publicEvents, type DocumentedEvent } from './protocol-page.ts'

/** What only a socket is answered. */
const onSocket: ReadonlySet<string> = new Set(['feed-listen'])

/** Nothing that any field takes. */
const nonsense = { nonsense: [[null]] }

const codeOf = (reply: unknown): unknown => (isRow(reply) && isRow(reply['error']) ? reply['error']['code'] : 'none')

/** The fields that a refusal calls unknown: what it says of `bogus`, it says of them. */
const unknownIn = (reply: unknown): string[] => {
  const faults = rows(refusal(reply, 'invalid_payload').details)
  const message = faults.find(({ path }) => path === 'bogus')?.['message']
  expect(message, 'what is said of an unknown field').to.be.a('string')
  return faults.filter((fault) => fault['message'] === message).map(({ path }) => text(path))
}

const all = (fields: readonly string[]): Row => Object.fromEntries(fields.map((field) => [field, nonsense]))

onHouse('docs: the events of protocol.md', (house) => {
  for (const { event, required, optional } of events satisfies readonly DocumentedEvent[]) {
    it(`${event}: takes its fields and no other`, async () => {
      const payload = { ...all([...required, ...optional]), bogus: 1, ...(optional.includes('ifVersion') ? {} : { ifVersion: 1 }) }
      const by = publicEvents.includes(event) ? undefined : house.admin
      const extra = optional.includes('ifVersion') ? [] : ['ifVersion']
      expect(unknownIn(await house.ask(event, payload, by))).to.have.members(['bogus', ...extra])
      expect(unknownIn(await house.ask(event, { bogus: 1, requestId: 'a-request:1' }, by))).to.deep.equal(['bogus'])
    })

    it(`${event}: ${required.length > 0 ? `needs ${required.join(', ')}` : 'needs no field'}`, async () => {
      // Somebody of their own: what needs nothing may end their session.
      const by = publicEvents.includes(event) ? undefined : await house.enter()
      const reply = await (onSocket.has(event) && by ? (await house.socket(by)).ask(event, {}) : house.ask(event, {}, by))
      if (required.length === 0) expect(codeOf(reply)).to.be.oneOf(['none', 'forbidden', 'unauthenticated'])
      else expect(faultPaths(refusal(reply, 'invalid_payload'))).to.have.members([...required])
    })
  }

  it('those of §4.1 and ping are answered on each door without a token, the others are not', async () => {
    const lobby = await house.lobby()
    for (const { event } of events) {
      const isPublic = publicEvents.includes(event)
      const [onLobby, overHttp] = [codeOf(await lobby.ask(event, { bogus: 1 })), codeOf(await house.ask(event, { bogus: 1 }))]
      expect({ event, onLobby, overHttp }).to.deep.equal({ event, ...(isPublic ? {
        onLobby: 'invalid_payload', overHttp: 'invalid_payload',
      } : { onLobby: 'unknown_event', overHttp: 'unauthenticated' }) })
    }
  })

  it('all are answered on /', async () => {
    const client = await house.socket(house.admin)
    for (const { event } of events) expect(codeOf(await client.ask(event, { bogus: 1 })), event).to.equal('invalid_payload')
  })

  it('an event that is not on the page is unknown_event, at each door', async () => {
    const client = await house.socket(house.admin)
    for (const event of ['user-purge', 'user-parent-get', 'auth-register', 'user-list-response', 'user-changed', 'feed-head']) {
      expect(codeOf(await client.ask(event, {})), event).to.equal('unknown_event')
      expect(codeOf(await house.ask(event, {}, house.admin)), event).to.equal('unknown_event')
    }
  })

  it('`session` is the first thing that a socket hears, as the page has it', async () => {
    const client = await house.socket(house.admin)
    expect(client.heard[0]?.event).to.equal('session')
    expect(client.session).to.have.all.keys('userId', 'sessionId', 'expiresAt', 'feed')
    expect(row(client.session['feed'])).to.have.all.keys('epoch', 'pos')
  })
})
