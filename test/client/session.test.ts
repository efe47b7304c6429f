// The session of a client: refreshed before it ends, by one tab for all, and given up when it has ended.
import { expect } from 'chai'
import { memoryStorage, webStorage, type TokenStorage, type WebStorageOptions } from '../../client/index.ts'
import { setClockOf } from '../kit/clock.ts'
import { onAnyDatabase, onEachDatabase } from '../kit/databases.ts'
import { openServer } from '../kit/test-server.ts'
import { eventually } from '../kit/wait.ts'
import { clientOf, closeClients, enter, isLive, type Client } from './people.ts'

/** `localStorage` as tabs share it; `room`: characters that it takes. */
const values = (room = Infinity) => {
  const kept = new Map<string, string>()
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem(key: string, value: string): void {
      if (value.length > room) throw new DOMException('full', 'QuotaExceededError')
      kept.set(key, value)
    },
    removeItem: (key: string) => void kept.delete(key),
  }
}

const sessionOf = (client: Client): string => client.state.current.sessionId ?? ''

let stores = 0
/** A storage of two tabs, without Web Locks, as two of the web's. */
const tabs = (room?: number, locks: WebStorageOptions['locks'] = null): readonly [TokenStorage, TokenStorage] => {
  const [shared, name] = [values(room), `store-${process.pid}-${(stores += 1)}`]
  return [webStorage({ name, values: shared, locks }), webStorage({ name, values: shared, locks })]
}

/** Web Locks of one name: one holder after another. */
const webLocks = (): NonNullable<WebStorageOptions['locks']> => {
  let last: Promise<unknown> = Promise.resolve()
  return { request: (_name: string, work: unknown) => {
    const done = last.then(work as () => Promise<unknown>)
    last = done.catch(() => undefined)
    return done
  } } as NonNullable<WebStorageOptions['locks']>
}

onAnyDatabase('client: the session', (kind) => {
  const server = openServer(kind, { environment: { JWT_ACCESS_TOKEN_DURATION: '4s' } })
  beforeEach(() => server.renew())
  afterEach(closeClients)

  const refreshes = async (sessionId: string): Promise<number> =>
    (await server.sql('select 1 from spent_refresh_tokens where session_id = ?', [sessionId])).length
  
  const storages: Readonly<Record<string, () => readonly [TokenStorage, TokenStorage]>> = {
    'one storage in memory': () => {
      const storage = memoryStorage()
      return [storage, storage]
    },
    'localStorage, by Web Locks': () => tabs(undefined, webLocks()),
    'localStorage, without Web Locks': tabs,
    'a full localStorage': () => tabs(30),
  }
  for (const [title, make] of Object.entries(storages)) {
    it(`two tabs with ${title}: both go on through several refreshes, and no token is spent twice`, async () => {
      const [first, second] = make()
      const one = await enter(server.url, server.admin, { storage: first })
      const other = clientOf(server.url, { storage: second })
      if (title === 'a full localStorage') {
        expect(one.state.current.storage?.code).to.equal('storage')
        // It was not there when the first logged in; the next refresh is told by the channel.
        await eventually(() => other.state.current.status !== 'signed-out', 'told')
      }
      await isLive(other)
      const session = sessionOf(one)
      expect(sessionOf(other)).to.equal(session)
      await eventually(async () => (await refreshes(session)) >= 3, 'three refreshes')
      await Promise.all([one.site.list(), other.site.list()])
      expect(sessionOf(one)).to.equal(session)
      expect(await server.sql('select ended_by from sessions where id = ? and ended_at is not null', [session])).to.deep.equal([])
    })
  }

  it('a refresh on its own socket moves its end: the socket stays', async () => {
    const client = await enter(server.url, server.admin)
    const states: string[] = []
    client.state.subscribe(({ status }) => states.push(status))
    const session = sessionOf(client)
    await eventually(async () => (await refreshes(session)) >= 3, 'three refreshes')
    await client.site.list()
    expect(states).to.deep.equal([])
  })

  it('a token that has ended while its tab slept is refreshed when it is back', async () => {
    const storage = memoryStorage()
    const client = await enter(server.url, server.admin, { storage })
    const session = sessionOf(client)
    client.close()
    const { accessToken, refreshToken, ...rest } = storage.read() ?? (() => { throw new Error('tokens are kept') })()
    await eventually(() => Date.now() > rest.expiresAt, 'it has ended')
    const back = clientOf(server.url, { storage })
    await isLive(back)
    expect(sessionOf(back)).to.equal(session)
    expect(storage.read()?.accessToken).to.not.equal(accessToken)
    expect(storage.read()?.refreshToken).to.not.equal(refreshToken)
  })

  for (const [title, shift] of [['an hour ahead', 3_600_000], ['an hour behind', -3_600_000]] as const) {
    it(`a clock that is ${title}, and one that is set so meanwhile, changes nothing`, async () => {
      const before = await enter(server.url, server.admin)
      const start = performance.now()
      const setBack = setClockOf(['client/'], () => shift)
      try {
        const storage = memoryStorage()
        const client = await enter(server.url, server.admin, { storage })
        expect((storage.read()?.receivedAt ?? 0) - Date.now(), 'its clock is another').to.be.closeTo(shift, 60_000)
        for (const each of [before, client]) {
          const session = sessionOf(each)
          await eventually(async () => (await refreshes(session)) >= 2, 'two refreshes')
          await each.site.list()
          expect(sessionOf(each)).to.equal(session)
          // Refreshed as often as it must be, every two seconds or so, and not again and again.
          expect(await refreshes(session)).to.be.lessThan(4 + (performance.now() - start) / 1000)
        }
      } finally {
        setBack()
      }
    })
  }

})

onEachDatabase('client: the end of a session', (kind) => {
  const server = openServer(kind)
  afterEach(closeClients)

  it('a log-out in one tab signs the other out; a log-in in one is the other\'s too', async () => {
    const storage = memoryStorage()
    const one = await enter(server.url, server.admin, { storage })
    const other = clientOf(server.url, { storage })
    await isLive(other)
    const first = sessionOf(one)
    await one.auth.logout()
    for (const client of [one, other]) await eventually(() => client.state.current.status === 'signed-out', 'signed out')
    await other.auth.login({ email: server.admin.email, password: server.admin.password })
    for (const client of [one, other]) await isLive(client)
    expect(sessionOf(one)).to.equal(sessionOf(other)).and.not.to.equal(first)
  })

  it('a session that is ended by others says why, and is not tried again', async () => {
    const person = await server.enter({})
    const client = await enter(server.url, person)
    await server.ok('user-update', { id: person.id, status: 'suspended' }, server.admin)
    await eventually(() => client.state.current.status === 'signed-out', 'signed out')
    expect(client.state.current.error).to.include({ code: 'unauthenticated', reason: 'suspended' })
    expect(await client.site.list().catch(({ code }: { code: string }) => code)).to.equal('unauthenticated')
  })

  it('an API token is taken as it is; one that is refused is not tried again', async () => {
    const { token, id } = await server.ok('auth-token-create', { name: 'Script' }, server.admin)
    const client = clientOf(server.url, { token: String(token) })
    await isLive(client)
    await client.site.list()
    await server.ok('auth-token-revoke', { id }, server.admin)
    await eventually(() => client.state.current.status === 'signed-out', 'signed out')
    expect(client.state.current.error).to.include({ code: 'unauthenticated', reason: 'revoked' })
    const late = clientOf(server.url, { token: String(token) })
    await eventually(() => late.state.current.error?.code === 'unauthenticated', 'refused')
    expect(late.state.current.status).to.equal('signed-out')
  })
})
