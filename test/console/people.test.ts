// Five kinds of people: whatever a screen offers them is what the API allows them, no more and no less; and a walk by the keyboard alone.
import { expect } from 'chai'
import { describeApp } from '../../core/describe/description.ts'
import { inChromium } from '../kit/browser.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { longTest } from '../kit/extent.ts'
import { isRow, rows, text } from '../kit/replies.ts'
import { openServer, unique, type Session } from '../kit/test-server.ts'
import { eventually } from '../kit/wait.ts'
import { allowedOn, isTried, nothingOffered, offeredOn, type Ids, type Offered } from './offered.ts'
import { openTabs } from './tab.ts'

/** The screens that have an entry in the menu, with what each begins with. */
const screens: Readonly<Record<string, string>> = {
  '/resources/user': 'user-list-request', '/resources/department': 'department-list-request', '/resources/group': 'group-list-request',
  '/resources/site': 'site-list-request', '/resources/role': 'role-list-request', '/resources/permission': 'permission-list-request',
  '/invitations': 'invitation-list-request', '/jobs': 'job-list-request', '/system': 'system-status-request',
  '/settings': 'config-list-request', '/audit': 'audit-log-request',
}

onAnyDatabase('console: five kinds of people', (kind) => {
  inChromium('in Chromium', (browser) => {
    const server = openServer(kind, { environment: { PUBLIC_URL: 'https://sovrane.test', RATE_LIMIT_EVENTS: '0' } })
    const tabs = openTabs(browser, server)
    const people: Record<string, Session> = {}
    /** `department <id>`: the rows whose pages are looked at. */
    const looked: [string, string][] = []

    let ids: Ids
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
      const spare = await made('department-create', { label: 'Yard' })
      ids = { site, top, below, beside, spare, role, inside: inside.id }
      for (const userId of [inside.id, outside.id]) await server.ok('group-add-user', { id: group, userId }, server.admin)
      looked.push(['site', site], ['department', top], ['department', below], ['department', beside], ['user', inside.id],
        ['user', outside.id], ['user', server.admin.id], ['group', group], ['group', other], ['role', role], ['permission', 'read-sites'])
      const scoped = (...keys: readonly string[]) => keys.map((permissionId) => ({ permissionId, scopeId: top }))
      const reads = ['user', 'department', 'group', 'site', 'role', 'permission'].flatMap((name) => [`read-${name}s`, `read-${name}`])
      people['root'] = server.admin
      people['a scoped manager'] = await server.enter({ can: [
        'read-departments', 'read-department', 'read-users', 'read-user', 'read-sites',
        ...scoped('create-department', 'update-department', 'delete-department', 'manage-department-hierarchy', 'update-user', 'delete-user'),
        ...['update-department', 'manage-department-hierarchy'].map((permissionId) => ({ permissionId, scopeId: spare })),
      ] })
      people['a responsible'] = await server.enter()
      await server.ok('group-add-responsible', { id: group, userId: people['a responsible'].id }, server.admin)
      people['an auditor'] = await server.enter({ can: [...reads, 'view_audit_logs', 'read-jobs', 'read-system', 'read-config'] })
      people['no one special'] = await server.enter()
    })

    const mayAsk = async (by: Session, event: string): Promise<boolean> => {
      const reply = await server.ask(event, {}, by)
      return !(isRow(reply) && 'error' in reply)
    }
    for (const who of ['root', 'a scoped manager', 'a responsible', 'an auditor', 'no one special']) {
      const test = ['a scoped manager', 'no one special'].includes(who) ? it : longTest
      test(`shows ${who} the screens that they may see, and says of all others why not`, async function () {
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

      test(`shows and offers ${who} on each row what the API allows them there, no more and no less`, async function () {
        this.timeout(600_000)
        const by = people[who] ?? server.admin
        const page = await tabs.enter(by)
        const resources = describeApp(server.server.assembly).resources
        for (const [name, id] of [...looked, ['user', by.id] as const]) {
          const resource = resources.find((each) => each.name === name)
          if (!resource) throw new Error(`There is no ${name}`)
          const tried = (fields: readonly string[]): string[] => fields.filter((field) => isTried(id === by.id, field))
          const allowed = await allowedOn(server, by, resource, { id, ids })
          await page.goto(`${server.url}/resources/${name}/${id}`)
          await page.locator(allowed === nothingOffered ? 'main .empty' : 'main .facts').waitFor()
          let last: Offered | undefined
          await eventually(async () => {
            const offered = await offeredOn(page)
            last = { ...offered, shown: tried(offered.shown), editable: tried(offered.editable) }
            return JSON.stringify(last) === JSON.stringify({ ...last, ...allowed })
          }, 'what is offered is what is allowed').catch((_error: unknown) => {
            expect(last, `${name} ${id}`).to.deep.equal(allowed)
          })
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
