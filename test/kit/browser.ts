// A real browser for suites that need one: Debian's Chromium, driven by playwright-core. Where it is missing, they say so and are skipped.
import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions } from 'playwright-core'

/** Where Debian's package `chromium` puts it. */
const executablePath = '/usr/bin/chromium'

/** It asks no one for updates, models or lists; as root it has no sandbox. */
const quiet = [
  '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
]

/** What a suite has of the browser, between its first and its last test. */
export interface Chromium {
  /** A profile of its own: storage, permissions, size of the window. Closed at the end of the suite. */
  context(options?: BrowserContextOptions): Promise<BrowserContext>
}

let browser: Promise<Browser> | undefined

/** One for all suites of a run: a start costs more than a profile. */
const theBrowser = (): Promise<Browser> => {
  const isRoot = process.getuid?.() === 0
  browser ??= chromium.launch({ executablePath, headless: true, args: [...quiet, ...(isRoot ? ['--no-sandbox'] : [])] })
  return browser
}

after(async () => (await browser)?.close())

/** Defines tests for a real browser. */
export const inChromium = (title: string, define: (browser: Chromium) => void): void => {
  if (!existsSync(executablePath)) {
    describe(title, () => void it('skipped: there is no Chromium; apt-get install chromium'))
    return
  }
  describe(title, () => {
    const contexts: BrowserContext[] = []
    before(async function () {
      this.timeout(60_000)
      await theBrowser()
    })
    after(async () => {
      for (const context of contexts) await context.close()
    })
    define({
      async context(options) {
        const context = await (await theBrowser()).newContext(options)
        contexts.push(context)
        // What tests hand to a page was compiled by tsx, which calls this to keep the names of functions.
        await context.addInitScript('globalThis.__name = (value) => value')
        return context
      },
    })
  })
}
