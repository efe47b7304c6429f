// Files that plugins serve, over HTTP: anonymous, told apart by ETags, compressed for who takes it, and bounded like requests.
import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import { definePlugin, type WebFile } from '../../core/define/index.ts'
import { BootError } from '../../core/model/faults.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { send, type HttpReply } from '../kit/http.ts'
import { appWith, compiled, startApp, type RunningApp } from '../kit/server.ts'

const text = 'A page. '.repeat(400)
const counts = { made: 0, failing: 1 }

const files: readonly WebFile[] = [
  { path: '/probe', type: 'text/html; charset=utf-8', content: () => { counts.made += 1; return Promise.resolve(text) } },
  { path: '/probe/small.css', type: 'text/css', maxAge: 60, policy: "default-src 'self'", content: () => 'p { color: red }' },
  { path: '/probe/events.json', type: 'application/json', content: ({ events }) => JSON.stringify(events.map(({ event }) => event)) },
  {
    path: '/probe/late', type: 'text/plain', content: () => {
      counts.failing -= 1
      if (counts.failing >= 0) throw new Error('not yet')
      return 'late'
    },
  },
]

const probe = definePlugin({ name: 'probe', setup: () => ({ files }) })

const get = (url: string, path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<HttpReply> =>
  send(url, { path, method, headers })

/** As `fetch`, which says what it takes; the body is left packed. */
const fetchRaw = (url: string, path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
  new Promise<{ readonly status: number; readonly body: string; readonly bytes: Buffer; readonly headers: Headers }>((resolve, reject) => {
    const outgoing = request(new URL(path, url), { method, headers }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => void chunks.push(chunk))
      incoming.on('end', () => {
        const bytes = Buffer.concat(chunks)
        const named = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)])
        resolve({ status: incoming.statusCode ?? 0, body: bytes.toString(), bytes, headers: new Headers(named) })
      })
    })
    outgoing.on('error', reject)
    outgoing.end()
  })

onAnyDatabase('transport: files of plugins', (kind) => {
  let running: RunningApp | undefined
  const url = (): string => running?.server.url ?? ''

  before(async function () {
    this.timeout(120_000)
    running = await startApp(appWith(probe), kind, { CORS_ORIGIN: 'https://app.example', RATE_LIMIT_EVENTS: '1' })
  })
  after(async () => running?.stop())

  it('are read by anyone, with all that a browser must know of them', async () => {
    const { status, body, headers } = await fetchRaw(url(), '/probe')
    expect([status, body]).to.deep.equal([200, text])
    expect(headers.get('content-type')).to.equal('text/html; charset=utf-8')
    expect(headers.get('cache-control')).to.equal('no-cache')
    expect(headers.get('x-content-type-options')).to.equal('nosniff')
    expect(headers.get('referrer-policy')).to.equal('no-referrer')
    expect(headers.get('content-security-policy')).to.include("default-src 'none'").and.include("script-src 'self'")
    expect(headers.get('content-security-policy')).to.not.include('unsafe')
    expect(headers.get('etag')).to.equal(`"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`)
    const small = await fetchRaw(url(), '/probe/small.css')
    expect(small.headers.get('cache-control')).to.equal('public, max-age=60')
    expect(small.headers.get('content-security-policy')).to.equal("default-src 'self'")
  })

  it('are made once, of the description', async () => {
    await fetchRaw(url(), '/probe')
    expect(counts.made).to.equal(1)
    const { body } = await fetchRaw(url(), '/probe/events.json')
    expect(JSON.parse(body)).to.deep.equal([...running?.server.assembly.operations.keys() ?? []])
  })

  it('are compressed for who takes it, under an ETag of their own', async () => {
    const packed = await fetchRaw(url(), '/probe', { 'accept-encoding': 'br, gzip;q=0.5' })
    expect(packed.headers.get('content-encoding')).to.equal('gzip')
    expect(packed.headers.get('vary')).to.equal('origin, accept-encoding')
    expect(gunzipSync(packed.bytes).toString()).to.equal(text)
    expect(packed.headers.get('etag')).to.match(/-gzip"$/)
    for (const [encoding, path] of [['gzip;q=0', '/probe'], ['identity', '/probe'], ['gzip', '/probe/small.css']] as const) {
      const plain = await fetchRaw(url(), path, { 'accept-encoding': encoding })
      expect(plain.headers.has('content-encoding'), `${encoding} ${path}`).to.equal(false)
    }
  })

  it('are not sent again to who has them', async () => {
    const etag = (await fetchRaw(url(), '/probe')).headers.get('etag') ?? ''
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await fetchRaw(url(), '/probe', { 'if-none-match': known })
      expect([again.status, again.body], known).to.deep.equal([304, ''])
      expect(again.headers.get('etag')).to.equal(etag)
    }
    expect((await fetchRaw(url(), '/probe', { 'if-none-match': '"other"' })).status).to.equal(200)
  })

  it('answer HEAD with the headers of GET and nothing else, and no other method', async () => {
    const [head, whole] = [await fetchRaw(url(), '/probe', {}, 'HEAD'), await fetchRaw(url(), '/probe')]
    expect([head.status, head.body]).to.deep.equal([200, ''])
    for (const name of ['etag', 'content-length', 'content-type', 'cache-control'])
      expect(head.headers.get(name), name).to.equal(whole.headers.get(name))
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const other = await fetchRaw(url(), '/probe', {}, method)
      expect([other.status, other.headers.get('allow')], method).to.deep.equal([404, 'GET, HEAD, OPTIONS'])
    }
  })

  it('follow the rule of origins, as every answer does', async () => {
    const allowed = await get(url(), '/probe', { origin: 'https://app.example' })
    expect([allowed.status, allowed.headers['access-control-allow-origin']]).to.deep.equal([200, 'https://app.example'])
    const foreign = await get(url(), '/probe', { origin: 'https://evil.example' })
    expect([foreign.status, foreign.headers['access-control-allow-origin']]).to.deep.equal([403, undefined])
  })

  it('are tried again when they could not be made', async () => {
    expect((await fetchRaw(url(), '/probe/late')).status).to.equal(500)
    const { status, body } = await fetchRaw(url(), '/probe/late')
    expect([status, body]).to.deep.equal([200, 'late'])
  })

  it('count for the rate of an address', async () => {
    const statuses = await Promise.all(Array.from({ length: 40 }, async () => (await fetchRaw(url(), '/probe/small.css')).status))
    expect(statuses).to.include(429).and.to.include(200)
    expect(new Set(statuses).size).to.equal(2)
  })
})

describe('transport: paths of files', () => {
  const faultsOf = (...paths: readonly string[]): readonly string[] => {
    try {
      compiled(appWith(definePlugin({
        name: 'probe', setup: () => ({ files: paths.map((path): WebFile => ({ path, type: 'text/plain', content: () => '' })) }),
      })))
      return []
    } catch (error) {
      if (error instanceof BootError) return error.faults
      throw error
    }
  }

  it('are each a plugin\'s own, and none of the engine\'s', () => {
    expect(faultsOf('/', '/console', '/console/app-1.2.js')).to.deep.equal([])
    for (const path of ['console', '/console/', '//x', '/a b', '/../x?y', '']) expect(faultsOf(path), path).to.have.length(1)
    for (const path of ['/api/user-get', '/api', '/socket.io/x', '/health/live', '/metrics']) expect(faultsOf(path), path).to.have.length(1)
    expect(faultsOf('/same', '/same')).to.deep.equal(["probe.files./same: is probe's already"])
    expect(faultsOf('/openapi.json')).to.have.length(1)
  })
})
