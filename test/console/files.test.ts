// What a browser loads of the console: little, from here alone, under a strict policy; and where it is, or is not.
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { app } from '../../app.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { compiled, startApp, type RunningApp } from '../kit/server.ts'

/** Bytes after gzip, before the first list is on the screen. */
const most = { scripts: 60 * 1024, styles: 12 * 1024 }

const visit = { headers: { accept: 'text/html,application/xhtml+xml' } }

const get = async (
  url: string,
): Promise<{ readonly status: number; readonly text: string; readonly size: number; readonly headers: Headers }> => {
  const response = await fetch(url, visit)
  const bytes = Buffer.from(await response.arrayBuffer())
  return { status: response.status, text: bytes.toString(), size: gzipSync(bytes).length, headers: response.headers }
}

/** The scripts that a script needs at once, with those that they need. */
const needed = async (folder: string, name: string, known = new Map<string, number>()): Promise<Map<string, number>> => {
  if (known.has(name)) return known
  const { text, size } = await get(`${folder}${name}`)
  known.set(name, size)
  for (const [, other = ''] of text.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)) await needed(folder, other, known)
  return known
}

const sum = (sizes: Iterable<number>): number => [...sizes].reduce((all, each) => all + each, 0)

onAnyDatabase('console: its files', function (kind) {
  let running: RunningApp | undefined
  const url = (): string => running?.server.url ?? ''

  before(async function () {
    this.timeout(120_000)
    running = await startApp(app, kind)
  })
  after(async () => running?.stop())

  it('are the page at every path that people go to, and nothing to programs', async function () {
    this.timeout(60_000)
    for (const path of ['/', '/resources/site', '/resources/site/x', '/reset-password', '/nothing/at/all']) {
      const { status, text, headers } = await get(`${url()}${path}`)
      expect([status, headers.get('content-type')], path).to.deep.equal([200, 'text/html; charset=utf-8'])
      expect(text, path).to.include('<div id="console">')
      expect(headers.get('content-security-policy')).to.include("script-src 'self'").and.to.not.include('unsafe')
      expect((await fetch(`${url()}${path}`)).status, path).to.equal(404)
    }
    for (const path of ['/api/nothing', '/health/none', '/console/none.js', '/docs/none'])
      expect((await fetch(`${url()}${path}`, { headers: { accept: '*/*' } })).status, path).to.equal(404)
    expect((await get(`${url()}/console/none.js`)).text).to.include('<div id="console">')
    for (const path of ['/api/nothing', '/health/none']) expect((await get(`${url()}${path}`)).status, path).to.equal(404)
  })

  it('name all scripts that the page begins with, and hold nothing that the policy forbids', async () => {
    const { text } = await get(`${url()}/`)
    const scripts = await needed(`${url()}/console/`, 'main.js')
    const preloaded = [...text.matchAll(/modulepreload" href="\/console\/[\da-f]{16}\/([^"]+)"/g)].map(([, name]) => name)
    expect(preloaded).to.have.members([...scripts.keys()])
    expect(text).to.not.match(/ style=|<style|<script(?![^>]* src=)| on\w+=/)
  })

  it(`are at most ${most.scripts} bytes of scripts and ${most.styles} of styles after gzip, for the first list`, async () => {
    const folder = `${url()}/console/`
    const first = await needed(folder, 'main.js')
    const list = await needed(folder, 'list.js', new Map(first))
    const languages = await Promise.all(['en.js', 'fr.js'].map(async (name) => (await get(`${folder}${name}`)).size))
    expect(sum(list.values()) + Math.max(...languages)).to.be.greaterThan(20_000).and.at.most(most.scripts)
    const { size } = await get(`${folder}console.css`)
    expect(size).to.be.greaterThan(1000).and.at.most(most.styles)
  })

  it('are few, for the first list: each is a question to the server', async () => {
    const folder = `${url()}/console/`
    const first = await needed(folder, 'main.js')
    const screen = /resources\/:resource[`"],load:[^}]*?import\([`"]\.\/([\w.-]+)/.exec((await get(`${folder}frame.js`)).text)?.[1] ?? ''
    expect((await needed(folder, screen, new Map(first))).size).to.be.at.most(4)
  })

  it('are kept by browsers by their version, which is in their address, and are those of no other', async () => {
    const [, version = ''] = /src="\/console\/([\da-f]{16})\/main\.js"/.exec((await get(`${url()}/`)).text) ?? []
    for (const name of ['main.js', 'frame.js', 'list.js', 'fr.js', 'console.css']) {
      const [kept, asked] = await Promise.all([`${version}/${name}`, name].map((path) => get(`${url()}/console/${path}`)))
      expect([kept?.status, kept?.headers.get('cache-control')], name).to.deep.equal([200, 'public, max-age=31536000'])
      expect([asked?.status, asked?.headers.get('cache-control')], name).to.deep.equal([200, 'no-cache'])
      expect(kept?.text).to.equal(asked?.text)
    }
    for (const path of ['0123456789abcdef/main.js', `${version}/none.js`, `${version}/`, `${version}/${version}/main.js`])
      expect((await fetch(`${url()}/console/${path}`)).status, path).to.equal(404)
    expect((await get(`${url()}/`)).headers.get('cache-control')).to.equal('no-cache')
  })

  it('go with the licences of the packages that are in them', async () => {
    const { status, text } = await get(`${url()}/console/licences.md`)
    expect(status).to.equal(200)
    for (const name of ['preact', '@preact/signals', 'socket.io-client', 'uplot']) expect(text).to.match(new RegExp(`^## ${name} - `, 'm'))
    expect(text).to.include('Permission is hereby granted')
  })

  it('are not there with CONSOLE=none, and elsewhere with CONSOLE_PATH, but for the pages that mails lead to', async function () {
    this.timeout(120_000)
    const without = await startApp(app, kind, { CONSOLE: 'none' })
    for (const path of ['/', '/console/main.js', '/reset-password'])
      expect((await get(`${without.server.url}${path}`)).status, path).to.equal(404)
    await without.stop()
    const elsewhere = await startApp(app, kind, { CONSOLE_PATH: '/people/', PUBLIC_URL: 'https://example.com/below' })
    const at = elsewhere.server.url
    for (const path of ['/', '/console/main.js', '/resources/site']) expect((await get(`${at}${path}`)).status, path).to.equal(404)
    for (const path of ['/people', '/people/', '/people/resources/site', '/reset-password', '/accept-invitation'])
      expect((await get(`${at}${path}`)).text, path)
        .to.match(/src="\/below\/people\/console\/[\da-f]{16}\/main\.js"/)
        .and.to.include('data-start="/below/people"')
    expect((await get(`${at}/people/console/main.js`)).status).to.equal(200)
    await elsewhere.stop()
    for (const [path, why] of [
      ['people', 'must be a path'],
      ['/api/people', 'where the server itself answers'],
      ['/docs', 'where the server itself answers'],
    ] as const)
      expect(() => compiled(app, { CONSOLE_PATH: path }), path).to.throw(why)
  })
})
