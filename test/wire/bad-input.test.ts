// Issue 2, "Bad input": every malformed request gets one clear error of the closed list and changes nothing.

import { expect } from 'chai'
import { onAnyDatabase, onEachDatabase } from './support/databases.ts'
import { post } from '../kit/http.ts'
import { faultPaths, refusal, row, success } from '../kit/replies.ts'
import { unique } from './support/wire.ts'

/** Nothing of the inside may be told: SQL, a stack, a path, a driver's text. */
function expectNoLeak(reply: unknown): void {
  expect(JSON.stringify(reply)).to.not.match(/\bselect\b.*\bfrom\b|insert into|\bat .*\(|node_modules|\.ts:\d|file:\/\/|syntax error|violates|relation \\?"/i)
}

onAnyDatabase('Keys that mean something to JavaScript', (wire) => {
  const bodies: Readonly<Record<string, string>> = {
    '__proto__': '{ "label": "x", "__proto__": { "label": "y" } }',
    'constructor': '{ "label": "x", "constructor": { "prototype": { "polluted": true } } }',
    'prototype': '{ "label": "x", "prototype": 1 }',
    'toString': '{ "label": "x", "toString": 1 }',
    'hasOwnProperty': '{ "label": "x", "hasOwnProperty": 1 }',
  }
  for (const [key, body] of Object.entries(bodies)) {
    it(`a payload with ${key} is invalid_payload naming it, over HTTP and on a socket`, async () => {
      const overHttp = await post(wire.url, 'site-create', body, wire.adminToken)
      expect(overHttp.status).to.equal(400)
      expect(faultPaths(refusal(overHttp.body, 'invalid_payload'))).to.include(key)
      const onSocket = await wire.admin.ask('site-create', JSON.parse(body))
      expect(faultPaths(refusal(onSocket, 'invalid_payload'))).to.include(key)
    })
  }

  it('nothing was polluted: an ordinary request is answered as ever', async () => {
    const { body } = await wire.http('site-create', { label: 'Clean' }, wire.adminToken)
    expect(success(body)).to.not.have.property('polluted')
  })

  for (const event of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
    it(`the event ${event} is unknown_event`, async () => {
      refusal(await wire.admin.ask(event, {}), 'unknown_event')
      expect((await wire.http(event, {}, wire.adminToken)).status).to.equal(404)
    })
  }
})

onEachDatabase('Text that a database does not take', (wire) => {
  const texts = { 'a NUL': 'a\u0000b', 'a lone high surrogate': 'a\ud800b', 'a lone low surrogate': 'a\udc00b' } as const
  for (const [what, wrong] of Object.entries(texts)) {
    const payloads: Readonly<Record<string, readonly [string, unknown]>> = {
      'a field': ['site-create', { label: wrong }],
      'an id': ['site-get', { id: wrong }],
      'a search': ['site-list-request', { search: wrong }],
      'a filter': ['department-list-request', { filter: { siteId: wrong } }],
      'metadata': ['user-create', { firstName: 'A', lastName: 'B', email: 'nul@example.com', metadata: { deep: [wrong] } }],
      'a key of metadata': ['user-create', { firstName: 'A', lastName: 'B', email: 'nul@example.com', metadata: { [wrong]: 1 } }],
      'a requestId': ['ping', { requestId: wrong }],
      'an address': ['auth-login', { email: `${wrong}@example.com`, password: 'x' }],
      'a password': ['auth-login', { email: 'a@example.com', password: wrong }],
    }
    for (const [where, [event, payload]] of Object.entries(payloads)) {
      it(`${what} in ${where} is invalid_payload, on a socket and over HTTP`, async () => {
        for (const reply of [await wire.admin.ask(event, payload), (await wire.http(event, payload, wire.adminToken)).body]) {
          refusal(reply, 'invalid_payload')
          expectNoLeak(reply)
        }
      })
    }
  }

  it('a proper surrogate pair is text like any other', async () => {
    expect(await wire.admin.ok('site-create', { label: 'Pâté 🥖 漢字' })).to.include({ label: 'Pâté 🥖 漢字' })
  })
})

onAnyDatabase('Shapes and sizes', (wire) => {
  const nested = (depth: number): unknown => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)
  const person = (metadata: unknown): object => ({ firstName: 'A', lastName: 'B', email: `${unique('shape')}@example.com`, metadata })

  it('"depth 16": deeper is invalid_payload, ordinary depth is not', async () => {
    refusal(await wire.admin.ask('user-create', person(nested(17))), 'invalid_payload')
    refusal(await wire.admin.ask('user-create', person(nested(200))), 'invalid_payload')
    await wire.admin.ok('user-create', { ...person(nested(8)) })
  })

  it('a depth of tens of thousands is invalid_payload, and the server lives', async () => {
    for (const [open, close] of [['[', ']'], ['{"a":', '}']] as const) {
      const depth = open === '[' ? 30_000 : 10_000
      const { status, body } = await post(
        wire.url, 'user-create', `{"metadata":${open.repeat(depth)}1${close.repeat(depth)}}`, wire.adminToken,
      )
      expect(status).to.equal(400)
      refusal(body, 'invalid_payload')
    }
    success(await wire.admin.ask('ping'))
  })

  it('"1,000 keys or items": more is invalid_payload, some hundreds are not', async () => {
    refusal(await wire.admin.ask('user-create', person({ list: Array.from({ length: 1_001 }, () => 0) })), 'invalid_payload')
    refusal(
      await wire.admin.ask('user-create', person(Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [index, 0])))),
      'invalid_payload',
    )
    refusal(
      await wire.admin.ask('department-list-request', { filter: { siteId: { in: Array.from({ length: 1_001 }, () => 'x') } } }),
      'invalid_payload',
    )
    await wire.admin.ok('user-create', { ...person({ list: Array.from({ length: 500 }, () => 0) }) })
  })

  for (const page of [1_000_000_000, Number.MAX_SAFE_INTEGER, 2 ** 53, 1e300]) {
    it(`a huge page, ${page}: an empty page or invalid_payload`, async () => {
      const reply = row(await wire.admin.ask('site-list-request', { page }))
      if ('error' in reply) refusal(reply, 'invalid_payload')
      else expect(reply['items']).to.deep.equal([])
      expectNoLeak(reply)
    })
  }

  for (const source of ['1e999', '-1e999']) {
    it(`a number beyond all numbers, ${source}, for page is invalid_payload`, async () => {
      refusal((await post(wire.url, 'site-list-request', `{"page":${source}}`, wire.adminToken)).body, 'invalid_payload')
    })
  }

  it('binary: a buffer anywhere is invalid_payload', async () => {
    for (const payload of [{ label: Buffer.from('x') }, { id: Buffer.from('x'), label: 'x' }, { label: 'x', extra: Buffer.alloc(10) }]) {
      refusal(await wire.admin.ask('site-create', payload), 'invalid_payload')
    }
    refusal(await wire.admin.ask('user-create', person({ bytes: Buffer.from('x') })), 'invalid_payload')
  })

  it('"Values are never coerced"', async () => {
    for (const label of [5, true, null, ['x'], { toString: 'x' }])
      refusal(await wire.admin.ask('site-create', { label }), 'invalid_payload')
    refusal(await wire.admin.ask('site-get', { id: 5 }), 'invalid_payload')
  })

  it('a body that is no JSON is invalid_payload', async () => {
    for (const body of ['{', 'x', '{"label":}', '{"label":"x"}x', '{"label":"\u0001"}']) {
      const reply = await post(wire.url, 'site-create', body, wire.adminToken)
      expect(reply.status).to.equal(400)
      refusal(reply.body, 'invalid_payload')
      expectNoLeak(reply.body)
    }
  })

  it('text that would be SQL is only text', async () => {
    for (const label of ["'; drop table sites; --", '" or 1=1', '${1}', '$1', '?', ':id', '??']) {
      expect(await wire.admin.ok('site-create', { label })).to.include({ label })
      await wire.admin.ok('site-list-request', { search: label })
    }
  })
})

