// A browser on the console: what it opens, what it must not do meanwhile, and what axe says of what it shows.
import axe from 'axe-core'
import { expect } from 'chai'
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import type { Chromium } from '../kit/browser.ts'
import type { Person, TestServer } from '../kit/test-server.ts'

interface Violation {
  readonly id: string
  readonly help: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

/** What is wrong with a page for those who cannot see it, or not well. */
export const axeFaults = async (page: Page): Promise<string[]> => {
  // Scripts of the page itself may not do this; the browser's own tools may.
  await page.evaluate(axe.source)
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } }
    return (await axe.run({ resultTypes: ['violations'] })).violations
  })
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
}

export interface Tabs {
  /** A browser of its own, at a path. */
  open(path?: string, options?: BrowserContextOptions): Promise<Page>
  /** The same, logged in by the form. */
  enter(person: Pick<Person, 'email' | 'password'>, path?: string, options?: BrowserContextOptions): Promise<Page>
  /** What went wrong since this was last asked. */
  troubles(): string[]
}

/** What Chromium itself writes about a refusal, or about a network that is away. */
const isOfNetwork = (message: string): boolean =>
  /^(?:Failed to load resource|WebSocket connection to .* failed|.*net::ERR_)/.test(message)

export const logIn = async (page: Page, { email, password }: Pick<Person, 'email' | 'password'>): Promise<void> => {
  await page.locator('input[name=email]').fill(email)
  await page.locator('input[name=password]').fill(password)
  await page.keyboard.press('Enter')
}

/** The tabs of a suite: after each test they are closed, and nothing has gone wrong in them. */
export const openTabs = (browser: Chromium, server: TestServer): Tabs => {
  const contexts: BrowserContext[] = []
  const troubles: string[] = []
  // A browser is slow where others are at work.
  beforeEach(function () {
    this.currentTest?.timeout(180_000)
  })
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close()
    expect(troubles.splice(0)).to.deep.equal([])
  })
  const open: Tabs['open'] = async (path = '/', options = {}) => {
    const context = await browser.context({ locale: 'en-GB', viewport: { width: 1024, height: 768 }, ...options })
    contexts.push(context)
    context.setDefaultTimeout(60_000)
    const page = await context.newPage()
    page.on('pageerror', (error) => void troubles.push(error.message))
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !isOfNetwork(message.text())) troubles.push(message.text())
    })
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url) && !request.url().startsWith('data:')) troubles.push(`asked ${request.url()}`)
    })
    await page.goto(`${server.url}${path}`)
    await page.locator('h1').waitFor()
    return page
  }
  return {
    open,
    async enter(person, path = '/', options = {}) {
      const page = await open(path, options)
      await logIn(page, person)
      await page.locator('#menu a').first().waitFor()
      return page
    },
    troubles: () => troubles.splice(0),
  }
}
