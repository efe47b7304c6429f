// docs/protocol.md §1 and §4: the `session` event, the access token, and sockets that do not outlive their right.

import { expect } from 'chai'
import { refusedBy } from '../kit/client.ts'
import { changesOf } from './support/changes.ts'
import { onAnyDatabase } from './support/databases.ts'
import { number, refusal, row, success, text } from '../kit/replies.ts'
import { read } from './support/tokens.ts'
import { login } from './support/wire.ts'
import type { Actor } from './support/wire.ts'

async function expectExpired({ client }: Actor): Promise<void> {
  const { args } = await client.hear('session-expired')
  expect(row(args[0])['reason']).to.be.a('string').that.is.not.equal('')
  expect(await client.ended(), '"the client must not retry by itself"').to.equal('io server disconnect')
  expect(client.socket.active).to.equal(false)
}

onAnyDatabase('The session event', (wire) => {
  it('"{ userId, sessionId, expiresAt, feed: { epoch, pos } }", told by the token\'s own claims', async () => {
    const { id, token, client } = await wire.actor()
    const { claims } = read(token)
    expect(client.session).to.have.all.keys('userId', 'sessionId', 'expiresAt', 'feed')
    expect(client.session['userId']).to.equal(id)
    expect(client.session['sessionId']).to.equal(claims['sid'])
    expect(Math.floor(Date.parse(text(client.session['expiresAt'])) / 1000)).to.equal(claims['exp'])
    const feed = row(client.session['feed'])
    expect(feed).to.have.all.keys('epoch', 'pos')
    expect(feed['pos']).to.be.a('number')
  })

  it('"It precedes every *-changed; feed.pos is the position just before the first change that this socket will be sent"', async () => {
    const watcher = await wire.connect(wire.adminToken)
    const firsts: { readonly after: number; readonly first: number }[] = []
    const work = { goesOn: true }
    const writing = (async () => {
      while (work.goesOn) await wire.make('site')
    })()
    try {
      for (let round = 0; round < 5; round += 1) {
        const client = await wire.connect(wire.adminToken)
        await client.hear(({ event }) => event.endsWith('-changed'))
        expect(client.heard[0]?.event).to.equal('session')
        const [first] = changesOf(client)
        firsts.push({ after: number(row(client.session['feed'])['pos']), first: first?.pos ?? 0 })
        client.close()
      }
    } finally {
      work.goesOn = false
      await writing
    }
    await wire.settle(watcher)
    const all = changesOf(watcher).map(({ pos }) => pos)
    for (const { after, first } of firsts) expect(first).to.equal(all.find((pos) => pos > after))
  })

  it('is emitted once a connection', async () => {
    const client = await wire.connect(wire.adminToken)
    await client.ask('ping')
    await wire.settle(client)
    expect(client.heard.filter(({ event }) => event === 'session')).to.have.lengthOf(1)
  })

  it('each login has a session of its own', async () => {
    const person = await wire.person()
    const one = await wire.enter(person)
    const two = await wire.enter(person)
    expect(one.client.session['sessionId']).to.not.equal(two.client.session['sessionId'])
  })
})

onAnyDatabase('The access token', (wire) => {
  it('"HS256 … typ: \'access\', sub, sid, iss, aud, iat, exp; 15 min"', async () => {
    const { id, token } = await wire.actor()
    const { header, claims } = read(token)
    expect(header['alg']).to.equal('HS256')
    expect(claims).to.include({ typ: 'access', sub: id })
    for (const claim of ['sid', 'iss', 'aud']) expect(claims[claim], claim).to.be.a('string').that.is.not.equal('')
    expect(number(claims['exp']) - number(claims['iat'])).to.equal(15 * 60)
  })

  it('opens HTTP as well', async () => {
    const { id, token } = await wire.actor()
    expect(success((await wire.http('user-get', { id }, token)).body)).to.include({ id })
  })
})

onAnyDatabase('"A socket never outlives its right"', (wire) => {
  for (const status of ['suspended', 'archived']) {
    it(`a user who becomes ${status}: session-expired { reason } and disconnected, on each of his sockets`, async () => {
      const person = await wire.person()
      const one = await wire.enter(person)
      const two = await wire.enter(person)
      await wire.admin.ok('user-update', { id: person.id, status })
      await expectExpired(one)
      await expectExpired(two)
    })
  }

  it('a deleted user: session-expired { reason } and disconnected', async () => {
    const actor = await wire.actor()
    await wire.admin.ok('user-delete', { id: actor.id })
    await expectExpired(actor)
  })

  it('other users\' sockets stay', async () => {
    const other = await wire.actor()
    const actor = await wire.actor()
    await wire.admin.ok('user-update', { id: actor.id, status: 'suspended' })
    await expectExpired(actor)
    await wire.settle(other.client)
    expect(await other.client.ask('ping')).to.deep.equal({})
    expect(other.client.heard.map(({ event }) => event)).to.not.include('session-expired')
  })

  it('"A password set by another ends that user\'s sessions"; the new one opens a new session', async () => {
    const actor = await wire.actor()
    const renewed = 'Brand-New-77-Password'
    await wire.admin.ok('user-update', { id: actor.id, password: renewed })
    await expectExpired(actor)
    expect((await refusedBy(wire.url, { auth: { token: actor.token } })).message).to.equal('Unauthorized')
    refusal((await wire.http('user-get', { id: actor.id }, actor.token)).body, 'unauthenticated')
    refusal((await wire.http('auth-login', { email: actor.email, password: actor.password })).body, 'unauthenticated')
    const client = await wire.connect(text((await login(wire.url, actor.email, renewed))['accessToken']))
    expect(client.session['userId']).to.equal(actor.id)
  })

  it('other changes of a user leave his sockets alone', async () => {
    const { id, client } = await wire.actor()
    await wire.admin.ok('user-update', { id, firstName: 'Renamed', email: `${id}-renamed@example.com` })
    await wire.settle(client)
    expect(await client.ask('ping')).to.deep.equal({})
  })
})