onAnyDatabase('Events that are none', (wire) => {
  for (const event of [
    'no-such-event', 'site', 'site-explode', 'SITE-GET', 'site-get ', 'site-list', 'site-list-response', 'site-get-response', 'pong',
    'session', '',
  ]) {
    it(`${JSON.stringify(event)} is unknown_event`, async () => {
      refusal(await wire.admin.ask(event, {}), 'unknown_event')
    })
  }

  for (const event of ['user-changed', 'site-changed', 'feed-resync', 'server-stopping', 'session-expired', 'error']) {
    it(`${event} sent by a client is unknown_event, reaches nobody and harms nothing`, async () => {
      const [client, other] = [await wire.connect(wire.adminToken), await wire.connect(wire.adminToken)]
      const payload = { id: unique('forged'), action: 'delete', version: 99, pos: 1 }
      refusal(await client.ask(event, payload), 'unknown_event')
      client.socket.emit(event, payload)
      client.socket.emit(event)
      await client.ask('ping')
      await wire.settle(client, other)
      for (const { heard } of [client, other])
        expect(JSON.stringify(heard.filter((each) => each.event === event))).to.not.include(payload.id)
      expect(await client.ask('ping')).to.deep.equal({})
    })
  }

  it('an unknown event without an acknowledgement is answered by its response event, once', async () => {
    const client = await wire.connect(wire.adminToken)
    refusal(await client.askByEvent('no-such-event', 'no-such-event-response', {}), 'unknown_event')
    refusal(await client.askByEvent('no-such-request', 'no-such-response', {}), 'unknown_event')
    await wire.settle(client)
    expect(client.heard.filter(({ event }) => event === 'no-such-event-response')).to.have.lengthOf(1)
  })

  it('an unknown event over HTTP is unknown_event', async () => {
    refusal((await wire.http('no-such-event', {}, wire.adminToken)).body, 'unknown_event')
  })

  it('an acknowledgement that is no function does not end the server', async () => {
    wire.admin.socket.emit('site-list-request', {}, 'not a function')
    expect(await wire.admin.ask('ping')).to.deep.equal({})
  })

  it('a refused request of each kind has changed nothing', async () => {
    const client = await wire.connect(wire.adminToken)
    const changes = await wire.changesDuring(client, async () => {
      for (const payload of [null, [], 'x', { label: 5 }, { label: 'x', bogus: 1 }, { label: 'a\u0000' }]) {
        refusal(await wire.admin.ask('site-create', payload), 'invalid_payload')
      }
    })
    expect(changes).to.deep.equal([])
  })
})
