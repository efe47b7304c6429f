// Five kinds of people: whatever a screen offers them is what the API allows them, no more and no less; and a walk by the keyboard alone.
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { describeApp } from '../../core/describe/description.ts'
import { inChromium } from '../kit/browser.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { isRow, rows, text } from '../kit/replies.ts'
import { openServer, unique, type Session } from '../kit/test-server.ts'
import { eventually } from '../kit/wait.ts'
import { openTabs } from './tab.ts'

/** The screens that have an entry in the menu, with what each begins with. */
const screens: Readonly<Record<string, string>> = {
  '/resources/user': 'user-list-request', '/resources/department': 'department-list-request', '/resources/group': 'group-list-request',
  '/resources/site': 'site-list-request', '/resources/role': 'role-list-request', '/resources/permission': 'permission-list-request',
  '/invitations': 'invitation-list-request', '/jobs': 'job-list-request', '/system': 'system-status-request',
  '/settings': 'config-list-request', '/audit': 'audit-log-request',
}

/** What is offered on the page of a row, as far as it changes something. */
interface Offered {
  readonly update: boolean
  readonly delete: boolean
  /** The names of relations whose links can be added. */
  readonly links: readonly string[]
}

onAnyDatabase('console: five kinds of people', (kind) => {
  inChromium('in Chromium', (browser) => {
    const server = openServer(kind, { environment: { PUBLIC_URL: 'https://sovrane.test', RATE_LIMIT_EVENTS: '0' } })
    const tabs = openTabs(browser, server)
    const people: Record<string, Session> = {}
    /** `department <id>`: the rows whose pages are looked at. */
    const looked: [string, string][] = []

    /** By event the keys that it needs. */
    const keysOf = new Map<string, readonly string[]>()

    before(async function () {
      this.timeout(180_000)
      for (const { event, keys } of describeApp(server.server.assembly).events) keysOf.set(event, keys)
      const made = async (event: string, payload: Readonly<Record<string, unknown>>): Promise<string> =>
        text((await server.ok(event, payload, server.admin))['id'])
      const site = await made('site-create', { label: 'Harbour' })
      const top = await made('department-create', { label: 'Stores', siteId: site })
      const below = await made('department-create', { label: 'Shelves', parentId: top })
      const beside = await made('department-create', { label: 'Office' })
      const [inside, outside] = [await server.person({ departmentId: below }), await server.person({ departmentId: beside })]
      const [group, other] = [await made('group-create', { name: 'Divers' }), await made('group-create', { name: 'Runners' })]
      const role = await made('role-create', { label: 'Clerk', permissions: ['read-sites'] })
      looked.push(['site', site], ['department', top], ['department', below], ['department', beside], ['user', inside.id],
        ['user', outside.id], ['group', group], ['group', other], ['role', role])
      const scoped = (...keys: readonly string[]) => keys.map((permissionId) => ({ permissionId, scopeId: top }))
      const reads = ['user', 'department', 'group', 'site', 'role', 'permission'].flatMap((name) => [`read-${name}s`, `read-${name}`])
      people['root'] = server.admin
      people['a scoped manager'] = await server.enter({ can: [
        'read-departments', 'read-department', 'read-users', 'read-user', 'read-sites',
        ...scoped('create-department', 'update-department', 'delete-department', 'manage-department-hierarchy', 'update-user', 'delete-user'),
      ] })
      people['a responsible'] = await server.enter()
      await server.ok('group-add-responsible', { id: group, userId: people['a responsible'].id }, server.admin)
      people['an auditor'] = await server.enter({ can: [...reads, 'view_audit_logs', 'read-jobs', 'read-system', 'read-config'] })
      people['no one special'] = await server.enter()
    })
    afterEach(() => tabs.close())

    const mayAsk = async (by: Session, event: string): Promise<boolean> => {
      const reply = await server.ask(event, {}, by)
      return !(isRow(reply) && 'error' in reply)
    }
    const explained = async (by: Session, event: string, id: string): Promise<boolean> =>
      (await server.ok('permission-explain', { userId: by.id, event, id }, server.admin))['allowed'] === true

    const offeredOn = async (page: Page): Promise<Offered> => ({
      update: (await page.locator('main form.card').count()) > 0,
      delete: (await page.locator('.head .button.danger').count()) > 0,
      links: await page.locator('.relation:has(.add-link)').evaluateAll((all) =>
        all.map((each) => each.getAttribute('aria-labelledby')?.replace('relation-', '') ?? '')),
    })
    /** The events that add to a relation. */
    const adds: Readonly<Record<string, string>> = {
      children: 'department-add-child', users: 'department-add-user', members: 'group-add-user', responsibles: 'group-add-responsible',
      permissions: 'user-add-permission', roles: 'user-add-role',
    }

    for (const who of ['root', 'a scoped manager', 'a responsible', 'an auditor', 'no one special']) {
      it(`shows ${who} the screens that they may see, and says of all others why not`, async function () {
        this.timeout(300_000)
        const by = people[who] ?? server.admin
        const page = await tabs.enter(by)
        for (const [path, event] of Object.entries(screens)) {
          const isAllowed = await mayAsk(by, event)
          expect(await page.locator(`#menu a[href="${path}"]`).count(), `${path} in the menu`).to.equal(isAllowed ? 1 : 0)
          await page.goto(`${server.url}${path}`)
          await page.locator('main h1').waitFor()
          if (isAllowed) {
            await page.locator('main .skeleton').waitFor({ state: 'detached' })
            expect(await page.locator('main').textContent(), path).to.not.include('You may not')
          } else await page.locator('.empty', { hasText: 'You may not see this' }).waitFor()
          if (!path.startsWith('/resources/')) continue
          const needed = keysOf.get(`${path.split('/').at(-1)}-create`) ?? []
          const held = rows((await server.ok('auth-me', {}, by))['keys']).map(({ key }) => key)
          expect(await page.locator('.head a.main').count(), `new of ${path}`).to.equal(needed.every((key) => held.includes(key)) ? 1 : 0)
        }
      })

      it(`offers ${who} on each row what they may do there, no more and no less`, async function () {
        this.timeout(400_000)
        const by = people[who] ?? server.admin
        const page = await tabs.enter(by)
        for (const [resource, id] of looked) {
          const isSeen = await explained(by, `${resource}-get`, id)
          await page.goto(`${server.url}/resources/${resource}/${id}`)
          if (!isSeen) {
            await page.locator('main .empty').waitFor()
            expect(await offeredOn(page), `${resource} ${id}`).to.deep.equal({ update: false, delete: false, links: [] })
            continue
          }
          await page.locator('main .facts').waitFor()
          const [update, remove] = [await explained(by, `${resource}-update`, id), await explained(by, `${resource}-delete`, id)]
          const expected = { update, delete: remove }
          let last: Offered | undefined
          await eventually(async () => {
            last = await offeredOn(page)
            return last.update === expected.update && last.delete === expected.delete
          }, 'what is offered is what is allowed').catch((error: unknown) => {
            throw new Error(`${resource} ${id}: offered ${JSON.stringify(last)}, allowed ${JSON.stringify(expected)}`, { cause: error })
          })
          for (const link of last?.links ?? [])
            expect(await explained(by, adds[link] ?? '', id), `${link} of ${resource} ${id}`).to.equal(true)
        }
      })
    }

    it('goes from the log-in to a new department by the keyboard alone', async function () {
      this.timeout(180_000)
      const page = await tabs.open('/')
      const label = unique('Workshop')
      /** Goes on until the focus is where it is wanted, and expects that each stop is seen. */
      const tabTo = async (selector: string): Promise<void> => {
        for (let presses = 0; presses < 60; presses += 1) {
          const [isThere, isSeen] = await page.evaluate((wanted) => {
            const at = document.activeElement
            return [at?.matches(wanted) === true, at === document.body || at?.matches(':focus-visible, h1') === true]
          }, selector)
          expect(isSeen, `the focus is seen on the way to ${selector}`).to.equal(true)
          if (isThere) return
          await page.keyboard.press('Tab')
        }
        throw new Error(`${selector} cannot be reached`)
      }
      await tabTo('input[name=email]')
      await page.keyboard.type(server.admin.email)
      await tabTo('input[name=password]')
      await page.keyboard.type(server.admin.password)
      await page.keyboard.press('Enter')
      await page.locator('#menu a').first().waitFor()
      await tabTo('#menu a[href="/resources/department"]')
      await page.keyboard.press('Enter')
      await page.locator('tbody th a').first().waitFor()
      await tabTo('.head a.main')
      await page.keyboard.press('Enter')
      await page.locator('#field-label').waitFor()
      await tabTo('#field-label')
      await page.keyboard.type(label)
      await tabTo('main button[type=submit]')
      await page.keyboard.press('Enter')
      await page.locator('h1', { hasText: label }).waitFor()
      expect((await server.ok('department-list-request', { search: label }, server.admin))['total']).to.equal(1)
    })
  })
})
