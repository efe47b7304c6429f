// Every screen, for everyone: axe finds nothing, no screen is too narrow, both colour schemes. Screenshots for a person to look at.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { inChromium } from '../kit/browser.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { longTest } from '../kit/extent.ts'
import { TestServer } from '../kit/test-server.ts'
import { text } from '../kit/replies.ts'
import { screens, type Shown } from './screens.ts'
import { axeFaults, openTabs } from './tab.ts'

/** A folder for the screenshots; unset: none are taken. */
const folder = process.env['CONSOLE_SHOTS']
const widths = [320, 1024, 2560] as const

onAnyDatabase('console: how it looks', (kind) => {
  inChromium('in Chromium', (browser) => {
    const server = new TestServer(kind, { environment: { PUBLIC_URL: 'https://sovrane.test', RATE_LIMIT_EVENTS: '0' } })
    const tabs = openTabs(browser, server)
    let all: readonly Shown[] = []

    before(async function () {
      this.timeout(300_000)
      await server.open()
      const { admin } = server
      const made = async (event: string, payload: Readonly<Record<string, unknown>>): Promise<string> =>
        text((await server.ok(event, payload, admin))['id'])
      const site = await made('site-create', { label: 'Harbour' })
      const department = await made('department-create', { label: 'Stores', siteId: site, managerId: admin.id })
      const group = await made('group-create', { name: 'Divers', description: 'Who dives at pier 1' })
      const role = await made('role-create', {
        label: 'Clerk',
        permissions: ['read-sites', { permissionId: 'read-users', scopeId: site }],
      })
      const user = await made('user-create', {
        firstName: 'Ada',
        lastName: 'Park',
        email: 'ada@example.com',
        departmentId: department,
        roles: [role],
      })
      await server.ok('group-add-user', { id: group, userId: user }, admin)
      all = screens({ site, department, group, role, user })
    })
    after(() => server.close())

    const show = async (page: Page, { path, has }: Shown): Promise<void> => {
      await page.goto(`${server.url}${path}`)
      await page.locator(has).first().waitFor()
    }

    /** It fits, at each width. */
    const fits = async (page: Page, { name }: Shown, scheme: string): Promise<void> => {
      for (const width of widths) {
        await page.setViewportSize({ width, height: width === 320 ? 640 : Math.round(width * 0.6) })
        expect(
          await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
          `${name} at ${width}`,
        ).to.equal(0)
        if (folder === undefined) continue
        mkdirSync(folder, { recursive: true })
        await page.screenshot({ path: join(folder, `${name}-${width}-${scheme}.png`) })
      }
      await page.setViewportSize({ width: 1024, height: 768 })
    }

    for (const colorScheme of ['light', 'dark'] as const) {
      const test = colorScheme === 'light' ? it : longTest
      test(`fits, and axe finds nothing, in ${colorScheme} colours`, async function () {
        this.timeout(400_000)
        const outside = await tabs.open('/', { colorScheme })
        const inside = await tabs.enter(server.admin, '/', { colorScheme })
        for (const screen of all) {
          const page = screen.open === true ? outside : inside
          await show(page, screen)
          expect(await axeFaults(page), screen.name).to.deep.equal([])
          await fits(page, screen, colorScheme)
        }
      })
    }

    it('is a check that catches a faint text and a control without a name', async () => {
      const page = await tabs.open('/')
      await page.evaluate(() => {
        document.querySelector<HTMLElement>('h1')?.style.setProperty('color', '#eee')
        document.querySelector('main')?.append(document.createElement('button'))
      })
      expect((await axeFaults(page)).map((fault) => fault.split(':')[0])).to.have.members(['color-contrast', 'button-name'])
    })
  })
})
