// What a person may do and why: keys with what they come from, the answer to a question about them, and what those see who may ask less.
import { expect } from 'chai'
import { inChromium } from '../kit/browser.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { text } from '../kit/replies.ts'
import { openServer, unique } from '../kit/test-server.ts'
import { openTabs } from './tab.ts'

onAnyDatabase('console: rights and why', (kind) => {
  inChromium('in Chromium', (browser) => {
    const server = openServer(kind, { environment: { PUBLIC_URL: 'https://sovrane.test', RATE_LIMIT_EVENTS: '0' } })
    const tabs = openTabs(browser, server)
    beforeEach(function () {
      this.currentTest?.timeout(180_000)
    })
    afterEach(() => tabs.close())

    it('shows each key with where it holds and what gives it, and follows what changes', async () => {
      const department = text((await server.ok('department-create', { label: unique('Stores') }, server.admin))['id'])
      const person = await server.person({ direct: ['read-sites', { permissionId: 'read-user', scopeId: department }] })
      const page = await tabs.enter(server.admin, `/resources/user/${person.id}`)
      await page.getByRole('link', { name: 'Rights and why' }).click()
      const line = (key: string) => page.locator('.keys-held tbody tr', { hasText: key })
      await line('read-user').getByRole('link', { name: 'Stores' }).waitFor()
      expect(await line('read-sites').locator('td').allTextContents()).to.deep.equal(['Everywhere', 'Directly'])
      await server.ok('user-add-permission', { id: person.id, permissionId: 'read-groups' }, server.admin)
      await line('read-groups').waitFor()
    })

    it('says why they may, and which key is missing where they may not', async () => {
      const label = unique('Stores')
      const id = text((await server.ok('department-create', { label }, server.admin))['id'])
      const person = await server.person({ can: [{ permissionId: 'update-department', scopeId: id }, 'read-department'] })
      const page = await tabs.enter(server.admin, `/resources/user/${person.id}/rights`)
      await page.locator('#why-event').selectOption('department-update')
      await page.locator('#why-row').fill(label)
      await page.getByRole('option', { name: label }).click()
      await page.locator('.reasons .note.good').waitFor()
      expect(await page.locator('.reasons .links').first().textContent()).to.include('update-department').and.to.include(label)
      await page.locator('#why-event').selectOption('department-delete')
      await page.locator('.reasons .note.bad code', { hasText: 'delete-department' }).waitFor()
      await page.locator('#why-event').selectOption('site-list-request')
      await page.locator('.reasons .note.bad code', { hasText: 'read-sites' }).waitFor()
      expect(await page.locator('#why-row').count()).to.equal(0)
    })

    it('shows people their own keys, and says to others what they would need', async () => {
      const site = text((await server.ok('site-create', { label: 'Harbour' }, server.admin))['id'])
      const person = await server.person({ direct: ['read-sites', { permissionId: 'manage-sites', scopeId: site }] })
      const page = await tabs.enter(person, '/profile')
      await page.getByRole('link', { name: 'Rights and why' }).click()
      await page.locator('.keys-held tr', { hasText: 'manage-sites' }).getByRole('link', { name: 'Harbour' }).waitFor()
      expect(await page.locator('#why-event').count()).to.equal(0)
      await page.goto(`${server.url}/resources/user/${server.admin.id}/rights`)
      expect(await page.locator('.empty code').textContent()).to.equal('read-permissions')
    })
  })
})
