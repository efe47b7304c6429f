// Getting in: by password, second factor, after it has expired, by the links of mails; and out, when a session ends elsewhere.
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import speakeasy from 'speakeasy'
import { inChromium } from '../kit/browser.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { row, text } from '../kit/replies.ts'
import { otherPassword, openServer, unique } from '../kit/test-server.ts'
import { logIn, openTabs } from './tab.ts'

onAnyDatabase('console: getting in', (kind) => {
  inChromium('in Chromium', function (browser) {
    const server = openServer(kind, { environment: { PUBLIC_URL: 'https://sovrane.test', RATE_LIMIT_EVENTS: '0' } })
    const tabs = openTabs(browser, server)

    const isIn = (page: Page): Promise<void> => page.locator('.who [href="/profile"]').waitFor()
    const heading = async (page: Page, title: string): Promise<void> => page.locator('h1', { hasText: title }).waitFor()
    const send = (page: Page): Promise<void> => page.locator('main button[type=submit], dialog button[type=submit]').last().click()
    /** Where the last mail to an address leads. */
    const mailed = async (to: string): Promise<string> => {
      const letter = (await server.letters(to)).at(-1)
      const { pathname, search } = new URL(/https:\/\/\S+/.exec(letter?.text ?? '')?.[0] ?? 'about:blank')
      return `${pathname}${search}`
    }

    it('refuses a wrong password in a sentence, keeps the address, and lets in with the right one, where one wanted to go', async () => {
      const person = await server.person({ can: ['read-sites'] })
      const page = await tabs.open('/resources/site')
      await logIn(page, { ...person, password: 'not the password' })
      await page.locator('[role=alert]').waitFor()
      expect(await page.locator('[role=alert]').textContent()).to.equal('The address or the password is wrong.')
      expect(await page.locator('input[name=email]').inputValue()).to.equal(person.email)
      await logIn(page, person)
      await heading(page, 'Sites')
      await page.reload()
      await heading(page, 'Sites')
    })

    it('asks for a second factor, refuses a wrong code, and takes the right one', async () => {
      const someone = await server.enter()
      const { secret } = await server.ok('auth-mfa-setup', {}, someone)
      const code = (): string => speakeasy.totp({ secret: text(secret), encoding: 'base32' })
      await server.ok('auth-mfa-enable', { type: 'totp', code: code() }, someone)
      const page = await tabs.open('/')
      await logIn(page, someone)
      await page.locator('input[name=code]').fill('000000')
      await send(page)
      expect(await page.locator('[role=alert]').textContent()).to.equal('The code is wrong, or has expired.')
      const codes = row(await server.ok('auth-mfa-recovery-codes', { code: await freshCode(code) }, someone))['recoveryCodes']
      await page.locator('input[name=code]').fill(String((codes as readonly string[])[0]))
      await send(page)
      await isIn(page)
    })

    /** A code passes once: the next one is waited for where it was just used. */
    const freshCode = async (code: () => string): Promise<string> => {
      const used = code()
      for (let round = 0; code() === used && round < 400; round += 1) await new Promise((resolve) => setTimeout(resolve, 100))
      return code()
    }

    it('leads from a forgotten password over the mail to a new one', async () => {
      const person = await server.person()
      const page = await tabs.open('/')
      await page.locator('a', { hasText: 'Forgotten?' }).click()
      await heading(page, 'Forgotten password')
      await page.locator('input[name=email]').fill(person.email)
      await send(page)
      await page.locator('[role=status]', { hasText: 'on its way' }).waitFor()
      await page.goto(`${server.url}${await mailed(person.email)}`)
      await page.locator('input[name=password]').fill('short')
      await send(page)
      await page.locator('.fault').waitFor()
      expect(new URL(page.url()).search, 'the token stays in the address').to.equal('')
      await page.locator('input[name=password]').fill(otherPassword)
      await send(page)
      await page.locator('a', { hasText: 'To the log-in' }).click()
      await logIn(page, { ...person, password: otherPassword })
      await isIn(page)
    })

    it('asks for another password where it has expired', async () => {
      const person = await server.person()
      await server.set('account_password_expire', true)
      await server.sql("update credentials set password_changed_at = now() - interval '400 days' where user_id = ?", [person.id])
      const page = await tabs.open('/')
      await logIn(page, person)
      await heading(page, 'New password')
      await page.locator('input[name=password]').fill(otherPassword)
      await send(page)
      await page.locator('[role=status]', { hasText: 'The password is set' }).waitFor()
      await logIn(page, { ...person, password: otherPassword })
      await isIn(page)
      await server.unset('account_password_expire')
    })

    it('opens an account by an invitation, and says it where the link does not hold', async () => {
      const email = `${unique('invited')}@example.com`
      await server.ok(
        'invitation-create',
        { email, firstName: 'Ada', role: text((await server.ok('role-create', { label: 'Clerk' }, server.admin))['id']) },
        server.admin,
      )
      const link = await mailed(email)
      const page = await tabs.open(link)
      await page.locator('input[name=firstName]').waitFor()
      expect(await page.locator('main').textContent())
        .to.include(email)
        .and.to.include('Clerk')
      expect(await page.locator('input[name=firstName]').inputValue()).to.equal('Ada')
      await page.locator('input[name=lastName]').fill('Park')
      await page.locator('input[name=password]').fill(otherPassword)
      await send(page)
      await isIn(page)
      await heading(page, 'Welcome, Ada')
      const again = await tabs.open(link)
      expect(await again.locator('[role=alert]').textContent()).to.include('does not hold any longer')
    })

    it('confirms a new address by the link in its mail, at a press', async () => {
      const someone = await server.enter()
      const email = `${unique('new')}@example.com`
      await server.ok('auth-change-email', { email, password: someone.password }, someone)
      const page = await tabs.open(await mailed(email))
      await heading(page, 'Confirm your address')
      expect((await server.ok('auth-me', {}, someone))['user']).to.include({ email: someone.email })
      await send(page)
      await page.locator('[role=status]', { hasText: 'yours now' }).waitFor()
      expect((await server.ok('auth-me', {}, someone))['user']).to.include({ email })
    })

    it('says why one is out when the session is ended elsewhere, and goes on after a log-in', async () => {
      const person = await server.person({ can: ['read-sites'] })
      const page = await tabs.enter(person, '/resources/site')
      await heading(page, 'Sites')
      await server.ok('user-update', { id: person.id, password: otherPassword }, server.admin)
      await page.locator('input[name=password]').waitFor()
      await page.locator('[role=status]', { hasText: 'Log in' }).waitFor()
      await logIn(page, { ...person, password: otherPassword })
      await heading(page, 'Sites')
      await page.locator('[aria-label="Log out"]').click()
      await page.locator('input[name=password]').waitFor()
      expect(await page.locator('.note').count()).to.equal(0)
      expect(await page.evaluate(() => localStorage.getItem('sovrane'))).to.equal(null)
    })

    it('sets up a second factor on one’s own page, with recovery codes, and leads there who must have one', async () => {
      const person = await server.person()
      await server.set('account_require_mfa', true)
      const page = await tabs.enter(person, '/')
      await page.locator('.note', { hasText: 'must set up' }).waitFor()
      await page.locator('button', { hasText: 'Set up an app' }).click()
      const secret = (await page.locator('.secret').textContent()) ?? ''
      expect(await page.locator('img.qr').evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0)).to.equal(true)
      await page.locator('dialog input[name=code]').fill(speakeasy.totp({ secret, encoding: 'base32' }))
      await page.keyboard.press('Enter')
      await page.locator('.codes li').first().waitFor()
      expect(await page.locator('.codes li').count()).to.be.at.least(8)
      await page.locator('button', { hasText: 'I have kept them' }).click()
      await page.locator('p', { hasText: 'On, by an app.' }).waitFor()
      // The last of these tests: the administrator, too, must now set one up.
      expect(await page.locator('.note').count()).to.equal(0)
    })
  })
})
