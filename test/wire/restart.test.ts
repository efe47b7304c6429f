// docs/protocol.md §1 and §6: a node that stops lets its clients come back, and what they missed is told.

import { expect } from 'chai'
import { onOwnServer } from './support/databases.ts'
import { changesOf } from './support/changes.ts'
import { row } from '../kit/replies.ts'

onOwnServer('Stopping and starting again', {}, (wire) => {
  it('"A stopping node emits server-stopping; it … closes the transport, so that every standard client reconnects"', async function () {
    this.timeout(120_000)
    const client = await wire.connect(wire.adminToken)
    const pos = row(client.session['feed'])['pos']
    const site = await wire.make('site')
    await client.hear(({ event, args }) => event === 'site-changed' && row(args[0])['id'] === site)
    client.socket.auth = { token: wire.adminToken, since: { ...row(client.session['feed']), pos } }

    await wire.server.terminate()
    expect(client.heard.map(({ event }) => event)).to.include('server-stopping')
    expect(await client.ended()).to.not.equal('io server disconnect')
    expect(client.socket.active, 'the client tries again by itself').to.equal(true)

    const from = client.heard.length
    await wire.server.restart()
    await client.hear('session', from, 60_000)
    const again = await client.hear(({ event, args }) => event === 'site-changed' && row(args[0])['id'] === site, from)
    expect(row(again.args[0])['pos']).to.be.a('number')
    expect(client.heard.slice(from).map(({ event }) => event)).to.not.include('feed-resync')
    expect((await client.ok('site-get', { id: site }))['id']).to.equal(site)
  })

  it('the first administrator is not made twice and keeps his rows', async () => {
    const people = await wire.admin.ok('user-list-request', { search: 'admin@example.com' })
    expect(people['total']).to.equal(1)
  })

  it('positions and versions go on from where they were', async () => {
    const client = await wire.connect(wire.adminToken)
    const [before] = changesOf(wire.admin)
    const id = await wire.make('site')
    const heard = await client.hear(({ event, args }) => event === 'site-changed' && row(args[0])['id'] === id)
    expect(row(heard.args[0])['pos']).to.be.greaterThan(before?.pos ?? Infinity)
  })
})
