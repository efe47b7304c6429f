// docs/protocol.md §2: what a request may be, its one reply, the echo of requestId, and ifVersion.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { post } from '../kit/http.ts'
import { faultPaths, refusal, row, success } from '../kit/replies.ts'
import { unique } from './support/wire.ts'

onAnyDatabase('"The request\'s only argument is one JSON object"', (wire) => {
  it('"undefined and no argument count as {}"', async () => {
    success(await wire.admin.ask('site-list-request'))
    success(await wire.admin.askByEvent('site-list-request', 'site-list-response'))
    // What Socket.IO makes of `undefined` on the wire is null: on a socket the two cannot be told apart.
    success(await wire.admin.ask('site-list-request', undefined))
    success(await wire.admin.askByEvent('site-list-request', 'site-list-response', undefined))
    expect(await wire.admin.askByEvent('ping', 'pong')).to.deep.equal({})
  })

  it('on a socket null counts as none, on /auth too; over HTTP it is invalid_payload', async () => {
    const outside = await wire.connectPublic()
    for (const client of [wire.admin, outside]) {
      expect(await client.ask('ping', null)).to.deep.equal({})
      expect(await client.askByEvent('ping', 'pong', null)).to.deep.equal({})
    }
    success(await wire.admin.ask('site-list-request', null))
    for (const event of ['ping', 'site-list-request']) {
      const { status, body } = await post(wire.url, event, 'null', wire.adminToken)
      expect(status).to.equal(400)
      refusal(body, 'invalid_payload')
    }
  })

  const wrong: Readonly<Record<string, readonly unknown[]>> = {
    'an array': [[]],
    'an array of an object': [[{ id: 'x' }]],
    'a string': ['{}'],
    'a number': [1],
    'a boolean': [true],
    'a buffer': [Buffer.from('{}')],
    'two objects': [{}, {}],
    'an object and null': [{}, null],
  }
  for (const [what, payload] of Object.entries(wrong)) {
    it(`"Anything else is invalid_payload": ${what}`, async () => {
      for (const event of ['site-list-request', 'ping']) refusal(await wire.admin.ask(event, ...payload), 'invalid_payload')
      refusal(await wire.admin.askByEvent('site-list-request', 'site-list-response', ...payload), 'invalid_payload')
    })
  }

  for (const body of ['null', '[]', '[{}]', '"x"', '1', 'true']) {
    it(`"Anything else is invalid_payload", over HTTP: ${body}`, async () => {
      refusal((await wire.http('site-list-request', JSON.parse(body) as unknown, wire.adminToken)).body, 'invalid_payload')
    })
  }
})

onAnyDatabase('"Every request gets exactly one reply"', (wire) => {
  it('an error goes to the acknowledgement, or is emitted as the response event, once', async () => {
    const client = await wire.connect(wire.adminToken)
    refusal(await client.ask('site-get', { id: 'nothing-here' }), 'not_found')
    await wire.settle(client)
    expect(client.heard.filter(({ event }) => event === 'site-get-response')).to.deep.equal([])
    refusal(await client.askByEvent('site-get', 'site-get-response', { id: 'nothing-here' }), 'not_found')
    await wire.settle(client)
    expect(client.heard.filter(({ event }) => event === 'site-get-response')).to.have.lengthOf(1)
  })

  it('many requests at once: as many replies, told apart by requestId', async () => {
    const client = await wire.connect(wire.adminToken)
    const wanted = Array.from({ length: 40 }, (_, index) => `r${index}`)
    for (const requestId of wanted) client.socket.emit('site-list-request', { limit: 1, requestId })
    await client.ask('site-list-request', { limit: 1 })
    await wire.settle(client)
    const replies = client.heard.filter(({ event }) => event === 'site-list-response')
    expect(replies.map(({ args }) => row(args[0])['requestId'])).to.have.members(wanted)
  })

  it('the reply goes to the asking socket only', async () => {
    const other = await wire.connect(wire.adminToken)
    const client = await wire.connect(wire.adminToken)
    await client.askByEvent('site-list-request', 'site-list-response', {})
    await wire.settle(other)
    expect(other.heard.map(({ event }) => event)).to.not.include('site-list-response')
  })
})

