// The client in a real browser: tabs that share a session, a network that goes and comes, sleep, and a storage that is full.
import { expect } from 'chai'
import type { BrowserContext, Page } from 'playwright-core'
import { startProxy, type Proxy } from '../faults/proxy.ts'
import { inChromium } from '../kit/browser.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { text } from '../kit/replies.ts'
import { TestServer } from '../kit/test-server.ts'
import { eventually } from '../kit/wait.ts'
import { serveSite, type Site } from './browser/site.ts'
import type { Tab } from './browser/tab.ts'

type Look = ReturnType<Tab['look']>

/** What Chromium itself writes about a network that is away. */
const isOfNetwork = (message: string): boolean =>
  /^(?:Failed to load resource|WebSocket connection to .* failed|.*net::ERR_)/.test(message)

onAnyDatabase('client: in a browser', (kind) => {
  inChromium('Chromium', (browser) => {
    const environment: Record<string, string> = { JWT_ACCESS_TOKEN_DURATION: '4s' }
    const server = new TestServer(kind, { environment })
    const parts: { site?: Site; proxy?: Proxy; context?: BrowserContext } = {}
    const part = <Name extends keyof typeof parts>(name: Name): NonNullable<(typeof parts)[Name]> => {
      const found = parts[name]
      if (!found) throw new Error(`there is no ${name} yet`)
      return found
    }
    /** What went wrong in the tabs, and the tokens that they asked to refresh by, each with the tabs that did. */
    const troubles: string[] = []
    const refreshes = new Map<string, Set<Page>>()
    let isCut = false
    /** Who makes changes: by an API token, which does not end during a test. */
    let script = { token: '' }

    before(async function () {
      this.timeout(60_000)
      parts.site = await serveSite()
      environment['CORS_ORIGIN'] = parts.site.origin
      await server.open()
      script = { token: text((await server.ok('auth-token-create', { name: 'Changes' }, server.admin))['token']) }
    })
    beforeEach(async () => {
      await server.renew()
      parts.proxy = await startProxy(Number(new URL(server.url).port))
      parts.context = await browser.context()
      refreshes.clear()
      isCut = false
    })
    afterEach(async () => {
      await parts.context?.close()
      await parts.proxy?.close()
      expect(troubles.splice(0)).to.deep.equal([])
    })
    after(async () => {
      await parts.site?.close()
      await server.close()
    })

    const straight = (): string => server.url
    const overProxy = (): string => `http://127.0.0.1:${part('proxy').port}`

    const noteRefresh = (page: Page, body: string | undefined): void => {
      if (body === undefined) return
      const { refreshToken } = JSON.parse(body) as { readonly refreshToken: string }
      refreshes.set(refreshToken, (refreshes.get(refreshToken) ?? new Set()).add(page))
    }

    const open = async (address = straight()): Promise<Page> => {
      const page = await part('context').newPage()
      page.on('pageerror', (error) => void troubles.push(error.message))
      page.on('console', (message) => {
        const isTrouble = ['error', 'warning'].includes(message.type()) && !(isCut && isOfNetwork(message.text()))
        if (isTrouble) troubles.push(message.text())
      })
      page.on('websocket', (socket) => {
        socket.on('framesent', ({ payload }) => noteRefresh(page, /\["auth-refresh",(\{.*\})\]/.exec(String(payload))?.[1]))
      })
      page.on('request', (request) => {
        if (request.method() === 'POST' && request.url().endsWith('/auth-refresh')) noteRefresh(page, request.postData() ?? undefined)
      })
      await page.goto(`${part('site').origin}/?server=${encodeURIComponent(address)}`)
      await page.waitForFunction(() => 'tab' in window)
      return page
    }
    const look = (page: Page): Promise<Look> => page.evaluate(() => window.tab.look())
    const is = async (page: Page, status: Look['status']): Promise<void> => {
      let last: Look | undefined
      await eventually(async () => (last = await look(page)).status === status, status).catch((error: unknown) => {
        throw new Error(`it is ${JSON.stringify(last)}`, { cause: error })
      })
    }
    const logIn = async (page: Page): Promise<string> => {
      const { email, password } = server.admin
      await page.evaluate(async (login) => void await window.tab.client.auth.login(login), { email, password })
      await is(page, 'live')
      return (await look(page)).sessionId ?? ''
    }
    const spent = async (sessionId: string): Promise<number> =>
      (await server.sql('select 1 from spent_refresh_tokens where session_id = ?', [sessionId])).length
    const isOpen = async (sessionId: string): Promise<boolean> =>
      (await server.sql('select 1 from sessions where id = ? and ended_at is null', [sessionId])).length === 1
    /** So many refreshes, each token by one tab; that one sends it again when it has lost the socket that it sent it by. */
    const areRefreshed = async (sessionId: string, least: number): Promise<void> => {
      await eventually(async () => await spent(sessionId) >= least, 'tokens are refreshed')
      expect(refreshes.size, 'what is spent was seen to be sent').to.be.at.least(least)
      for (const tabs of refreshes.values()) expect(tabs.size, 'two tabs send one token').to.equal(1)
    }
    const makeSite = async (label: string): Promise<string> => text((await server.ok('site-create', { label }, script))['id'])
    const hasHeard = async (page: Page, ids: readonly string[]): Promise<void> => {
      await eventually(async () => {
        const { heard } = await look(page)
        return ids.every((id) => heard.includes(id))
      }, 'it hears what it has missed')
      expect((await look(page)).heard.filter((id) => ids.includes(id))).to.deep.equal(ids)
    }
    const isEqual = async (page: Page, labels: readonly string[]): Promise<void> => {
      const { status, live, fresh } = await page.evaluate(() => window.tab.compare())
      expect(status).to.equal('live')
      expect(live).to.deep.equal(fresh)
      expect(live.items.map(({ label }) => label)).to.include.members(labels)
    }

    it('a log-in counts for all tabs, one refreshes for all, and a log-out ends all', async () => {
      const [one, other] = [await open(), await open()]
      expect((await look(other)).status).to.equal('signed-out')
      const session = await logIn(one)
      await is(other, 'live')
      expect((await look(other)).sessionId).to.equal(session)
      await areRefreshed(session, 3)
      await makeSite('Told')
      for (const page of [one, other]) {
        await eventually(async () => (await look(page)).list.labels.includes('Told'), 'both hear of changes')
        expect(await page.evaluate(() => window.tab.outcome(20_000))).to.equal('answered')
        expect((await look(page)).sessionId).to.equal(session)
      }
      expect(await isOpen(session)).to.equal(true)

      await other.evaluate(async () => void await window.tab.client.auth.logout())
      for (const page of [one, other]) {
        await is(page, 'signed-out')
        expect((await look(page)).list).to.include({ status: 'error', total: 0 })
      }
      expect(await isOpen(session)).to.equal(false)
      expect(await one.evaluate(() => Object.keys(localStorage))).to.deep.equal([])
      expect(await logIn(one)).to.not.equal(session)
      await is(other, 'live')
    })

    it('a tab that is closed while it refreshes for all leaves it to the others', async () => {
      const one = await open(overProxy())
      const session = await logIn(one)
      part('proxy').stall('up')
      const held = (): Promise<number> => one.evaluate(async () => (await navigator.locks.query()).held?.length ?? 0)
      await eventually(async () => await held() > 0, 'it holds the lock')
      const other = await open()
      const count = await spent(session)
      await one.close()
      await is(other, 'live')
      await eventually(async () => await spent(session) > count, 'the other one has refreshed')
      await is(other, 'live')
      expect((await look(other)).sessionId).to.equal(session)
    })

    const networks: Readonly<Record<string, { cut(): Promise<void>; heal(): Promise<void> }>> = {
      'a line that is cut': { cut: async () => part('proxy').cut(), heal: async () => part('proxy').heal() },
      'a browser that is offline': { cut: () => part('context').setOffline(true), heal: () => part('context').setOffline(false) },
    }
    for (const [title, network] of Object.entries(networks)) {
      it(`${title}: it says so, and is equal again with all that was missed`, async () => {
        const page = await open(overProxy())
        const session = await logIn(page)
        await eventually(async () => (await look(page)).list.status === 'live', 'the list is read')
        isCut = true
        await network.cut()
        await is(page, 'waiting')
        // An attempt has failed: by now the browser lets none through.
        await eventually(async () => (await look(page)).error === 'offline', 'the error is shown')
        expect((await look(page)).list.status).to.equal('offline')
        const patient = page.evaluate(() => window.tab.outcome(30_000))
        expect(await page.evaluate(() => window.tab.outcome(200))).to.equal('offline')
        const missed = [await makeSite(`${title} 1`), await makeSite(`${title} 2`)]
        await network.heal()
        await is(page, 'live')
        expect(await patient).to.equal('answered')
        await hasHeard(page, missed)
        await isEqual(page, [`${title} 1`, `${title} 2`])
        expect(await look(page)).to.include({ resyncs: 0, sessionId: session })
      })
    }

    /** Stops all tabs at once, as a machine does that sleeps. @returns what wakes them up */
    const sleep = async (): Promise<() => void> => {
      const session = await part('context').browser()?.newBrowserCDPSession()
      const { processInfo } = await session?.send('SystemInfo.getProcessInfo') ?? { processInfo: [] }
      const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
      expect(renderers).to.not.have.length(0)
      for (const id of renderers) process.kill(id, 'SIGSTOP')
      return () => {
        for (const id of renderers) process.kill(id, 'SIGCONT')
      }
    }
    for (const isOther of [false, true]) {
      it(`two tabs that slept until their token had ended: back with ${isOther ? 'another history' : 'what was missed'}, refreshed once`, async () => {
        const pages = [await open(overProxy()), await open(overProxy())] as const
        const session = await logIn(pages[0])
        for (const page of pages) await is(page, 'live')
        // Just done, so none is under way when they fall asleep.
        await areRefreshed(session, 1)
        const labels = [1, 2].map((number) => `Asleep ${number} ${isOther}`)
        const missed: string[] = []
        isCut = true
        const before = await spent(session)
        const wake = await sleep()
        try {
          part('proxy').blackhole()
          for (const label of labels) missed.push(await makeSite(label))
          if (isOther) await server.sql("update feed_state set epoch = 'another'")
          const end = Date.now() + 4500
          await eventually(() => Date.now() > end, 'the token has ended')
          part('proxy').heal()
        } finally {
          wake()
        }
        for (const page of pages) {
          await eventually(async () => (await look(page)).resyncs === Number(isOther), 'it reads anew if it must')
          if (!isOther) await hasHeard(page, missed)
          await is(page, 'live')
          await isEqual(page, labels)
          expect((await look(page)).sessionId).to.equal(session)
        }
        await areRefreshed(session, before + 1)
      })
    }

    it('tabs that change the same tokens at the same time do so one after another, each from what the one before has kept', async () => {
      const pages = [await open(), await open(), await open()]
      await Promise.all(pages.map((page) => page.evaluate(() => window.tab.count(20))))
      for (const page of pages) expect(await page.evaluate(() => window.tab.counted())).to.equal(60)
    })

    it('a full localStorage: it says so, the session goes on in all tabs, and is kept again when there is room', async () => {
      const [one, other] = [await open(), await open()]
      await one.evaluate(() => window.tab.fill())
      const session = await logIn(one)
      expect((await look(one)).storage).to.equal('storage')
      await is(other, 'live')
      await areRefreshed(session, 2)
      for (const page of [one, other]) expect(await page.evaluate(() => window.tab.outcome(20_000))).to.equal('answered')
      expect(await one.evaluate(() => localStorage.getItem('sovrane'))).to.equal(null)
      await one.evaluate(() => localStorage.clear())
      await eventually(async () => [await look(one), await look(other)].every(({ storage }) => storage === undefined), 'it is kept again')
      await other.reload()
      await other.waitForFunction(() => 'tab' in window)
      await is(other, 'live')
      expect((await look(other)).sessionId).to.equal(session)
    })

    it('a localStorage that may not be used: it says so, and the session goes on until the tab is closed', async () => {
      await part('context').addInitScript(() => {
        Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('Access is denied', 'SecurityError') } })
      })
      const page = await open()
      const session = await logIn(page)
      expect((await look(page)).storage).to.equal('storage')
      await areRefreshed(session, 1)
      expect(await page.evaluate(() => window.tab.outcome(20_000))).to.equal('answered')
      await page.reload()
      await page.waitForFunction(() => 'tab' in window)
      expect((await look(page)).status).to.equal('signed-out')
    })

    for (const isFull of [false, true]) {
      it(`a log-out counts in a tab that is offline${isFull ? ', with a full localStorage too' : ''}`, async () => {
        const [one, other] = [await open(overProxy()), await open()]
        if (isFull) await one.evaluate(() => window.tab.fill())
        await logIn(one)
        await is(other, 'live')
        isCut = true
        part('proxy').cut()
        await is(one, 'waiting')
        await other.evaluate(async () => void await window.tab.client.auth.logout())
        await is(one, 'signed-out')
        expect((await look(one)).list).to.include({ status: 'error', total: 0 })
      })
    }

    it('is a check that catches what a page says of its faults', async () => {
      const page = await open()
      await page.evaluate(() => {
        void Promise.reject(new Error('no one awaits this'))
        document.body.append(Object.assign(new Image(), { src: 'data:image/png,none', onerror: () => { throw new Error('thrown') } }))
      })
      await eventually(() => troubles.length === 2, 'both')
      expect(troubles.splice(0).toSorted()).to.deep.equal(['no one awaits this', 'thrown'])
    })
  })
})
