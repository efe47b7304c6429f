// Lists and rows of any resource: made, found, changed, merged, deleted, alone and beside others, by mouse and by keyboard.
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { inChromium } from '../kit/browser.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { text } from '../kit/replies.ts'
import { openServer, unique } from '../kit/test-server.ts'
import { eventually } from '../kit/wait.ts'
import { openTabs } from './tab.ts'

/** A label that is code, right to left, and long: it is a text, and nothing else. */
const hostile = `<img src=x onerror=alert(1)> שלום "' {{x}} ${'👩‍👩‍👧‍👦'.repeat(10)}`

onAnyDatabase('console: rows', (kind) => {
  inChromium('in Chromium', function (browser) {
    const server = openServer(kind, { environment: { PUBLIC_URL: 'https://sovrane.test', RATE_LIMIT_EVENTS: '0' } })
    const tabs = openTabs(browser, server)

    const names = (page: Page): Promise<string[]> => page.locator('tbody th').allTextContents()
    const shows = async (page: Page, ...expected: readonly string[]): Promise<void> => {
      let last: readonly string[] = []
      await eventually(async () => JSON.stringify((last = await names(page))) === JSON.stringify(expected), 'the rows').catch(
        (error: unknown) => {
          throw new Error(`it shows ${JSON.stringify(last)}`, { cause: error })
        },
      )
    }
    const said = (page: Page, what: string): Promise<void> => page.locator('.notice', { hasText: what }).first().waitFor()
    const makeSite = async (label: string): Promise<string> => text((await server.ok('site-create', { label }, server.admin))['id'])

    it('makes a first department within 20 presses, and finds it in the list', async () => {
      const page = await tabs.enter(server.admin)
      let presses = 0
      const press = async (selector: string, hasText?: string): Promise<void> => {
        presses += 1
        await page
          .locator(selector, hasText === undefined ? {} : { hasText })
          .first()
          .click()
      }
      const label = unique('Workshop')
      await press('#menu a', 'Departments')
      await press('main a', 'New department')
      await press('#field-label')
      await page.keyboard.type(label)
      await press('main button[type=submit]')
      await page.locator('h1', { hasText: label }).waitFor()
      await said(page, label)
      await press('.back a')
      await page.locator('tbody th', { hasText: label }).waitFor()
      expect(presses).to.be.at.most(20)
    })

    it('says what is wrong beside the field, at first what the schema knows and then what only the server does', async () => {
      const page = await tabs.enter(server.admin, '/resources/user/new')
      await page.locator('main button[type=submit]').click()
      expect(await page.locator('.field .fault').allTextContents()).to.deep.equal(['is needed', 'is needed', 'is needed'])
      expect(await page.evaluate(() => document.activeElement?.id)).to.equal('field-firstName')
      for (const [name, value] of [
        ['firstName', 'Ada'],
        ['lastName', 'Park'],
        ['email', server.admin.email],
      ] as const)
        await page.locator(`#field-${name}`).fill(value)
      await page.locator('main button[type=submit]').click()
      await page.locator('#field-email-error', { hasText: 'is taken already' }).waitFor()
      await page.waitForFunction(() => document.activeElement?.id === 'field-email')
      page.on('dialog', (dialog) => void dialog.accept())
    })

    it('shows a hostile label as it is, everywhere', async () => {
      const id = await makeSite(hostile)
      const page = await tabs.enter(server.admin, `/resources/site?search=${encodeURIComponent('onerror')}`)
      await shows(page, hostile)
      await page.locator('tbody th a').click()
      await page.locator('form.card').waitFor()
      expect(await page.locator('h1').textContent()).to.equal(hostile)
      expect(await page.locator('#field-label').inputValue()).to.equal(hostile)
      expect(await page.locator('img').count()).to.equal(0)
      await page.locator('.actions button', { hasText: 'Delete' }).click()
      await page.locator('dialog button', { hasText: 'Delete' }).click()
      await said(page, 'was deleted')
      expect(await server.no('not_found', 'site-get', { id }, server.admin)).to.include({ code: 'not_found' })
    })

    it('is heard in another browser: rows come, change and leave by themselves', async () => {
      const word = unique('live')
      const [one, other] = [
        await tabs.enter(server.admin, `/resources/site?search=${word}`),
        await tabs.enter(server.admin, `/resources/site?search=${word}`),
      ]
      await one.locator('.empty').waitFor()
      await other.locator('.empty').waitFor()
      const id = await makeSite(`${word} a`)
      await shows(one, `${word} a`)
      await one.locator('tbody th a').click()
      await one.locator('#field-label').fill(`${word} b`)
      await one.keyboard.press('Enter')
      await said(one, 'Saved')
      await shows(other, `${word} b`)
      expect(await other.locator('tr.changed').count()).to.equal(1)
      await server.ok('site-delete', { id }, server.admin)
      await other.locator('.empty').waitFor()
      await one.locator('.empty', { hasText: 'Someone has deleted it' }).waitFor()
    })

    it('takes on what others change beside one’s own work, and asks only where both have changed the same', async () => {
      const id = text((await server.ok('group-create', { name: 'Divers', description: 'First' }, server.admin))['id'])
      const page = await tabs.enter(server.admin, `/resources/group/${id}`)
      await page.locator('#field-name').fill('Divers at night')
      await server.ok('group-update', { id, description: 'Second' }, server.admin)
      await eventually(async () => (await page.locator('#field-description').inputValue()) === 'Second', 'the other field follows')
      expect(await page.locator('#field-name').inputValue()).to.equal('Divers at night')
      await server.ok('group-update', { id, name: 'Swimmers' }, server.admin)
      await page.locator('.note', { hasText: 'Someone else' }).waitFor()
      await page.locator('form.card button[type=submit]').click()
      await page.locator('dialog', { hasText: 'Whose values stay?' }).waitFor()
      expect(await page.locator('dialog fieldset').count()).to.equal(1)
      expect(await page.locator('dialog').textContent())
        .to.include('Swimmers')
        .and.to.include('Divers at night')
      await page.locator('dialog button[type=submit]').click()
      await said(page, 'Saved')
      expect(await server.ok('group-get', { id }, server.admin)).to.include({ name: 'Divers at night', description: 'Second' })
      await page.locator('#field-name').fill('Mine')
      await server.ok('group-update', { id, name: 'Theirs' }, server.admin)
      await page.locator('.note', { hasText: 'Someone else' }).waitFor()
      await page.locator('form.card button[type=submit]').click()
      await page.locator('dialog label', { hasText: 'Theirs' }).last().click()
      await page.locator('dialog button[type=submit]').click()
      await eventually(async () => (await page.locator('#field-name').inputValue()) === 'Theirs', 'theirs stays')
      expect(await server.ok('group-get', { id }, server.admin)).to.include({ name: 'Theirs' })
      // Each of these changes stands in its history, the last one first.
      await page.locator('.history li').first().waitFor()
      expect(await page.locator('.history .change').first().textContent()).to.equal('Name: Divers at night → Theirs')
    })

    it('searches, filters, sorts and chooses columns, and keeps them in the address and on the machine', async () => {
      const word = unique('sort')
      for (const label of ['c', 'a', 'b']) await makeSite(`${word} ${label}`)
      const page = await tabs.enter(server.admin, '/resources/site')
      await page.locator('[data-search]').waitFor()
      await page.keyboard.press('/')
      await page.keyboard.type(word)
      await page.locator('thead button', { hasText: 'Name' }).click()
      await shows(page, `${word} a`, `${word} b`, `${word} c`)
      await page.locator('thead button', { hasText: 'Name' }).click()
      await shows(page, `${word} c`, `${word} b`, `${word} a`)
      await page.locator('.bar button', { hasText: 'Filter' }).click()
      await page.locator('.condition input').fill(`${word} b`)
      await shows(page, `${word} b`)
      await page.locator('.menu summary').click()
      await page.locator('.menu label', { hasText: 'Version' }).click()
      await page.keyboard.press('Escape')
      await page.locator('thead th', { hasText: 'Version' }).waitFor()
      await page.reload()
      await shows(page, `${word} b`)
      await page.locator('thead th', { hasText: 'Version' }).waitFor()
      expect(await page.locator('input[type=search]').inputValue()).to.equal(word)
    })

    it('goes through pages with exact totals, and works on what is selected: all or nothing', async () => {
      const word = unique('many')
      await server.ok(
        'site-create-many',
        { items: Array.from({ length: 45 }, (_, index) => ({ label: `${word} ${String(index).padStart(2, '0')}` })) },
        server.admin,
      )
      const page = await tabs.enter(server.admin, `/resources/site?search=${word}&sort=label&limit=20`)
      await page.locator('.pages p', { hasText: '1 to 20 of 45' }).waitFor()
      await page.locator('[aria-label="Last page"]').click()
      await page.locator('.pages p', { hasText: '41 to 45 of 45' }).waitFor()
      await page.locator('[aria-label="Select all on this page"]').click()
      await page.locator('.bulk', { hasText: '5 selected' }).waitFor()
      await page.locator('.bulk button', { hasText: 'Delete' }).click()
      await page.locator('dialog button', { hasText: 'Delete' }).click()
      await said(page, '5 deleted')
      await page.locator('.pages p', { hasText: '21 to 40 of 40' }).waitFor()
      expect(await names(page)).to.have.length(20)
    })

    it('adds members to a group by a part of their name, takes one away, and back again', async () => {
      const lastName = unique('Park')
      await server.person({ firstName: 'Ada', lastName })
      const id = text((await server.ok('group-create', { name: 'Divers' }, server.admin))['id'])
      const page = await tabs.enter(server.admin, `/resources/group/${id}`)
      const members = page.locator('.relation', { hasText: 'Members' })
      await members.locator('[role=combobox]').fill(lastName)
      await members.locator('[role=option]', { hasText: lastName }).click()
      await members.locator('.links li', { hasText: lastName }).waitFor()
      await members.locator(`[aria-label="Take away Ada ${lastName}"]`).click()
      await said(page, 'was taken away')
      await eventually(async () => (await members.locator('.links li').count()) === 0, 'it leaves')
      await page.locator('.notice button', { hasText: 'Undo' }).click()
      await members.locator('.links li', { hasText: lastName }).waitFor()
      expect((await server.ok('group-members-request', { id }, server.admin))['items']).to.have.length(1)
    })

    it('offers no more than one may do: no list, no buttons, no fields; and says which key is missing', async () => {
      const reader = await server.person({ can: ['read-sites', 'read-site'] })
      const id = await makeSite(unique('seen'))
      const page = await tabs.enter(reader, '/resources/site')
      await page.locator('tbody th').first().waitFor()
      expect(await page.locator('#menu a').allTextContents()).to.deep.equal(['Home', 'Sites'])
      expect(await page.locator('main .button.main, tbody input').count()).to.equal(0)
      await page.goto(`${server.url}/resources/site/${id}`)
      await page.locator('.facts').waitFor()
      expect(await page.locator('main form, main .danger').count()).to.equal(0)
      await page.goto(`${server.url}/resources/user`)
      await page.locator('.empty').waitFor()
      expect(await page.locator('.empty').textContent()).to.include('read-users')
      const nobody = await server.person()
      const alone = await tabs.enter(nobody)
      await alone.locator('a', { hasText: 'Your page' }).first().click()
      await alone.locator('.cards .links li').first().waitFor()
      expect(await alone.locator('#menu a').allTextContents()).to.deep.equal(['Home'])
    })

    it('says that the connection is lost, and is right again once it is back', async () => {
      const word = unique('offline')
      await makeSite(`${word} 1`)
      const page = await tabs.enter(server.admin, `/resources/site?search=${word}`)
      await shows(page, `${word} 1`)
      await page.context().setOffline(true)
      await page.locator('.state', { hasText: 'No connection' }).waitFor()
      await makeSite(`${word} 2`)
      await page.context().setOffline(false)
      await shows(page, `${word} 1`, `${word} 2`)
      expect(await page.locator('.state').count()).to.equal(0)
    })

    it('speaks French to those who do', async () => {
      const person = await server.person({ locale: 'fr' })
      const page = await tabs.enter(person)
      await page.locator('h1', { hasText: 'Bienvenue, Some' }).waitFor()
      expect(await page.evaluate(() => document.documentElement.lang)).to.equal('fr')
      const stranger = await tabs.open('/', { locale: 'fr-CA' })
      expect(await stranger.locator('h1').textContent()).to.equal('Connexion')
    })
  })
})
