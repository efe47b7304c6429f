// The page of the API in a real browser: it shows every event, finds them, copies them and tries them, for everyone, and asks no one else.
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import type { BrowserContext, Page } from 'playwright-core'
import { app } from '../../app.ts'
import { describeApp } from '../../core/describe/description.ts'
import { inChromium } from '../kit/browser.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { administrator } from '../kit/ready.ts'
import { compiled, startApp, type RunningApp } from '../kit/server.ts'
import { contrastFaults, namelessControls } from './page-checks.ts'

/** Bytes of the page with its scripts and styles, after gzip. */
const most = 40 * 1024

const { events, broadcasts } = describeApp(compiled(app))

onAnyDatabase('docs: the page of the API', (kind) => {
  let running: RunningApp | undefined
  const url = (): string => running?.server.url ?? ''

  before(async function () {
    this.timeout(120_000)
    running = await startApp(app, kind)
  })
  after(async () => running?.stop())

  it(`is at most ${most} bytes after gzip, and served without a token`, async () => {
    const { files } = compiled(app).contributors.find(({ plugin }) => plugin.name === 'api-docs')?.contribution ?? {}
    const own = (files ?? []).map(({ path }) => path).filter((path) => path.startsWith('/docs'))
    const sizes = await Promise.all(own.map(async (path) => {
      const response = await fetch(`${url()}${path}`)
      expect(response.status, path).to.equal(200)
      return gzipSync(Buffer.from(await response.arrayBuffer())).length
    }))
    const size = sizes.reduce((sum, each) => sum + each, 0)
    expect(size).to.be.greaterThan(5000).and.at.most(most)
  })

  it('is not there with DOCS=none, nor are the documents', async function () {
    this.timeout(120_000)
    const without = await startApp(app, kind, { DOCS: 'none' })
    for (const path of ['/docs', '/docs/page.js', '/openapi.json', '/asyncapi.json']) {
      const response = await fetch(`${without.server.url}${path}`)
      expect([response.status, await response.text()], path).to.satisfy(([status, text]: [number, string]) =>
        status === 404 && text.includes('"unknown_event"'))
    }
    await without.stop()
    expect(() => compiled(app, { DOCS: 'off' })).to.throw('DOCS: must be one of: none')
  })

  inChromium('in Chromium', (browser) => {
    let context: BrowserContext | undefined
    /** What went wrong in the page, and whom it asked beside this server. */
    const troubles: string[] = []

    const open = async (place = '', options: Parameters<typeof browser.context>[0] = {}): Promise<Page> => {
      context = await browser.context({ permissions: ['clipboard-read', 'clipboard-write'], ...options })
      const page = await context.newPage()
      page.on('pageerror', (error) => void troubles.push(error.message))
      page.on('console', (message) => {
        // A refusal that the page is told of is no fault of the page.
        const isRefusal = message.text().startsWith('Failed to load resource')
        if (['error', 'warning'].includes(message.type()) && !isRefusal) troubles.push(message.text())
      })
      page.on('request', (request) => {
        if (!request.url().startsWith(url()) && !request.url().startsWith('data:')) troubles.push(`asked ${request.url()}`)
      })
      await page.goto(`${url()}/docs${place === '' ? '' : `#${place}`}`)
      await page.waitForSelector('#title')
      return page
    }

    afterEach(async () => {
      await context?.close()
      expect(troubles.splice(0)).to.deep.equal([])
    })

    it('shows every event and everything that is emitted, each with its fields', async function () {
      this.timeout(60_000)
      const page = await open()
      const listed = await page.locator('#list a').allTextContents()
      expect(listed).to.include.members([...events, ...broadcasts].map(({ event }) => event))
      for (const { event, payload } of events) {
        await page.evaluate((place) => { location.hash = place }, event)
        await page.waitForFunction((name) => document.querySelector('#title')?.textContent === name, event)
        const names = await page.locator('h2:has-text("Payload") + .wide td:first-child > code').allTextContents()
        expect(names, event).to.deep.equal(Object.keys(payload['properties'] ?? {}).filter((name) => name !== 'requestId'))
      }
    })

    it('finds by name, by what it does and by permission, with the keyboard alone', async () => {
      const page = await open()
      await page.keyboard.press('/')
      await page.keyboard.type('manage-department-hierarchy set')
      await page.waitForFunction(() => document.querySelector('#count')?.textContent === '1 found')
      await page.keyboard.press('Enter')
      await page.waitForFunction(() => document.querySelector('#title')?.textContent === 'department-parent-set')
      expect(await page.evaluate(() => document.activeElement?.id)).to.equal('title')
      await page.locator('#search').fill('nothing like it')
      expect(await page.locator('#count').textContent()).to.equal('Nothing is called so')
      expect(await page.locator('#list a').count()).to.equal(0)
    })

    it('copies what is sent as curl, by the client and over Socket.IO, with what was typed', async () => {
      const page = await open('department-manager-set')
      await page.locator('#payload').fill(`{ "id": "d1", "userId": "it's" }`)
      const copied = async (): Promise<string> => {
        await page.locator('.snippets .copy').click()
        await page.waitForFunction(() => document.querySelector('.snippets .copy')?.textContent === 'Copied')
        return page.evaluate(() => navigator.clipboard.readText())
      }
      expect(await copied()).to.equal([
        `curl -sS ${url()}/api/department-manager-set \\`, '  -H "authorization: Bearer $TOKEN" \\',
        `  -H 'content-type: application/json' \\`, String.raw`  -d '{"id":"d1","userId":"it'\''s"}'`,
      ].join('\n'))
      await page.locator('[role=tab]').first().focus()
      await page.keyboard.press('ArrowRight')
      expect(await copied()).to.include(String.raw`client.department.manager.set({ id: 'd1', userId: 'it\'s' })`)
      await page.keyboard.press('Escape')
      await page.locator('[role=tab]', { hasText: 'Socket.IO' }).click()
      expect(await copied()).to.include('{ auth: { token } }').and.to.include(`emitWithAck('department-manager-set', {`)
    })

    it('tries an event without a token, is refused where one is needed, and goes on with the token of a log-in', async () => {
      const page = await open('ping')
      const send = async (): Promise<string> => {
        await page.locator('button.main').click()
        await page.locator('.answer pre').waitFor()
        return `${await page.locator('.answer strong').textContent() ?? ''} ${await page.locator('.answer pre').textContent() ?? ''}`
      }
      expect(await send()).to.equal('200 OK {}')
      const go = async (place: string): Promise<void> => {
        await page.evaluate((hash) => { location.hash = hash }, place)
        await page.waitForFunction((name) => document.querySelector('#title')?.textContent === name, place)
      }
      await go('auth-me')
      expect(await send()).to.include('401').and.to.include('unauthenticated')
      await go('auth-login')
      await page.locator('#payload').fill(JSON.stringify({ email: administrator.email, password: administrator.password }))
      expect(await send()).to.include('200').and.to.include('accessToken')
      await page.locator('button', { hasText: 'Use this token' }).click()
      expect(await page.locator('#session').textContent()).to.equal('Token given')
      await go('auth-me')
      expect(await send()).to.include('200').and.to.include(administrator.email)
      await page.locator('#payload').fill('{ not json')
      expect(await page.locator('#fault').textContent()).to.equal('This is not JSON yet')
      const kept = await page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)])
      expect(kept, 'the token is stored').to.deep.equal([])
    })

    for (const colorScheme of ['light', 'dark'] as const) {
      it(`can be read in ${colorScheme} colours, and every control has a name`, async () => {
        const page = await open('auth-login', { colorScheme })
        await page.locator('button.main').click()
        await page.locator('.answer pre').waitFor()
        expect(await page.evaluate(contrastFaults)).to.deep.equal([])
        expect(await page.evaluate(namelessControls)).to.deep.equal([])
        await page.evaluate(() => { document.querySelector<HTMLElement>('.good, .bad')?.style.setProperty('color', '#777') })
        expect(await page.evaluate(contrastFaults), 'the check catches a faint text').to.have.length(1)
      })
    }

    it('fits a screen of 320 pixels', async () => {
      const page = await open('', { viewport: { width: 320, height: 640 } })
      for (const place of ['', 'department-create', 'auth-login', 'user-list-request', 'row-user', 'site-changed']) {
        await page.evaluate((hash) => { location.hash = hash }, place)
        await page.waitForFunction((hash) => decodeURIComponent(location.hash.slice(1)) === hash && document.querySelector('#title'), place)
        expect(await page.evaluate(() => document.documentElement.scrollWidth), place).to.equal(320)
      }
    })

    it('runs nothing that stands in the page, and says so where its description cannot be had', async () => {
      const page = await open()
      await page.evaluate(() => {
        const script = document.createElement('script')
        script.textContent = 'document.title = "run"'
        document.body.append(script)
      })
      expect(await page.title()).to.not.equal('run')
      expect(troubles.splice(0).join()).to.include('Content Security Policy')
      await page.route('**/asyncapi.json', (route) => route.fulfill({ status: 503, body: '{}' }))
      await page.reload()
      await page.locator('.fault[role=alert]').waitFor()
      expect(await page.locator('.fault').textContent()).to.equal('The page cannot be shown: the description is answered with 503')
    })
  })
})
