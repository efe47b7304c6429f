// docs/protocol.md §1: the namespace `/auth` and HTTP without a token offer only the public events and ping, and no broadcast.

import { expect } from 'chai'
import { open } from '../kit/client.ts'
import { onAnyDatabase } from './support/databases.ts'
import { send } from '../kit/http.ts'
import { refusal, success, text } from '../kit/replies.ts'
import { administrator } from './support/server.ts'

onAnyDatabase('The namespace /auth', (wire) => {
  it('connects without a token and emits no session', async () => {
    const client = await wire.connectPublic()
    await client.ask('ping')
    expect(client.heard).to.deep.equal([])
  })

  it('answers ping and auth-login, with and without an acknowledgement', async () => {
    const client = await wire.connectPublic()
    expect(await client.ask('ping', {})).to.deep.equal({})
    expect(await client.askByEvent('ping', 'pong', {})).to.deep.equal({})
    success(await client.ask('auth-login', administrator))
    const { accessToken } = success(await client.askByEvent('auth-login', 'auth-login-response', administrator))
    const inside = await wire.connect(text(accessToken))
    expect(inside.session['userId']).to.equal(wire.adminId)
  })

  for (const event of ['site-list-request', 'user-get', 'user-create', 'role-create', 'group-add-user', 'department-manager-get']) {
    it(`"only the public events": ${event} is refused`, async () => {
      const client = await wire.connectPublic()
      refusal(await client.ask(event, { id: wire.adminId }), 'unknown_event')
    })
  }

  it('a login does not open the other events on the same socket', async () => {
    const client = await wire.connectPublic()
    success(await client.ask('auth-login', administrator))
    refusal(await client.ask('site-list-request', {}), 'unknown_event')
  })

  it('a token in auth does not open them either', async () => {
    const client = await open(`${wire.url}/auth`, { auth: { token: wire.adminToken } })
    refusal(await client.ask('site-list-request', {}), 'unknown_event')
    client.close()
  })

  it('"joins no room, receives no broadcast"', async () => {
    const outside = await wire.connectPublic()
    const inside = await wire.connect(wire.adminToken)
    await wire.make('group')
    await wire.settle(inside)
    await outside.ask('ping')
    expect(outside.heard).to.deep.equal([])
  })
})

onAnyDatabase('HTTP POST /api/<event>', (wire) => {
  it('a public event needs no token', async () => {
    success((await wire.http('auth-login', administrator)).body)
  })

  it('another scheme than Bearer is unauthenticated', async () => {
    const reply = await send(wire.url, {
      path: '/api/site-list-request',
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(`${administrator.email}:${administrator.password}`).toString('base64')}`,
      },
      body: '{}',
    })
    expect(reply.status).to.equal(401)
    refusal(reply.body, 'unauthenticated')
  })
})
