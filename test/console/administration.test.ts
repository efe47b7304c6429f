// The screens of administration as an administrator uses them: settings within their bounds, the audit log, invitations. Live, as all is.
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { inChromium } from '../kit/browser.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { TestServer } from '../kit/test-server.ts'
import { rows, text, type Row } from '../kit/replies.ts'
import { openTabs } from './tab.ts'

const key = 'account_lock_duration'

onAnyDatabase('console: administration', (kind) => {
  inChromium('in Chromium', (browser) => {
    const server = new TestServer(kind, { environment: { PUBLIC_URL: 'https://sovrane.test', RATE_LIMIT_EVENTS: '0' } })
    const tabs = openTabs(browser, server)
    const valueOf = async (): Promise<unknown> => (await server.ok('config-get', { key }, server.admin))['value']
    const noticed = (page: Page, words: string): Promise<void> => page.locator('.notice', { hasText: words }).waitFor()

    before(async function () {
      this.timeout(120_000)
      await server.open()
    })
    after(() => server.close())

    it('changes a setting within its bounds, has another browser see it, and takes it back', async function () {
      this.timeout(120_000)
      const page = await tabs.enter(server.admin, '/settings')
      const other = await tabs.enter(server.admin, '/settings')
      const line = (at: Page) => at.locator('.settings li', { hasText: key })
      await line(other).waitFor()
      await line(page).getByRole('button').click()
      await page.locator('dialog input').fill('0')
      await page.keyboard.press('Enter')
      expect(await page.locator('dialog .fault').textContent()).to.equal('must be 1 or more')
      expect(await valueOf()).to.equal(60)
      await page.locator('dialog input').fill('90')
      await page.keyboard.press('Enter')
      await noticed(page, 'was changed')
      expect(await valueOf()).to.equal(90)
      await line(other).locator('.value', { hasText: '90' }).waitFor()
      expect(await line(other).locator('.badge').textContent()).to.equal('Changed')
      await line(other).getByRole('button').click()
      await other.getByRole('button', { name: 'Reset to default' }).click()
      await line(page).locator('.value', { hasText: '60' }).waitFor()
      expect(await valueOf()).to.equal(60)
    })

    it('shows of the audit log what is filtered for, what an entry has changed, and that all is as it was written', async function () {
      this.timeout(120_000)
      await server.ok('config-update', { key, value: 75 }, server.admin)
      const page = await tabs.enter(server.admin, `/audit?action=config-update`)
      await page.locator('tbody tr').first().waitFor()
      expect(new Set(await page.locator('tbody td:nth-child(3)').allTextContents())).to.deep.equal(new Set(['config-update']))
      await page.locator('tbody .as-link').first().click()
      expect(await page.locator('dialog .differences tr', { hasText: 'Value' }).locator('ins').textContent()).to.equal('75')
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Verify' }).click()
      await page.getByRole('button', { name: 'Verify now' }).click()
      expect(await page.locator('dialog .note').textContent()).to.match(/^All is as it was written: \d+ entries/)
    })

    it('invites a person with a role, shows the link once, mails again, and revokes', async function () {
      this.timeout(120_000)
      const role = text((await server.ok('role-create', { label: 'Porter' }, server.admin))['id'])
      const page = await tabs.enter(server.admin, '/invitations')
      await page.getByRole('button', { name: 'Invite' }).first().click()
      await page.locator('dialog input[name=email]').fill('ada@example.com')
      await page.getByRole('combobox', { name: 'Role' }).fill('Porter')
      await page.getByRole('option', { name: 'Porter' }).click()
      await page.getByRole('button', { name: 'Send the invitation' }).click()
      expect(await page.locator('dialog .secret').textContent()).to.include('/accept-invitation?token=')
      await page.getByRole('button', { name: 'Done' }).click()
      const line = page.locator('tbody tr', { hasText: 'ada@example.com' })
      await line.getByText('Porter').waitFor()
      const all = async () => rows((await server.ok('invitation-list-request', {}, server.admin))['items'])
      expect((await all()).map(({ role: given, status }) => [given, status])).to.deep.equal([[role, 'pending']])
      await line.getByRole('button', { name: 'Mail again' }).click()
      await noticed(page, 'A new link')
      await line.getByRole('button', { name: 'Revoke' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
      await line.locator('.badge', { hasText: 'Revoked' }).waitFor()
      expect(await line.getByRole('button').count()).to.equal(0)
      expect((await all()).map(({ status }) => status)).to.deep.equal(['revoked'])
    })

    it('offers to those whose keys reach a part what lies in it, however far below', async function () {
      this.timeout(120_000)
      const made = async (event: string, payload: Row): Promise<string> => text((await server.ok(event, payload, server.admin))['id'])
      const department = await made('department-create', { label: 'Berths' })
      const below = await made('department-create', { label: 'Buoys', parentId: department })
      for (const [email, place] of [['in@example.com', { departmentId: below }], ['out@example.com', {}]] as const)
        await made('invitation-create', { email, ...place })
      const reaching = ['create-invitation', 'delete-invitation'].map((permissionId) => ({ permissionId, scopeId: department }))
      const person = await server.person({ can: ['read-invitations', ...reaching] })
      const page = await tabs.enter(person, '/invitations')
      const line = (email: string) => page.locator('tbody tr', { hasText: email })
      await line('in@example.com').getByRole('button', { name: 'Mail again' }).click()
      await noticed(page, 'A new link')
      await line('in@example.com').getByRole('button', { name: 'Revoke' }).waitFor()
      expect(await line('out@example.com').getByRole('button').count()).to.equal(0)
    })

    it('offers none of it to those who may not, and says which key is missing', async function () {
      this.timeout(120_000)
      const person = await server.person({ can: ['read-sites'] })
      const page = await tabs.enter(person, '/settings')
      await page.locator('.empty code').first().waitFor()
      expect(await page.locator('.empty code').allTextContents()).to.deep.equal(['read-config'])
      const menu = await page.locator('#menu a').allTextContents()
      for (const name of ['Settings', 'Audit log', 'Invitations']) expect(menu).to.not.include(name)
    })
  })
})
