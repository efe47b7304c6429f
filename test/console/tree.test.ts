// Departments as a tree: opened level by level, live, moved by mouse, by keys and by a dialog, with a way back and words for refusals.
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { inChromium } from '../kit/browser.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { isRow, row, text, type Row } from '../kit/replies.ts'
import { openServer, unique } from '../kit/test-server.ts'
import { eventually } from '../kit/wait.ts'
import { openTabs } from './tab.ts'

const path = '/resources/department/as/tree'

onAnyDatabase('console: the tree', (kind) => {
  inChromium('in Chromium', (browser) => {
    const server = openServer(kind, { environment: { PUBLIC_URL: 'https://sovrane.test', RATE_LIMIT_EVENTS: '0' } })
    const tabs = openTabs(browser, server)
    // Where there are few at the top, they are opened at once.
    before(async () => {
      for (const label of ['A', 'B', 'C', 'D']) await make(unique(label))
    })

    const make = async (label: string, parentId?: string): Promise<string> =>
      text((await server.ok('department-create', { label, ...(parentId === undefined ? {} : { parentId }) }, server.admin))['id'])
    const aboveOf = async (id: string): Promise<unknown> => (await server.ok('department-get', { id }, server.admin))['parentId']
    const node = (page: Page, label: string) => page.locator('[role=treeitem]').filter({ has: page.locator('bdi', { hasText: label }) })
    /** The rows that are shown, from above to below, each with its level. */
    const shown = (page: Page): Promise<string[]> =>
      page.getByRole('treeitem').evaluateAll((items) => items.map((item) => `${item.ariaLevel} ${item.querySelector('bdi')?.textContent}`))
    const shows = (page: Page, of: string, ...expected: readonly string[]): Promise<void> =>
      eventually(async () => JSON.stringify((await shown(page)).filter((each) => each.includes(of))) === JSON.stringify(expected),
        `the tree is ${JSON.stringify(expected)}`)
    const focused = (page: Page): Promise<string | null> =>
      page.evaluate(() => document.activeElement?.querySelector('bdi')?.textContent ?? null)
    const said = (page: Page, words: string): Promise<void> => page.locator('.notice', { hasText: words }).first().waitFor()

    /** Two towers, one of them with rooms, one room with a shelf. */
    const house = async () => {
      const word = unique('house')
      const [east, west] = [await make(`east ${word}`), await make(`west ${word}`)]
      const room = await make(`room ${word}`, east)
      const shelf = await make(`shelf ${word}`, room)
      return { word, east, west, room, shelf }
    }

    it('is offered beside the list, opens level by level by keys, and finds by letters', async () => {
      const { word } = await house()
      const page = await tabs.enter(server.admin, '/resources/department')
      await page.locator('.views a', { hasText: 'Tree' }).click()
      await node(page, `east ${word}`).click()
      await shows(page, word, `1 east ${word}`, `1 west ${word}`)
      expect(await node(page, `west ${word}`).getAttribute('aria-expanded')).to.equal(null)
      await page.keyboard.press('ArrowRight')
      await shows(page, word, `1 east ${word}`, `2 room ${word}`, `1 west ${word}`)
      await page.keyboard.press('ArrowRight')
      expect(await focused(page)).to.equal(`room ${word}`)
      await page.keyboard.press('ArrowRight')
      await shows(page, word, `1 east ${word}`, `2 room ${word}`, `3 shelf ${word}`, `1 west ${word}`)
      await page.keyboard.press('End')
      expect(await focused(page)).to.equal((await shown(page)).at(-1)?.slice(2))
      await page.keyboard.press('s')
      expect(await focused(page)).to.equal(`shelf ${word}`)
      await page.keyboard.press('ArrowLeft')
      expect(await focused(page)).to.equal(`room ${word}`)
      await page.keyboard.press('ArrowLeft')
      await shows(page, word, `1 east ${word}`, `2 room ${word}`, `1 west ${word}`)
      // One stop of the tabulator for all of it.
      expect(await page.locator('[role=treeitem][tabindex="0"]').count()).to.equal(1)
      await page.keyboard.press('Enter')
      await page.locator('h1', { hasText: `room ${word}` }).waitFor()
    })

    it('moves by dragging, tells another browser, and goes back', async () => {
      const { word, east, west, room } = await house()
      const page = await tabs.enter(server.admin, path)
      const other = await tabs.enter(server.admin, path)
      for (const each of [page, other]) {
        await node(each, `east ${word}`).click()
        await each.keyboard.press('ArrowRight')
        await node(each, `room ${word}`).waitFor()
      }
      await node(page, `room ${word}`).dragTo(node(page, `west ${word}`))
      await said(page, `room ${word} now stands below west ${word}`)
      expect(await aboveOf(room)).to.equal(west)
      await shows(page, word, `1 east ${word}`, `1 west ${word}`, `2 room ${word}`)
      await node(other, `west ${word}`).click()
      await other.keyboard.press('ArrowRight')
      await shows(other, word, `1 east ${word}`, `1 west ${word}`, `2 room ${word}`)
      await page.locator('.notice button', { hasText: 'Undo' }).click()
      await shows(page, word, `1 east ${word}`, `2 room ${word}`, `1 west ${word}`)
      expect(await aboveOf(room)).to.equal(east)
    })

    it('moves by keys, keeps the focus on what was moved, and says why something cannot stand below itself', async () => {
      const { word, west, room } = await house()
      const page = await tabs.enter(server.admin, path)
      await node(page, `east ${word}`).click()
      await page.keyboard.press('ArrowRight')
      await node(page, `room ${word}`).waitFor()
      await page.keyboard.press('ArrowRight')
      await page.keyboard.press('Control+x')
      await page.locator('[role=status]', { hasText: 'is taken out' }).waitFor({ state: 'attached' })
      await node(page, `west ${word}`).focus()
      await page.keyboard.press('Control+v')
      await shows(page, word, `1 east ${word}`, `1 west ${word}`, `2 room ${word}`)
      expect(await aboveOf(room)).to.equal(west)
      await eventually(async () => (await focused(page)) === `room ${word}`, 'the focus is on what was moved')
      await page.keyboard.press('ArrowLeft')
      await eventually(async () => (await focused(page)) === `west ${word}`, 'the focus is on the tree still')
      await page.keyboard.press('Control+x')
      await page.keyboard.press('ArrowRight')
      expect(await focused(page)).to.equal(`room ${word}`)
      await page.keyboard.press('Control+v')
      await said(page, 'cannot stand below itself')
      expect(await aboveOf(west)).to.equal(null)
    })

    it('moves by a dialog to what is not on the screen, tells what the server refuses, and puts one at the top', async () => {
      const { word, east, room, shelf } = await house()
      const page = await tabs.enter(server.admin, path)
      await node(page, `east ${word}`).click()
      await page.getByRole('button', { name: 'Move…' }).click()
      // Where it cannot go, below itself, is not on the screen: the server says so.
      await page.locator('#move-to').fill(`shelf ${word}`)
      await page.getByRole('option', { name: `shelf ${word}` }).click()
      await page.getByRole('button', { name: 'Move', exact: true }).click()
      await said(page, 'stand above itself')
      await page.keyboard.press('Escape')
      await node(page, `east ${word}`).click()
      await page.keyboard.press('ArrowRight')
      await node(page, `room ${word}`).click()
      await page.getByRole('button', { name: 'Move…' }).click()
      await page.getByRole('button', { name: 'To the top' }).click()
      await shows(page, word, `1 east ${word}`, `1 room ${word}`, `1 west ${word}`)
      expect([await aboveOf(room), await aboveOf(shelf), await aboveOf(east)]).to.deep.equal([null, room, null])
    })

    it('begins where one’s scopes do, hears of what is made there, and offers no move to those who may not', async () => {
      const { word, east, room } = await house()
      const scoped = (permissionId: string) => ({ permissionId, scopeId: room })
      const person = await server.person({ direct: ['read-departments', 'read-department'].map(scoped) })
      const page = await tabs.enter(person, path)
      await shows(page, word, `1 room ${word}`, `2 shelf ${word}`)
      const drawer = await make(`drawer ${word}`, room)
      await shows(page, word, `1 room ${word}`, `2 drawer ${word}`, `2 shelf ${word}`)
      await server.ok('department-parent-set', { id: drawer, parentId: east }, server.admin)
      await shows(page, word, `1 room ${word}`, `2 shelf ${word}`)
      expect(await page.locator('[draggable=true]').count()).to.equal(0)
      expect(await page.getByRole('button', { name: 'Move…' }).count()).to.equal(0)
    })

    it('offers for a row what the server lets one do with it, no more and no less', async () => {
      const { word, east, west, room, shelf } = await house()
      const places = { east, west, room, shelf, spare: await make(`spare ${word}`) }
      const [create, move] = ['create-department', 'manage-department-hierarchy']
      const within = [[create, east], [move, east], [move, places.spare]].map(([permissionId, scopeId]) => ({ permissionId, scopeId }))
      const by = await server.enter({ can: ['read-departments', 'read-department', ...within] })
      const isDone = async (event: string, payload: Row): Promise<Row | undefined> => {
        const reply = await server.ask(event, payload, by)
        return isRow(reply) && 'error' in reply ? undefined : row(reply)
      }
      /** What is done with each row when it is tried; it is undone at once. */
      const allowed: Row[] = []
      for (const [label, id] of Object.entries(places)) {
        const above = await aboveOf(id)
        let isMoved = false
        for (const parentId of Object.values(places).filter((each) => each !== id && each !== above)) {
          if (!(await isDone('department-parent-set', { id, parentId }))) continue
          isMoved = true
          await server.ok(`department-parent-${above === null ? 'remove' : 'set'}`,
            { id, ...(above === null ? {} : { parentId: above }) }, server.admin)
        }
        const made = await isDone('department-create', { label: unique('new'), parentId: id })
        if (made) await server.ok('department-delete', { id: made['id'] }, server.admin)
        allowed.push({ label, move: isMoved, below: made !== undefined })
      }
      for (const what of ['move', 'below']) expect(allowed.map((each) => each[what]), what).to.include.members([true, false])

      const page = await tabs.enter(by, path)
      for (const label of ['east', 'room']) await node(page, `${label} ${word}`).locator('.twist').click()
      await node(page, `shelf ${word}`).waitFor()
      const offered: Row[] = []
      for (const label of Object.keys(places)) {
        await node(page, `${label} ${word}`).click()
        const bar = page.locator('.tree-bar[aria-busy=false]', { hasText: `${label} ${word}` })
        await bar.waitFor()
        offered.push({
          label, move: (await bar.getByRole('button', { name: 'Move…' }).count()) > 0,
          below: (await bar.getByRole('link', { name: 'New below it' }).count()) > 0,
        })
      }
      expect(offered).to.deep.equal(allowed)
    })
  })
})
