// docs/protocol.md §1: a socket ends with its token, and the expired token opens nothing.

import { expect } from 'chai'
import { refusedBy } from '../kit/client.ts'
import { onOwnServer } from './support/databases.ts'
import { refusal, row } from '../kit/replies.ts'

onOwnServer('Token expiry', { JWT_ACCESS_TOKEN_DURATION: '6s' }, (wire) => {
  it('"at token expiry … the server emits session-expired { reason } and disconnects it"', async () => {
    const client = await wire.connect(wire.adminToken)
    const { args } = await client.hear('session-expired')
    expect(row(args[0])['reason']).to.be.a('string').that.is.not.equal('')
    expect(await client.ended()).to.equal('io server disconnect')
    expect(client.socket.active, '"the client must not retry by itself"').to.equal(false)
  })

  it('the expired token is refused with Unauthorized, and over HTTP with unauthenticated', async () => {
    await wire.admin.ended()
    expect((await refusedBy(wire.url, { auth: { token: wire.adminToken } })).message).to.equal('Unauthorized')
    refusal((await wire.http('site-list-request', {}, wire.adminToken)).body, 'unauthenticated')
  })
})
