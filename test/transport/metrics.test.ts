// GET /metrics: who may read it, what it counts, and that the pages about it name what there is.
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { definePlugin } from '../../core/define/index.ts'
import { isLoopback } from '../../core/transport/address.ts'
import { onEmbedded } from '../kit/databases.ts'
import { send } from '../kit/http.ts'
import { appWith, compiled } from '../kit/server.ts'
import { TestServer } from '../kit/test-server.ts'

const read = async (url: string, headers: Readonly<Record<string, string>> = {}): Promise<string> =>
  String((await send(url, { method: 'GET', path: '/metrics', headers })).body)
const status = async (url: string, headers: Readonly<Record<string, string>> = {}): Promise<number> =>
  (await send(url, { method: 'GET', path: '/metrics', headers })).status

/** The value of a line, by its name and labels as they are written. */
const valueOf = (page: string, line: string): number | undefined => {
  const found = page.split('\n').find((each) => each.startsWith(`${line} `))
  return found === undefined ? undefined : Number(found.slice(line.length + 1))
}
const namesOf = (page: string): string[] => [...page.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name)

const operations = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8')
const dashboard = readFileSync(new URL('../../docs/grafana-dashboard.json', import.meta.url), 'utf8')

onEmbedded('GET /metrics', () => {
  const house = new TestServer('embedded', { environment: { TRUST_PROXY: '10.0.0.1' } })
  before(() => house.open())
  after(() => house.close())

  it('is for this machine, and not for what came through a proxy', async () => {
    expect(await status(house.url)).to.equal(200)
    for (const header of ['x-forwarded-for', 'x-forwarded-host', 'forwarded', 'x-real-ip', 'via', 'cf-connecting-ip', 'true-client-ip'])
      expect(await status(house.url, { [header]: '127.0.0.1' }), header).to.equal(403)
    for (const host of ['localhost', 'localhost:3000', 'app.localhost', '127.0.0.1:3000', '[::1]:3000'])
      expect(await status(house.url, { host }), host).to.equal(200)
    // A page whose name was made to lead here, and proxies that say nothing of themselves but pass the name on.
    for (const host of ['evil.example', 'evil.example:3000', '127.0.0.1.evil.example', 'localhost.evil.example', '10.0.0.1', 'x@y z'])
      expect(await status(house.url, { host }), host).to.equal(403)
    for (const [address, here] of Object.entries({
      '127.0.0.1': true, '127.8.0.1': true, '::1': true, '::ffff:127.0.0.1': true, '10.0.0.1': false, '::ffff:10.0.0.1': false,
      '2001:db8::1': false, '128.0.0.1': false,
    })) expect(isLoopback(address), address).to.equal(here)
    expect(isLoopback(undefined)).to.equal(false)
  })

  it('counts requests by event and code; what clients make up is one event', async () => {
    const before = await read(house.url)
    await house.ok('site-create', { label: 'One' }, house.admin)
    await house.no('invalid_payload', 'site-create', { label: 1 }, house.admin)
    for (const event of ['no-such', 'nor-this', '__proto__', 'constructor']) await house.no('unknown_event', event, {}, house.admin)
    await house.no('unauthenticated', 'site-create', { label: 'Two' })
    const page = await read(house.url)
    const grown = (line: string): number => (valueOf(page, line) ?? 0) - (valueOf(before, line) ?? 0)
    expect(grown('sovrane_requests_total{event="site-create",code="ok"}')).to.equal(1)
    expect(grown('sovrane_requests_total{event="site-create",code="invalid_payload"}')).to.equal(1)
    expect(grown('sovrane_requests_total{event="site-create",code="unauthenticated"}')).to.equal(1)
    expect(grown('sovrane_requests_total{event="unknown",code="unknown_event"}')).to.equal(4)
    expect(grown('sovrane_request_duration_seconds_count{event="site-create"}')).to.equal(3)
    expect(grown('sovrane_statements_total{pool="requests"}')).to.be.greaterThan(2)
    expect(grown('sovrane_feed_position')).to.be.at.least(0)
    expect(page).to.not.contain('no-such')
  })

  it('counts sockets by namespace, and knows itself', async () => {
    const client = await house.socket(house.admin)
    const lobby = await house.lobby()
    const page = await read(house.url)
    expect(valueOf(page, 'sovrane_sockets{namespace="/"}')).to.equal(1)
    expect(valueOf(page, 'sovrane_sockets{namespace="/auth"}')).to.equal(1)
    expect(valueOf(page, 'sovrane_transports')).to.equal(2)
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
    expect(valueOf(page, `sovrane_build_info{version="${version}"}`)).to.equal(1)
    expect(valueOf(page, 'sovrane_auth_hashing')).to.equal(0)
    client.close()
    lobby.close()
  })

  it('docs/operations.md has each of them, and no other', async () => {
    const told = [...operations.matchAll(/^\| `((?:sovrane|process|nodejs)_[a-z_]+)/gm)].map(([, name = '']) => name)
    expect(told.toSorted()).to.deep.equal(namesOf(await read(house.url)).toSorted())
  })

  it('docs/grafana-dashboard.json uses only what there is', async () => {
    const names = new Set(namesOf(await read(house.url)).flatMap((name) => [name, `${name}_bucket`, `${name}_count`, `${name}_sum`]))
    const { panels } = JSON.parse(dashboard) as { panels: readonly { readonly targets: readonly { readonly expr: string }[] }[] }
    const used = panels.flatMap(({ targets }) => targets).flatMap(({ expr }) => expr.match(/\b(?:sovrane|process|nodejs)_\w+/g) ?? [])
    expect(used.length).to.be.greaterThan(10)
    expect(used.filter((name) => !names.has(name))).to.deep.equal([])
  })

  it('METRICS=public opens it to everybody', async () => {
    await house.restart({ METRICS: 'public' })
    expect(await status(house.url, { 'x-forwarded-for': '192.0.2.1' })).to.equal(200)
  })

  it('METRICS_PORT has it at a port of its own, and nowhere else', async () => {
    await house.restart({ METRICS_PORT: '0' })
    const line = house.log.lines.findLast(({ message }) => message.startsWith('metrics are read'))
    const { port } = (line?.details ?? {}) as { port?: number }
    expect(await status(house.url)).to.equal(404)
    expect(await read(`http://127.0.0.1:${port}`)).to.contain('sovrane_build_info')
    expect(await status(`http://127.0.0.1:${port}`, { 'x-forwarded-for': '127.0.0.1' })).to.equal(403)
    expect((await send(`http://127.0.0.1:${port}`, { method: 'POST', path: '/api/auth-login' })).status).to.equal(404)
  })
})

describe('The figures of plugins', () => {
  const withFigures = (...names: readonly string[]) => () => compiled(appWith(definePlugin({
    name: 'probe', setup: () => ({ metrics: names.map((name) => ({ name, help: '', kind: 'gauge' as const, read: () => 1 })) }),
  })))

  it('are named by their plugin, each once', () => {
    expect(withFigures('sovrane_probe_depth')).to.not.throw()
    expect(withFigures('depth')).to.throw('must begin with sovrane_probe_')
    expect(withFigures('sovrane_probe_depth_total')).to.throw('ends with _total')
    expect(withFigures('sovrane_probe_depth', 'sovrane_probe_depth')).to.throw('declared twice')
  })
})
