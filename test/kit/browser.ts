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

/** Defines tests for a real browser. */
export const inChromium = (title: string, define: (browser: Chromium) => void): void => {
  if (!existsSync(executablePath)) {
    describe(title, () => void it('skipped: there is no Chromium; apt-get install chromium'))
    return
  }
  describe(title, () => {
    let browser: Browser | undefined
    before(async function () {
      this.timeout(60_000)
      const isRoot = process.getuid?.() === 0
      browser = await chromium.launch({ executablePath, headless: true, args: [...quiet, ...(isRoot ? ['--no-sandbox'] : [])] })
    })
    after(async () => browser?.close())
    define({
      async context(options) {
        if (!browser) throw new Error('the browser has not started')
        const context = await browser.newContext(options)
        // What tests hand to a page was compiled by tsx, which calls this to keep the names of functions.
        await context.addInitScript('globalThis.__name = (value) => value')
        return context
      },
    })
  })
}
