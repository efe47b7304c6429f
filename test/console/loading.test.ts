// How the console comes into a browser: what it asks for again, and what one sees when a part of it comes late, or not at all.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { inChromium } from '../kit/browser.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { openServer } from '../kit/test-server.ts'
import { openTabs } from './tab.ts'

onAnyDatabase('console: loading', (kind) => {
  inChromium('in Chromium', function (browser) {
    const server = openServer(kind, { environment: { PUBLIC_URL: 'https://sovrane.test', RATE_LIMIT_EVENTS: '0' } })
    const tabs = openTabs(browser, server)

    it('asks the second time for nothing that can not have changed', async () => {
      const page = await tabs.enter(server.admin, '/resources/user')
      await page.goto(`${server.url}/resources/user`)
      await page.locator('tbody th').first().waitFor()
      const asked = await page.evaluate(() => (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
        .filter(({ name, transferSize }) => transferSize > 0 && name.startsWith('http')).map(({ name }) => new URL(name).pathname))
      expect([...new Set(asked)].filter((path) => !path.startsWith('/socket.io/'))).to.deep.equal(['/console/description.json'])
    })

    for (const [part, pattern] of [['the screen', /\/list2?\.js$/], ['the description', /\/description\.json$/]] as const) {
      it(`shows the list when ${part} comes late`, async () => {
        const page = await tabs.enter(server.admin)
        await page.route(pattern, async (route) => {
          await sleep(1500)
          await route.continue()
        })
        await page.goto(`${server.url}/resources/user`)
        await page.locator('.skeleton').first().waitFor()
        await page.locator('tbody th').first().waitFor()
      })
    }

    it('says that a screen is not there any longer, as after the start of another version, and loads the page anew', async () => {
      const page = await tabs.enter(server.admin)
      await page.route(/\/console\/[\da-f]{16}\//, (route) => route.fulfill({ status: 404, body: '{}' }))
      await page.locator('#menu a[href="/resources/user"]').click()
      await page.locator('.empty button').waitFor()
      await page.unrouteAll()
      await page.locator('.empty button').click()
      await page.locator('tbody th').first().waitFor()
    })

    it('says what is missing when the script does not come, or may not run', async () => {
      for (const javaScriptEnabled of [true, false]) {
        const context = await browser.context({ javaScriptEnabled })
        const page = await context.newPage()
        if (javaScriptEnabled) await page.route(/\.js$/, (route) => route.abort())
        await page.goto(server.url)
        await page.getByText('needs its script').waitFor()
        expect(await page.locator('a', { hasText: '/docs' }).getAttribute('href')).to.equal('/docs')
        await context.close()
      }
    })
  })
})
