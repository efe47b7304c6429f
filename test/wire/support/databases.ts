// Runs a suite on each database, on one server a database for the whole run where the suite does not ask for its own.

import { onAnyDatabase as onAny, onEachDatabase as onEach } from '../../kit/databases.ts'
import { startServer } from './server.ts'
import type { Kind } from './server.ts'
import { enter, Wire } from './wire.ts'
import type { Home } from './wire.ts'

const patience = 120_000
/** An access token lives 15 minutes; the administrator's is renewed well before. */
const renewal = 8 * 60_000

const shared = new Map<Kind, Promise<Home>>()

async function common(kind: Kind): Promise<Home> {
  const known = shared.get(kind)
  if (known === undefined) {
    const first = startServer(kind).then(enter)
    shared.set(kind, first)
    return first
  }
  const home = await known
  if (Date.now() - home.since < renewal) return home
  const renewed = enter(home.server)
  shared.set(kind, renewed)
  await renewed
  home.admin.close()
  return renewed
}

type Body = (wire: Wire) => void

const onCommonServer = (body: Body) => (kind: Kind): void => {
  const wire = new Wire(kind, async () => common(kind))
  before(async function () {
    this.timeout(patience)
    await wire.open()
  })
  beforeEach(() => wire.server.check())
  after(() => wire.close())
  body(wire)
}

/**
 * The server is shared with the other suites: rows need ids of their own. For what a database has a say in:
 * order, locks, constraints, SQL.
 */
export const onEachDatabase = (title: string, body: Body): void => onEach(title, onCommonServer(body))

/** The same for what happens above the database. */
export const onAnyDatabase = (title: string, body: Body): void => onAny(title, onCommonServer(body))

/** On a server of the suite's own, for what would disturb the others. */
export function onOwnServer(title: string, env: Readonly<Record<string, string>>, body: Body): void {
  onAny(title, (kind) => {
    let home: Home | undefined
    const wire = new Wire(kind, async () => {
      const server = await startServer(kind, env)
      try {
        home = await enter(server)
      } catch (error) {
        await server.stop()
        throw error
      }
      return home
    })
    before(async function () {
      this.timeout(patience)
      await wire.open()
    })
    beforeEach(() => wire.server.check())
    after(async function () {
      this.timeout(patience)
      wire.close()
      home?.admin.close()
      await home?.server.stop()
    })
    body(wire)
  })
}

after(async function () {
  this.timeout(patience)
  const homes = await Promise.allSettled(shared.values())
  shared.clear()
  for (const home of homes) {
    if (home.status === 'rejected') continue
    home.value.admin.close()
    await home.value.server.stop()
  }
})
