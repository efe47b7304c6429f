// What HTTP clients send: types, encodings, charsets. Bodies are JSON in UTF-8; everything else is refused by name.

import { expect } from 'chai'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { onAnyDatabase } from './support/databases.ts'
import { send } from '../kit/http.ts'
import type { HttpReply } from '../kit/http.ts'
import { refusal, success } from '../kit/replies.ts'
import { administrator, allowedOrigins } from './support/server.ts'
import type { Wire } from './support/wire.ts'

const json = JSON.stringify(administrator)

const login = async (wire: Wire, body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Promise<HttpReply> =>
  send(wire.url, { path: '/api/auth-login', headers, body })

onAnyDatabase('Types of bodies', (wire) => {
  const good = ['application/json', 'Application/JSON', 'application/json; charset=utf-8', 'application/json;charset="UTF-8"', 'application/json; charset=us-ascii', 'text/json', 'application/vnd.api+json', 'application/problem+json; x=1']
  for (const type of good) {
    it(`"${type}" is JSON, from pages too`, async () => {
      success((await login(wire, json, { 'content-type': type })).body)
      success((await login(wire, json, { 'content-type': type, 'origin': allowedOrigins[0] })).body)
    })
  }

  const unsaid: readonly (Readonly<Record<string, string>>)[] =
    [{}, { 'content-type': 'text/plain' }, { 'content-type': 'text/plain;charset=UTF-8' }, { 'content-type': 'application/x-www-form-urlencoded' }]
  for (const headers of unsaid) {
    it(`"${headers['content-type'] ?? ''}", as curl and others send it, is read as JSON; a page must say that it is`, async () => {
      success((await login(wire, json, headers)).body)
      for (const page of [
        { origin: allowedOrigins[0] }, { origin: wire.url }, { referer: 'https://evil.example/' }, { 'sec-fetch-dest': 'empty' },
      ]) {
        const { status, body } = await login(wire, json, { ...headers, ...page })
        expect(status).to.equal(415)
        expect(refusal(body, 'invalid_payload').message).to.include('application/json')
      }
    })
  }

  for (const type of [
    'multipart/form-data; boundary=x', 'application/xml', 'text/html', 'application/octet-stream', 'application/jsonp',
    'application/json-seq', 'image/png', 'json', 'x'.repeat(2000),
  ]) {
    it(`"${type.slice(0, 40)}" is 415`, async () => {
      const { status, body } = await login(wire, json, { 'content-type': type })
      expect(status).to.equal(415)
      expect(refusal(body, 'invalid_payload').message).to.include(type.split(';')[0]?.slice(0, 60))
    })
  }

  it('a byte order mark, line ends of Windows and blanks around it are no matter', async () => {
    success((await login(wire, Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(json)]))).body)
    success((await login(wire, `\r\n ${JSON.stringify(administrator, null, 2).replaceAll('\n', '\r\n')}\r\n`)).body)
  })

  for (const [what, body, headers] of [
    ['Latin-1, said', Buffer.from('{"email":"é@x.example","password":"x"}', 'latin1'), { 'content-type': 'application/json; charset=iso-8859-1' }],
    ['Latin-1, unsaid', Buffer.from('{"email":"é@x.example","password":"x"}', 'latin1'), { 'content-type': 'application/json' }],
    ['ASCII said to be UTF-16', Buffer.from(json), { 'content-type': 'application/json; charset=utf-16' }],
    ['UTF-16', Buffer.from(`\ufeff${json}`, 'utf16le'), {}],
    ['null', Buffer.from('null'), { 'content-type': 'application/json' }],
    ['an array', Buffer.from('[]'), { 'content-type': 'application/json' }],
    ['a form', Buffer.from('email=a&password=b'), { 'content-type': 'application/x-www-form-urlencoded' }],
  ] as const) {
    it(`${what} is invalid_payload, 400`, async () => {
      const { status, body: reply } = await login(wire, body, headers)
      expect(status).to.equal(400)
      refusal(reply, 'invalid_payload')
    })
  }

  it('nothing is {}, whatever its type', async () => {
    for (const headers of [{}, { 'content-type': 'text/xml' }])
      expect((await send(wire.url, { path: '/api/ping', headers, body: '' })).body).to.deep.equal({})
  })
})

onAnyDatabase('Encodings of bodies', (wire) => {
  for (const [encoding, encode] of Object.entries({
    'gzip': gzipSync, 'x-gzip': gzipSync, 'GZip': gzipSync, 'deflate': deflateSync, 'br': brotliCompressSync, 'identity': Buffer.from,
    'gzip, identity': gzipSync,
  })) {
    it(`${encoding} is understood`, async () => {
      success((await login(wire, encode(Buffer.from(json)), { 'content-type': 'application/json', 'content-encoding': encoding })).body)
    })
  }
  it('bare deflate, which some clients send, is understood', async () => {
    success((await login(wire, deflateRawSync(json), { 'content-type': 'application/json', 'content-encoding': 'deflate' })).body)
  })

  for (const encoding of ['zstd', 'compress', 'gzip, gzip', 'constructor', 'x'.repeat(500)]) {
    it(`${encoding.slice(0, 20)} is 415, named`, async () => {
      const { status, body, headers } = await login(wire, json, { 'content-type': 'application/json', 'content-encoding': encoding })
      expect(status).to.equal(415)
      expect(refusal(body, 'invalid_payload').message).to.include(encoding.slice(0, 20))
      expect(headers['accept-encoding']).to.equal('gzip, deflate, br')
    })
  }

  const bomb = Buffer.from(`{"email":"${'x'.repeat(20_000_000)}"}`)
  for (const [encoding, encode] of Object.entries({ gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync })) {
    it(`20 MB in a small body of ${encoding} are payload_too_large, and go no further`, async () => {
      const body = encode(bomb)
      expect(body.length).to.be.lessThan(64 * 1024)
      const { status, body: reply } = await login(wire, body, { 'content-type': 'application/json', 'content-encoding': encoding })
      expect(status).to.equal(413)
      refusal(reply, 'payload_too_large')
    })

    it(`what is said to be ${encoding} and is not, or is cut off, is invalid_payload`, async () => {
      for (const body of [Buffer.from(json), encode(Buffer.from(json)).subarray(0, 20)]) {
        const { status, body: reply } = await login(wire, body, { 'content-type': 'application/json', 'content-encoding': encoding })
        expect(status).to.equal(400)
        refusal(reply, 'invalid_payload')
      }
    })
  }
})
