// docs/protocol.md §1: who may connect to `/`, by which transports, and what everybody else is told.

import { expect } from 'chai'
import { refusedBy } from '../kit/client.ts'
import type { ClientOptions } from '../kit/client.ts'
import { onAnyDatabase } from './support/databases.ts'
import { refusal, row } from '../kit/replies.ts'
import { administrator } from './support/server.ts'
import type { Wire } from './support/wire.ts'

/** "refused with connect_error whose message is exactly Unauthorized, and nothing else". */
async function expectUnauthorized(wire: Wire, options: ClientOptions): Promise<void> {
  const error = await refusedBy(wire.url, options)
  expect(error.message).to.equal('Unauthorized')
  expect('data' in error ? error.data : undefined, 'nothing else').to.be.oneOf([undefined, null])
}

onAnyDatabase('Connecting to /', (wire) => {
  it('the client of the API document, io(url, { auth: { token } }), connects and is answered', async () => {
    const client = await wire.connectPlainly(wire.adminToken)
    expect(await client.askByEvent('ping', 'pong', {})).to.deep.equal({})
  })

  for (const transport of ['polling', 'websocket']) {
    it(`"Both Socket.IO transports … are on": ${transport} alone connects, asks and hears`, async () => {
      const client = await wire.connect(wire.adminToken, {}, { transports: [transport] })
      const { id } = await client.ok('site-create', { label: transport })
      await client.hear(({ event, args }) => event === 'site-changed' && row(args[0])['id'] === id)
    })
  }

  it('several sockets of one user are independent', async () => {
    const one = await wire.connect(wire.adminToken)
    const two = await wire.connect(wire.adminToken)
    one.close()
    expect(await two.ask('ping')).to.deep.equal({})
  })
})

onAnyDatabase('connect_error Unauthorized', (wire) => {
  it('without any auth', async () => expectUnauthorized(wire, {}))

  const wrong: Readonly<Record<string, unknown>> = {
    'without a token': {},
    'an empty token': { token: '' },
    'a null token': { token: null },
    'a malformed token': { token: 'abc' },
    'three parts of nothing': { token: 'a.b.c' },
    'a number': { token: 42 },
    'an object': { token: { toString: 'x' } },
    'an array': { token: ['x'] },
    'a very long token': { token: 'x'.repeat(20_000) },
    'a token with a NUL': { token: 'a\u0000b' },
  }
  for (const [what, auth] of Object.entries(wrong)) {
    it(what, async () => expectUnauthorized(wire, { auth: row(auth) }))
  }

  it('a token in the query or in a header instead of auth', async () => {
    await expectUnauthorized(wire, { query: { token: wire.adminToken }, extraHeaders: { Authorization: `Bearer ${wire.adminToken}` } })
  })

  it('a valid token whose signature was touched', async () => {
    const [header, claims, signature = ''] = wire.adminToken.split('.')
    const first = signature.startsWith('A') ? 'B' : 'A'
    await expectUnauthorized(wire, { auth: { token: `${header}.${claims}.${first}${signature.slice(1)}` } })
  })

  it('a valid token whose claims were touched', async () => {
    const [header, claims = '', signature] = wire.adminToken.split('.')
    const other = Buffer.from(Buffer.from(claims, 'base64url').toString('utf8').replace(wire.adminId, 'someone-else')).toString('base64url')
    await expectUnauthorized(wire, { auth: { token: `${header}.${other}.${signature}` } })
  })

  it('the refresh token', async () => {
    const { body } = await wire.http('auth-login', administrator)
    await expectUnauthorized(wire, { auth: { token: row(body)['refreshToken'] } })
  })

  for (const status of ['suspended', 'archived']) {
    it(`the token of a user who is now ${status}, also over HTTP`, async () => {
      const { id, token, client } = await wire.actor()
      client.close()
      await wire.admin.ok('user-update', { id, status })
      await expectUnauthorized(wire, { auth: { token } })
      refusal((await wire.http('user-get', { id }, token)).body, 'unauthenticated')
    })
  }

  it('the token of a deleted user, also over HTTP', async () => {
    const { id, token, client } = await wire.actor()
    client.close()
    await wire.admin.ok('user-delete', { id })
    await expectUnauthorized(wire, { auth: { token } })
    refusal((await wire.http('user-get', { id }, token)).body, 'unauthenticated')
  })

  it('a deleted user\'s token stays dead when a user is made again with the same id', async () => {
    const { id, token, client } = await wire.actor()
    client.close()
    await wire.admin.ok('user-delete', { id })
    await wire.make('user', { id })
    await expectUnauthorized(wire, { auth: { token } })
  })
})
