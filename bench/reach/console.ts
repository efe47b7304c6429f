// The console over a million users: how soon its first list is on the screen, and how soon another page, order or search is.
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, type Page } from 'playwright-core'
import { emailOf, million, password } from '../database/organisation.ts'
import { median } from '../measure/figures.ts'

/** Where Debian's package `chromium` puts it. */
const executablePath = '/usr/bin/chromium'

export interface Seen {
  readonly title: string
  /** Milliseconds, of each try. */
  readonly times: readonly number[]
  readonly median: number
}

const tries = 5

interface Watched {
  readonly firstRow: number
  /** Milliseconds of the longest piece of work that kept the page from answering. */
  longest: number
}

/** Runs in the page, before anything of it. Times are since the navigation began. */
const watch = `
  window.watched = { firstRow: 0, longest: 0 }
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.watched.longest = Math.max(window.watched.longest, duration)
  }).observe({ type: 'longtask', buffered: true })
  // Not frame by frame: a page that asks for each frame is drawn for each, which takes more than all else.
  const eye = new MutationObserver(() => {
    if (!document.querySelector('tbody th a')) return
    eye.disconnect()
    requestAnimationFrame(() => { window.watched.firstRow = performance.now() })
  })
  eye.observe(document, { childList: true, subtree: true })
  window.untilRows = (act) => new Promise((done) => {
    const rows = () => [...document.querySelectorAll('tbody th')].map((each) => each.textContent).join()
    const before = rows()
    const began = performance.now()
    const wait = () => {
      const table = document.querySelector('table')
      const isThere = table && table.getAttribute('aria-busy') !== 'true' && rows() !== before
      requestAnimationFrame(isThere ? () => done(performance.now() - began) : wait)
    }
    act()
    requestAnimationFrame(wait)
  })`

const watched = (page: Page): Promise<Watched> => page.evaluate('window.watched')

/** The time from pressing something until other rows are drawn. */
const after = (page: Page, selector: string): Promise<number> =>
  page.evaluate(`window.untilRows(() => document.querySelector(${JSON.stringify(selector)}).click())`)

const afterTyping = (page: Page, text: string): Promise<number> => page.evaluate(`window.untilRows(() => {
  const box = document.querySelector('input[data-search]')
  box.value = ${JSON.stringify(text)}
  box.dispatchEvent(new Event('input', { bubbles: true }))
})`)

const seen = async (title: string, once: (turn: number) => Promise<number>): Promise<Seen> => {
  const times: number[] = []
  for (let turn = 0; turn < tries; turn += 1) times.push(await once(turn))
  return { title, times, median: median(times) }
}

const list = '/resources/user'

/** @returns undefined where there is no browser */
export const measureConsole = async (url: string, user: number): Promise<readonly Seen[] | undefined> => {
  if (!existsSync(executablePath)) return undefined
  const isRoot = process.getuid?.() === 0
  const browser = await chromium.launch({ executablePath, headless: true, args: ['--disable-gpu', ...(isRoot ? ['--no-sandbox'] : [])] })
  try {
    const first = await browser.newContext()
    const entrance = await first.newPage()
    await entrance.goto(url)
    await entrance.locator('input[name=email]').fill(emailOf(user))
    await entrance.locator('input[name=password]').fill(password)
    await entrance.keyboard.press('Enter')
    await entrance.locator('#menu a').first().waitFor()
    await first.addInitScript(watch)
    await entrance.close()
    const page = await first.newPage()
    /** From another page of the console: from that of another site the browser would start a process, which is not ours. */
    const open = async (path = list): Promise<number> => {
      await page.goto(`${url}/profile`)
      await page.locator('#menu a').first().waitFor()
      await page.goto(`${url}${path}`)
      // The page measures it; its own rules let no one else wait within it.
      for (;;) {
        const { firstRow } = await watched(page)
        if (firstRow > 0) return firstRow
        await sleep(100)
      }
    }
    const buttons = '.pages div button'
    const results = [
      await seen('first list on the screen, from its address', () => open()),
      await seen('the next page', () => after(page, `${buttons}:nth-of-type(3)`)),
      await seen('the last page, and the first again', async (turn) =>
        after(page, turn % 2 === 0 ? `${buttons}:nth-of-type(4)` : `${buttons}:nth-of-type(1)`)),
      await seen('another order', (turn) => after(page, `thead th:nth-of-type(${turn % 2 + 2}) button`)),
    ]
    await open()
    results.push(
      await seen('a search, from the last key (it waits 200 ms)', (turn) =>
        afterTyping(page, `person.${(turn * 99_991 + 12_345) % million.users}@`)),
      await seen('the longest piece of work meanwhile', async () => (await watched(page)).longest),
    )
    return results
  } finally {
    await browser.close()
  }
}
