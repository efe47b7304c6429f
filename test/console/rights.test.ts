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

    it('offers for the rows that are selected what they may do with all of them', async () => {
      const word = unique('selected')
      const departmentId = text((await server.ok('department-create', { label: unique('Stores') }, server.admin))['id'])
      const person = (lastName: string, more: object = {}) => server.person({ firstName: word, lastName, departmentId, ...more })
      for (const lastName of ['Ash', 'Birch']) await person(lastName)
      // Who holds more than they do, they may rename but not delete.
      await person('Cedar', { can: ['manage-sites'] })
      const scoped = (key: string) => ({ permissionId: key, scopeId: departmentId })
      const by = await server.person({ can: ['read-user', 'read-users', scoped('update-user'), scoped('delete-user')] })
      const page = await tabs.enter(by, `/resources/user?search=${word}&sort=lastName`)
      await page.locator('tbody th', { hasText: 'Cedar' }).waitFor()
      const tick = (name: string) => page.locator('tbody tr', { hasText: name }).locator('input[type=checkbox]').click()
      const offered = page.locator('.bulk .button')
      for (const name of ['Ash', 'Birch']) await tick(name)
      await page.locator('.bulk .button.danger').waitFor()
      await tick('Cedar')
      await page.locator('.bulk', { hasText: '3 selected' }).waitFor()
      await offered.filter({ hasText: 'Change' }).waitFor()
      expect(await offered.allTextContents()).to.deep.equal(['Change', 'Select none'])
      await offered.first().click()
      const fields = await page.locator('#bulk-field option').allTextContents()
      expect(fields).to.include('Picture').and.to.not.include('Status')
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
