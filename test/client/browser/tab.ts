// What a tab runs in the tests with a real browser: a client that shares its session with the other tabs, and a live list.
import type { AppContract } from '../../../app.ts'
import { createClient, SovraneError, webStorage } from '../../../client/index.ts'

const query = { sort: 'label', limit: 100 } as const

const at = new URL(location.href).searchParams
const client = createClient<AppContract>({ url: at.get('server') ?? location.origin, storage: webStorage() })
const sites = client.site.live(query)

const counter = webStorage({ name: 'count' })

const heard: string[] = []
client.site.onChanged(({ id }) => heard.push(id))
let resyncs = 0
client.onResync(() => { resyncs += 1 })
sites.subscribe(() => undefined)

const tab = {
  client,
  /** The state of the client and of its list, as JSON. */
  look() {
    const { status, sessionId, error, storage } = client.state.current
    return {
      status, sessionId, error: error?.code, reason: error?.reason, storage: storage?.code, heard, resyncs,
      list: { status: sites.current.status, labels: sites.current.items.map(({ label }) => label), total: sites.current.total },
    }
  },
  /** The live list once nothing is known that it has not read, and a fresh one. */
  async compare() {
    const { items, total, status } = await sites.settled()
    const fresh = await client.call('site-list-request', query)
    return { status, live: { items, total }, fresh: { items: fresh.items, total: fresh.total } }
  },
  /** The code of the error of a call, or that it was answered. */
  async outcome(timeout: number): Promise<string> {
    try {
      await client.site.list({}, { timeout })
      return 'answered'
    } catch (error) {
      return error instanceof SovraneError ? error.code : String(error)
    }
  },
  /** Counts in a storage of its own, as refreshes count: each under the lock, from what the one before has kept. */
  async count(times: number): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      await counter.exclusively(async () => {
        const count = Number(counter.read()?.accessToken ?? 0)
        await client.ping()
        counter.write({ family: 'count', accessToken: String(count + 1), refreshToken: '', receivedAt: 0, expiresAt: 0 })
      })
    }
  },
  counted: () => Number(counter.read()?.accessToken),
  /** Leaves no room in `localStorage`. */
  fill() {
    let text = 'x'.repeat(1 << 20)
    for (let part = 0; text !== ''; part += 1) {
      try {
        localStorage.setItem(`filled ${part}`, text)
      } catch {
        text = text.slice(0, text.length >> 1)
      }
    }
  },
}

export type Tab = typeof tab

declare global {
  interface Window {
    tab: Tab
  }
}

window.tab = tab
