// docs/protocol.md §2: a number that JavaScript cannot hold exactly is refused, not changed; of free JSON only `__proto__` is no key.

import { expect } from 'chai'
import { WebSocket } from 'ws'
import { onEachDatabase } from './support/databases.ts'
import { faultPaths, refusal, row } from '../kit/replies.ts'
import { post } from '../kit/http.ts'
import { unique } from './support/wire.ts'

const inexact = [
  '9007199254740993', '-9007199254740993', '9007199254740992', '12345678901234567890', '1152921504606846976', '100000000000000000000', '1e400', '-1e400', '1e-400', '0.1234567890123456789',
  '3.14159265358979323846', '9007199254740993.0', '1234567890123456.78', '123456789012345678e-5', '1.00000000000000000001', '9'.repeat(400), `0.${'0'.repeat(400)}1`,
]
const exact = [
  '0', '-0', '1', '-1', '9007199254740991', '-9007199254740991', '0.1', '0.30000000000000004', '1.50', '3.141592653589793', '1e3', '1E+3',
  '12e-1', '6.02e23', '1.7976931348623157e308', '5e-324',
  '0.00000000000000000001', '1000000000000000.5', '0e400', '100.00000000000000000000',
]

onEachDatabase('Numbers', (wire) => {
  let id = ''
  before(async () => {
    id = String((await wire.admin.ok('user-create', { firstName: 'N', lastName: 'N', email: `${unique('number')}@example.com` }))['id'])
  })

  /** What a client that writes its own JSON gets, over HTTP and over a bare WebSocket. */
  const doors: Readonly<Record<string, (json: string) => Promise<unknown>>> = {
    HTTP: async (json) => (await post(wire.url, 'user-update', json, wire.adminToken)).body,
    Socket: async (json) => new Promise((resolve, reject) => {
      const socket = new WebSocket(`${wire.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`)
      socket.on('error', reject)
      socket.on('message', (data: Buffer) => {
        const text = data.toString('utf8')
        if (text.startsWith('0')) socket.send(`40${JSON.stringify({ token: wire.adminToken })}`)
        if (text.startsWith('42["session"')) socket.send(`4217["user-update",${json}]`)
        if (!text.startsWith('4317')) return
        socket.close()
        resolve((JSON.parse(text.slice(4)) as unknown[])[0])
      })
    }),
  }

  for (const [door, ask] of Object.entries(doors)) {
    it(`${door}: what would be changed is refused, with its place`, async () => {
      for (const number of inexact) {
        const places: [json: string, path: string][] = [
          [`{"deep":[1,${number}]}`, 'metadata.deep.1'], [`{"a":"\\"${number}\\\\","b": ${number} }`, 'metadata.b'],
        ]
        for (const [json, path] of places) {
          expect(faultPaths(refusal(await ask(`{"id":"${id}","metadata":${json}}`), 'invalid_payload')), number).to.deep.equal([path])
        }
      }
    }).timeout(20_000)

    it(`${door}: what can be held is kept, and numbers in texts are texts`, async () => {
      const reply = row(await ask(`{"id":"${id}","metadata":{"all":[${exact.join(',')}],"text":"9007199254740993 \\" 1e400"}}`))
      expect(reply['metadata']).to.deep.equal({ all: exact.map((number) => Number(number) + 0), text: '9007199254740993 " 1e400' })
    })
  }

  it('numbers that no payload can have are refused where a number is asked for', async () => {
    for (const [event, field] of [['site-list-request', 'page'], ['site-list-request', 'limit'], ['user-update', 'ifVersion']] as const) {
      const body = `{"id":"${id}","${field}":9007199254740993}`.replace(`"id":"${id}",`, event === 'user-update' ? `"id":"${id}",` : '')
      expect(faultPaths(refusal((await post(wire.url, event, body, wire.adminToken)).body, 'invalid_payload'))).to.deep.equal([field])
    }
  })

  it('constructor and prototype are keys of free JSON like any other, __proto__ is none', async () => {
    for (const metadata of [
      { constructor: 1 }, { prototype: { constructor: { name: 'x' } } }, { deep: [{ constructor: 'a', toString: 'b', hasOwnProperty: 1 }] },
    ]) {
      expect((await wire.admin.ok('user-update', { id, metadata }))['metadata']).to.deep.equal(metadata)
      expect((await wire.admin.ok('user-get', { id }))['metadata']).to.deep.equal(metadata)
    }
    for (const json of ['{"__proto__":1}', '{"a":[{"__proto__":{"b":1}}]}']) {
      const before = await wire.admin.ok('user-get', { id })
      refusal((await post(wire.url, 'user-update', `{"id":"${id}","metadata":${json}}`, wire.adminToken)).body, 'invalid_payload')
      expect(await wire.admin.ok('user-get', { id })).to.deep.equal(before)
    }
  })
})
