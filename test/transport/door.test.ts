// The net under the handlers, and what is logged of refused origins.
import { expect } from 'chai'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { guardDoor } from '../../core/transport/door.ts'
import { originCheck } from '../../core/transport/origin.ts'
import { recordingLog, type Recorded } from '../kit/server.ts'
import { send } from '../kit/http.ts'
import { refusal } from '../kit/replies.ts'

const upgrade = { 'connection': 'Upgrade', 'upgrade': 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }

interface Guarded {
  readonly url: string
  readonly log: Recorded
  readonly server: Server
}

/** A guarded server whose handlers throw on /throws. */
const guarded = async (): Promise<Guarded> => {
  const log = recordingLog()
  const server = createServer((request, response) => {
    if (request.url === '/throws') throw new Error('a fault of ours')
    response.end('fine')
  })
  server.on('upgrade', () => {
    throw new Error('a fault of ours')
  })
  guardDoor(server, { origins: originCheck({ list: '', host: '127.0.0.1' }), log, times: { keepAlive: 75, headers: 15, request: 30 } })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, log, server }
}

describe('transport: the door', () => {
  let door: Guarded
  beforeEach(async () => {
    door = await guarded()
  })
  afterEach(() => door.server.close())

  it('a handler that throws is answered internal and logged; others are still served', async () => {
    const { status, body } = await send(door.url, { method: 'GET', path: '/throws' })
    expect(status).to.equal(500)
    expect(JSON.stringify(refusal(body, 'internal'))).to.not.include('fault of ours')
    expect(door.log.lines.map(({ level, message }) => `${level}: ${message}`)).to.deep.equal(['error: an HTTP request failed'])
    expect((await send(door.url, { method: 'GET', path: '/' })).body).to.equal('fine')
  })

  it('a handler of upgrades that throws ends that connection alone', async () => {
    const error: unknown = await send(door.url, { method: 'GET', path: '/', headers: upgrade })
      .then(() => undefined, (thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(Error)
    expect(door.log.lines.map(({ level }) => level)).to.deep.equal(['error'])
    expect((await send(door.url, { method: 'GET', path: '/' })).body).to.equal('fine')
  })

  it('a refused origin is logged once, with what lets it in; a flood of made-up ones fills no log', async () => {
    for (let time = 0; time < 3; time += 1) {
      await send(door.url, { method: 'GET', path: '/', headers: { origin: 'https://app.example.com' } })
      await send(door.url, { method: 'GET', path: '/', headers: { origin: 'https://app.example.com', ...upgrade } })
    }
    expect(door.log.lines).to.have.length(1)
    const [line] = door.log.lines
    expect(line).to.deep.include({ level: 'warn', details: { origin: 'https://app.example.com' } })
    expect(line?.message).to.include('CORS_ORIGIN')
    for (let number = 0; number < 300; number += 1)
      await send(door.url, { method: 'GET', path: '/', headers: { origin: `https://${number}.example` } })
    expect(door.log.lines).to.have.length(100)
  })

  it('keeps connections between two requests longer than a request may take to come', () => {
    const { keepAliveTimeout, headersTimeout, requestTimeout } = door.server
    expect([keepAliveTimeout, headersTimeout, requestTimeout]).to.deep.equal([75_000, 15_000, 30_000])
  })
})
