// docs/protocol.md §8: "64 KiB a message", and the origins that may come in by each door.

import { expect } from 'chai'
import { refusedBy } from '../kit/client.ts'
import { onAnyDatabase } from './support/databases.ts'
import { post, send } from '../kit/http.ts'
import { ids, refusal, success } from '../kit/replies.ts'
import { administrator, allowedOrigins } from './support/server.ts'
import { unique } from './support/wire.ts'

onAnyDatabase('"64 KiB a message"', (wire) => {
  const mark = (): string => unique('oversize')

  for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
    it(`a larger message closes the socket, by ${transports.join(' then ')}, and changes nothing`, async () => {
      const client = await wire.connect(wire.adminToken, {}, { transports, reconnection: false })
      const label = mark()
      client.socket.emit('site-create', { label: `${label}${'x'.repeat(70_000)}` })
      await client.ended()
      expect(await wire.admin.ok('site-list-request', { search: label })).to.include({ total: 0 })
      expect(await wire.admin.ask('ping'), 'the others stay').to.deep.equal({})
    })
  }

  it('over HTTP it is payload_too_large, 413', async () => {
    const label = mark()
    const reply = await post(wire.url, 'site-create', JSON.stringify({ label: `${label}${'x'.repeat(70_000)}` }), wire.adminToken)
    expect(reply.status).to.equal(413)
    refusal(reply.body, 'payload_too_large')
    expect(await wire.admin.ok('site-list-request', { search: label })).to.include({ total: 0 })
  })

  it('a larger login without a token is payload_too_large as well', async () => {
    const reply = await post(wire.url, 'auth-login', JSON.stringify({ email: 'a@example.com', password: 'x'.repeat(70_000) }))
    expect(reply.status).to.equal(413)
    refusal(reply.body, 'payload_too_large')
  })

  it('a message of 60,000 bytes is read: it is refused for its content', async () => {
    const client = await wire.connect(wire.adminToken, {}, { reconnection: false })
    refusal(await client.ask('site-create', { label: 'x'.repeat(60_000) }), 'invalid_payload')
    expect(client.socket.connected).to.equal(true)
    refusal((await wire.http('site-create', { label: 'x'.repeat(60_000) }, wire.adminToken)).body, 'invalid_payload')
  })

  it('an error about a large value does not repeat the value', async () => {
    const reply = await wire.admin.ask('site-create', { label: 'x'.repeat(60_000) })
    expect(JSON.stringify(reply).length).to.be.lessThan(2_000)
  })
})

onAnyDatabase('Origins: "the server\'s own, none, and those of CORS_ORIGIN"', (wire) => {
  const foreign = (): string[] =>
    ['https://evil.example', `${wire.url}.evil.example`, 'http://127.0.0.1:1', 'null', `${allowedOrigins[0]}.evil.example`, 'http://app.example']
  const known = (): string[] => [wire.url, ...allowedOrigins]

  for (const transport of ['websocket', 'polling']) {
    it(`a foreign Origin is refused by ${transport}, with a valid token and on /auth`, async () => {
      for (const Origin of foreign()) {
        const options = { transports: [transport], extraHeaders: { Origin }, reconnection: false }
        await refusedBy(wire.url, { ...options, auth: { token: wire.adminToken } })
        await refusedBy(`${wire.url}/auth`, options)
      }
    })

    it(`the server's own Origin and those of CORS_ORIGIN connect by ${transport}`, async () => {
      for (const Origin of known()) {
        const client = await wire.connect(wire.adminToken, {}, { transports: [transport], extraHeaders: { Origin } })
        expect(await client.ask('ping')).to.deep.equal({})
      }
    })
  }

  const create = async (origin: string | undefined, label: string): Promise<{ status: number; body: unknown }> => send(wire.url, {
    path: '/api/site-create',
    headers: {
      'content-type': 'application/json', authorization: `Bearer ${wire.adminToken}`, ...(origin === undefined ? {} : { origin }),
    },
    body: JSON.stringify({ label }),
  })

  it('a foreign Origin is refused over HTTP, with a valid token too, and changes nothing', async () => {
    for (const origin of foreign()) {
      const label = unique('origin')
      const { status } = await create(origin, label)
      expect(status, origin).to.be.within(400, 499)
      expect(ids(await wire.admin.ok('site-list-request', { search: label }))).to.deep.equal([])
    }
  })

  it('a foreign Origin is refused over HTTP for public events', async () => {
    const { status, body } = await send(wire.url, {
      path: '/api/auth-login', headers: { 'content-type': 'application/json', origin: 'https://evil.example' },
      body: JSON.stringify(administrator),
    })
    expect(status).to.be.within(400, 499)
    expect(JSON.stringify(body)).to.not.include('accessToken')
  })

  it('the server\'s own Origin, none, and those of CORS_ORIGIN are answered over HTTP', async () => {
    for (const origin of [undefined, ...known()]) success((await create(origin, 'Welcome')).body)
  })
})