onAnyDatabase('requestId', (wire) => {
  it('"is echoed in the reply", through every door', async () => {
    const requestId = unique('request')
    expect(success(await wire.admin.ask('ping', { requestId }))).to.deep.equal({ requestId })
    expect(success(await wire.admin.askByEvent('ping', 'pong', { requestId }))).to.deep.equal({ requestId })
    expect(success((await wire.http('site-list-request', { requestId }, wire.adminToken)).body)).to.include({ requestId })
  })

  it('is echoed in an error', async () => {
    const requestId = unique('request')
    expect(refusal(await wire.admin.ask('site-get', { id: 'nothing-here', requestId }), 'not_found').requestId).to.equal(requestId)
    expect(refusal((await wire.http('site-get', { id: 'nothing-here', requestId }, wire.adminToken)).body, 'not_found').requestId)
      .to.equal(requestId)
    expect(refusal(await wire.admin.ask('no-such-event', { requestId }), 'unknown_event').requestId).to.equal(requestId)
  })

  it('an error without one names another each time', async () => {
    const one = refusal(await wire.admin.ask('site-get', { id: 'nothing-here' }), 'not_found')
    const two = refusal(await wire.admin.ask('site-get', { id: 'nothing-here' }), 'not_found')
    expect(one.requestId).to.not.equal(two.requestId)
  })

  it('"and in the *-changed it causes"', async () => {
    const client = await wire.connect(wire.adminToken)
    const requestId = unique('request')
    let id: unknown
    const changes = await wire.changesDuring(client, async () => {
      const reply = await wire.admin.ok('group-create', { name: 'Echo', requestId })
      expect(reply['requestId']).to.equal(requestId)
      id = reply['id']
    })
    expect(changes.map((change) => [change.event, change.id, change.requestId])).to.deep.equal([['group-changed', id, requestId]])
  })

  it('also in the change of another resource than the one asked', async () => {
    const client = await wire.connect(wire.adminToken)
    const departmentId = await wire.make('department')
    const userId = await wire.make('user')
    const requestId = unique('request')
    const changes = await wire.changesDuring(client, async () =>
      wire.admin.ok('department-add-user', { id: departmentId, userId, requestId }))
    expect(changes).to.have.lengthOf(2)
    for (const change of changes) expect(change.requestId).to.equal(requestId)
  })

  it('a change without one carries none', async () => {
    const client = await wire.connect(wire.adminToken)
    const changes = await wire.changesDuring(client, async () => wire.make('group'))
    expect(changes).to.have.lengthOf(1)
    expect(changes[0]?.payload).to.not.have.property('requestId')
  })

  const wrong: Readonly<Record<string, unknown>> = {
    'a longer one': 'r'.repeat(65), 'an empty one': '', 'markup': '<img src=x onerror=1>', 'a blank': 'a b', 'a blank at the end': 'a ',
    'a line end at the end': 'a\n', 'a letter with an accent': 'é', 'an emoji': '🏢',
    'a quote': 'a"b', 'a slash': 'a/b', 'a per cent': '%41', 'a plus': 'a+b', 'an equals sign': 'a=', 'a number': 5, 'null': null,
    'an object': {}, 'an array': ['r'], 'true': true,
  }
  for (const [what, requestId] of Object.entries(wrong)) {
    it(`${what} is refused at every door, and the reply has an id of the server's`, async () => {
      const outside = await wire.connectPublic()
      const client = await wire.connect(wire.adminToken)
      const label = unique('unheard')
      const changes = await wire.changesDuring(client, async () => {
        const replies = [
          await wire.admin.ask('ping', { requestId }), await outside.ask('ping', { requestId }),
          (await wire.http('ping', { requestId })).body,
          await wire.admin.ask('site-create', { label, requestId }),
          (await wire.http('site-create', { label, requestId }, wire.adminToken)).body,
        ]
        for (const reply of replies) {
          const error = refusal(reply, 'invalid_payload')
          expect(faultPaths(error)).to.include('requestId')
          expect(error.requestId).to.match(/^[0-9a-f-]{36}$/)
        }
      })
      expect(changes).to.deep.equal([])
    })
  }

  it('"1 to 64 of [A-Za-z0-9_.:~-]"', async () => {
    for (const requestId of ['r'.repeat(64), 'r', 'Az09_.:~-', '-', '0190a3b4-7c5e-7f00-8000-000000000000'])
      expect(await wire.admin.ask('ping', { requestId })).to.deep.equal({ requestId })
  })
})

onAnyDatabase('ifVersion', (wire) => {
  const stale = { details: { version: 1 } }

  it('an update with the row\'s version succeeds, with another it is "conflict with details: { version }, and nothing is changed"', async () => {
    const id = await wire.make('site')
    expect(refusal(await wire.admin.ask('site-update', { id, label: 'No', ifVersion: 2 }), 'conflict')).to.deep.include(stale)
    expect(await wire.admin.ok('site-get', { id })).to.include({ label: id, version: 1 })
    expect(await wire.admin.ok('site-update', { id, label: 'Yes', ifVersion: 1 })).to.include({ label: 'Yes', version: 2 })
    expect(refusal(await wire.admin.ask('site-update', { id, label: 'No', ifVersion: 1 }), 'conflict')).to.deep.include({
      details: { version: 2 },
    })
  })

  it('a delete', async () => {
    const id = await wire.make('site')
    expect(refusal(await wire.admin.ask('site-delete', { id, ifVersion: 7 }), 'conflict')).to.deep.include(stale)
    expect(await wire.admin.ok('site-get', { id })).to.include({ version: 1 })
    await wire.admin.ok('site-delete', { id, ifVersion: 1 })
    await wire.admin.no('site-get', { id }, 'not_found')
  })

  it('a relation change', async () => {
    const id = await wire.make('group')
    const userId = await wire.make('user')
    expect(refusal(await wire.admin.ask('group-add-user', { id, userId, ifVersion: 9 }), 'conflict')).to.deep.include(stale)
    expect(await wire.admin.ok('group-members-request', { id })).to.include({ total: 0 })
    expect(await wire.admin.ok('group-add-user', { id, userId, ifVersion: 1 })).to.include({ version: 2 })
  })

  it('a stale one causes no change event', async () => {
    const client = await wire.connect(wire.adminToken)
    const id = await wire.make('site')
    const changes = await wire.changesDuring(client, async () =>
      wire.admin.no('site-update', { id, label: 'No', ifVersion: 5 }, 'conflict'))
    expect(changes).to.deep.equal([])
  })

  it('is an integer', async () => {
    const id = await wire.make('site')
    for (const ifVersion of ['1', 1.5, null, {}]) {
      expect(faultPaths(refusal(await wire.admin.ask('site-update', { id, label: 'No', ifVersion }), 'invalid_payload')))
        .to.include('ifVersion')
    }
  })
})
