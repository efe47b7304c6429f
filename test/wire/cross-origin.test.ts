// docs/protocol.md §8: "Origins: the server's own, none, and those of CORS_ORIGIN": who is told what, by every way
// in, on refusals and errors too.

import { expect } from 'chai'
import { onAnyDatabase, onOwnServer } from './support/databases.ts'
import { send } from '../kit/http.ts'
import type { HttpReply, HttpRequest } from '../kit/http.ts'
import { refusal } from '../kit/replies.ts'
import { allowedOrigins } from './support/server.ts'
import type { Wire } from './support/wire.ts'

const handshake = '/socket.io/?EIO=4&transport='
const upgrade = { 'connection': 'Upgrade', 'upgrade': 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }

/** Every way in, with the status of an answer to whom it is open. */
const ways: Readonly<Record<string, HttpRequest & { readonly right: number }>> = {
  'POST /api/<event>': { path: '/api/auth-password-policy', headers: { 'content-type': 'application/json' }, body: '{}', right: 200 },
  'an event that there is not': { path: '/api/no-such-event', headers: { 'content-type': 'application/json' }, body: '{}', right: 404 },
  'an event that asks for a token': { path: '/api/auth-me', headers: { 'content-type': 'application/json' }, body: '{}', right: 401 },
  'a body that is no JSON': { path: '/api/auth-login', headers: { 'content-type': 'application/json' }, body: '{', right: 400 },
  'a body that is too large': {
    path: '/api/auth-login', headers: { 'content-type': 'application/json' }, body: `"${'x'.repeat(70_000)}"`, right: 413,
  },
  'a body of another type': { path: '/api/auth-login', headers: { 'content-type': 'text/xml' }, body: '<x/>', right: 415 },
  'another method': { method: 'PUT', path: '/api/auth-login', right: 404 },
  'no route': { method: 'GET', path: '/nothing', right: 404 },
  '/health/live': { method: 'GET', path: '/health/live', right: 200 },
  'a preflight of HTTP': { method: 'OPTIONS', path: '/api/auth-me', headers: { 'access-control-request-method': 'POST' }, right: 204 },
  'a preflight of polling': {
    method: 'OPTIONS', path: `${handshake}polling`, headers: { 'access-control-request-method': 'POST' }, right: 204,
  },
  'polling': { method: 'GET', path: `${handshake}polling`, right: 200 },
  'polling by POST without a session': { path: `${handshake}polling`, body: '', right: 400 },
  'polling of a session that is gone': { method: 'GET', path: `${handshake}polling&sid=gone`, right: 400 },
  'a transport that there is not': { method: 'GET', path: `${handshake}pigeon`, right: 400 },
  'a WebSocket': { method: 'GET', path: `${handshake}websocket`, headers: upgrade, right: 101 },
}

const ask = async (
  wire: Wire, { right: _right, headers, ...request }: HttpRequest & { readonly right: number }, more: Readonly<Record<string, string>>,
): Promise<HttpReply> =>
  send(wire.url, { ...request, headers: { ...headers, ...more } })

onAnyDatabase('Pages of other origins', (wire) => {
  for (const [what, way] of Object.entries(ways)) {
    it(`${what}: a page of CORS_ORIGIN is answered and named, credentials and all`, async () => {
      for (const origin of allowedOrigins) {
        const { status, headers } = await ask(wire, way, { origin })
        expect(status).to.equal(way.right)
        if (status === 101) continue
        expect(headers['access-control-allow-origin']).to.equal(origin)
        expect(headers['access-control-allow-credentials']).to.equal('true')
        expect(headers.vary).to.match(/^origin/)
      }
    })

    it(`${what}: any other page is refused and not named, whatever Host says`, async () => {
      for (const [origin, host] of [
        ['https://evil.example', '127.0.0.1'], ['http://evil.example', 'evil.example'], ['null', 'evil.example'],
        ['capacitor://localhost', 'localhost'], [`${allowedOrigins[0]}:8443`, 'x'],
      ] as const) {
        const { status, headers, body } = await ask(wire, way, { origin, host })
        expect(status, origin).to.equal(403)
        expect(headers['access-control-allow-origin'], origin).to.equal(undefined)
        expect(headers['access-control-allow-credentials'], origin).to.equal(undefined)
        expect(headers.vary).to.equal('origin')
        if (way !== ways['a WebSocket']) refusal(body, 'forbidden')
      }
    })

    it(`${what}: without an origin it is answered, and nobody is named`, async () => {
      const { headers, status } = await ask(wire, way, {})
      expect(status).to.not.equal(403)
      expect(headers['access-control-allow-origin']).to.equal(undefined)
    })
  }

  it('a preflight says what may be sent', async () => {
    const { headers } = await send(wire.url, {
      method: 'OPTIONS', path: '/api/user-create',
      headers: { 'origin': allowedOrigins[0], 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization, content-type, x-trace' },
    })
    expect(headers['access-control-allow-methods']).to.include('POST')
    expect(headers['access-control-allow-headers']).to.equal('authorization, content-type, x-trace')
    expect(headers['vary']).to.equal('origin, access-control-request-headers')
  })
})

const shells = ['capacitor://localhost', 'ionic://localhost', 'tauri://localhost', 'chrome-extension://abcdefghijklmnopabcdefghijklmnop', 'app://localhost']

onOwnServer('Mobile shells and extensions in CORS_ORIGIN, and PUBLIC_URL',
  { CORS_ORIGIN: shells.join(', '), PUBLIC_URL: 'https://own.example/base' }, (wire) => {
  for (const origin of [...shells, 'https://own.example']) {
    it(`${origin} may ask by HTTP, polling and WebSocket`, async () => {
      for (const what of ['POST /api/<event>', 'polling', 'a WebSocket'] as const) {
        const way = ways[what]
        if (way === undefined) throw new Error(what)
        expect((await ask(wire, way, { origin })).status, what).to.equal(way.right)
      }
      const client = await wire.connect(wire.adminToken, {}, { transports: ['websocket'], extraHeaders: { Origin: origin } })
      expect(await client.ask('ping')).to.deep.equal({})
    })
  }
})
