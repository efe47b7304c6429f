// What one looks at to see how things are: the system, what happens over time, rows that change and leave.
import { expect } from 'chai'
import { inChromium } from '../kit/browser.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { text } from '../kit/replies.ts'
import { openServer, unique } from '../kit/test-server.ts'
import { eventually } from '../kit/wait.ts'
import { openTabs } from './tab.ts'

onAnyDatabase('console: watching', (kind) => {
  inChromium('in Chromium', (browser) => {
    const server = openServer(kind, { environment: { PUBLIC_URL: 'https://sovrane.test', RATE_LIMIT_EVENTS: '0' } })
    const tabs = openTabs(browser, server)

    it('shows what runs, the feed, the database and what waits, to those who hold the key', async () => {
      const page = await tabs.enter(await server.person({ can: ['read-system', 'read-jobs'] }))
      await page.locator('#menu a', { hasText: 'System' }).click()
      await page.locator('.status .note.good', { hasText: 'All is well' }).waitFor()
      const card = (title: string) => page.locator('.card', { has: page.locator('h2', { hasText: title }) })
      expect(await card('Database').locator('dd').first().textContent()).to.match(kind === 'embedded' ? /^Embedded/ : /^PostgreSQL \d/)
      expect(await card('Servers').count()).to.equal(kind === 'embedded' ? 0 : 1)
      const mails = card('Mails').locator('dd')
      await eventually(async () => (await mails.allTextContents()).every((each) => /^\d+$/.test(each)), 'mails are counted')
      // The feed goes on by itself.
      const position = async (): Promise<number> => Number((await card('Feed').locator('dd').nth(1).textContent())?.replaceAll(',', ''))
      const before = await position()
      await server.ok('site-create', { label: unique('Harbour') }, server.admin)
      await eventually(async () => (await position()) > before, 'the position moves')
      const reader = await tabs.enter(await server.person({ can: ['read-system'] }), '/system')
      await reader.locator('.status .note').waitFor()
      expect(await reader.locator('h2', { hasText: 'Mails' }).count()).to.equal(0)
      const other = await tabs.enter(await server.person({ can: ['read-jobs'] }), '/system')
      expect(await other.locator('.empty code').textContent()).to.equal('read-system')
    })

    it('draws what happens over time for those who may see it, and tells it in words too', async () => {
      const page = await tabs.enter(server.admin)
      const chart = (title: string) => page.locator('.chart', { has: page.locator('h2', { hasText: title }) })
      for (const title of ['People', 'Sites', 'Changes by day', 'Log-ins by day']) await chart(title).locator('canvas').waitFor()
      expect(await chart('Log-ins by day').locator('tbody tr').count()).to.equal(14)
      const { total } = await server.ok('user-list-request', { limit: 1 }, server.admin)
      const people = chart('People').locator('tbody td').last()
      await eventually(async () => (await people.textContent()) === String(total), 'people are counted')
      await server.person()
      await eventually(async () => (await people.textContent()) === String(Number(total) + 1), 'one more')
      const auditor = await tabs.enter(await server.person({ can: ['view_audit_logs', 'read-sites'] }))
      await auditor.locator('.chart').nth(2).waitFor()
      expect(await auditor.locator('.chart h2').allTextContents()).to.deep.equal(['Sites', 'Changes by day', 'Log-ins by day'])
      const reader = await tabs.enter(await server.person({ can: ['read-sites'] }))
      await reader.locator('.count').waitFor()
      expect(await reader.locator('.chart').count()).to.equal(0)
    })

    for (const reducedMotion of ['no-preference', 'reduce'] as const) {
      it(`shows which rows have changed and which leave, ${reducedMotion === 'reduce' ? 'without' : 'with'} motion`, async () => {
        const word = unique('row')
        const [one, other] = await Promise.all(['a', 'b'].map(async (name) =>
          text((await server.ok('site-create', { label: `${word} ${name}` }, server.admin))['id'])))
        const page = await tabs.enter(server.admin, `/resources/site?search=${word}`, { reducedMotion })
        await page.locator('tbody th', { hasText: `${word} b` }).waitFor()
        await server.ok('site-update', { id: other, label: `${word} c` }, server.admin)
        const glow = page.locator('tr.changed', { hasText: `${word} c` })
        const [name, timing] = await glow.evaluate((row) => {
          const { animationName, animationTimingFunction } = getComputedStyle(row)
          return [animationName, animationTimingFunction]
        })
        expect(name).to.equal('glow')
        if (reducedMotion === 'reduce') expect(timing).to.match(/^step/)
        else expect(timing).to.not.match(/^step/)
        // It may be gone before one looks: so it is noted as it comes.
        await page.evaluate(() => {
          const seen: string[] = []
          Object.assign(window, { seen })
          new MutationObserver(() => {
            for (const row of document.querySelectorAll('tr.leaving'))
              seen.push(`${row.textContent} ${getComputedStyle(row).animationName} ${row.hasAttribute('inert')}`)
          }).observe(document.body, { subtree: true, childList: true, attributes: true })
        })
        await server.ok('site-delete', { id: one }, server.admin)
        await eventually(async () => (await page.locator('tbody tr').count()) === 1, 'it has left')
        const seen = await page.evaluate(() => (window as unknown as { readonly seen: readonly string[] }).seen)
        expect(seen[0]).to.include(`${word} a`).and.include(reducedMotion === 'reduce' ? 'none true' : 'leave true')
      })
    }
  })
})
