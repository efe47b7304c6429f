// A plugin's own screen and widget in the console: the example of the README, run as it stands there.
import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { inChromium } from '../kit/browser.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { TestServer } from '../kit/test-server.ts'
import { rows } from '../kit/replies.ts'
import { hello } from './example/hello.ts'
import { axeFaults, openTabs } from './tab.ts'

onAnyDatabase('console: what plugins add', (kind) => {
  it('is documented by the example that is run here', async () => {
    const [example, readme] = await Promise.all(['example/hello.ts', '../../plugins/console/README.md'].map(
      (path) => readFile(new URL(path, import.meta.url), 'utf8')))
    expect(readme).to.include(example)
  })

  inChromium('in Chromium', (browser) => {
    const server = new TestServer(kind, {
      environment: { PUBLIC_URL: 'https://sovrane.test', RATE_LIMIT_EVENTS: '0' }, plugins: [hello],
    })
    const tabs = openTabs(browser, server)
    before(async function () {
      this.timeout(120_000)
      await server.open()
    })
    after(() => server.close())

    it('is in the menu, live, and edits a field', async function () {
      this.timeout(120_000)
      const page = await tabs.enter(server.admin)
      await page.getByRole('link', { name: 'Hello' }).click()
      await page.getByText('Sites: 0').waitFor()
      expect(await page.locator('h1').textContent()).to.equal('Hello')
      await server.ok('site-create', { label: 'Harbour' }, server.admin)
      await page.getByText('Sites: 1').waitFor()
      expect(await axeFaults(page)).to.deep.equal([])
      await page.goto(`${server.url}/resources/site/new`)
      await page.getByLabel('Name').fill('quay')
      await page.getByRole('button', { name: 'Create' }).click()
      await page.getByRole('heading', { name: 'QUAY' }).waitFor()
      const { items } = await server.ok('site-list-request', { search: 'quay' }, server.admin)
      expect(rows(items).map(({ label }) => label)).to.deep.equal(['QUAY'])
    })

    it('is offered to those alone who may ask what it begins with', async function () {
      this.timeout(120_000)
      const page = await tabs.enter(await server.person({ can: ['read-groups'] }), '/hello')
      await page.locator('.empty code').waitFor()
      expect(await page.locator('.empty code').allTextContents()).to.deep.equal(['read-sites'])
      expect(await page.getByRole('link', { name: 'Hello' }).count()).to.equal(0)
    })
  })
})
