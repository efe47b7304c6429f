// Sessions and API tokens that somebody ends past the server: heard like every change from outside; sockets end, caches forget.
import { expect } from 'chai'
import { text } from '../kit/replies.ts'
import type { TestServer, Session } from '../kit/test-server.ts'
import { onHouse } from './on-house.ts'

interface Held {
  readonly token: string
  /** The row behind it. */
  readonly row: string
}

interface Kind {
  readonly table: 'sessions' | 'api_tokens'
  readonly hold: (house: TestServer, by: Session) => Promise<Held>
  /** Statements that end it, with the reason that is told. `?` is the row's id. */
  readonly endings: Readonly<Record<string, string>>
}

const kinds: Readonly<Record<string, Kind>> = {
  'a session': {
    table: 'sessions',
    hold: (_house, by) => Promise.resolve({ token: by.token, row: by.sessionId }),
    endings: {
      'delete from sessions where id = ?': 'revoked',
      'update sessions set ended_at = now() where id = ?': 'revoked',
      "update sessions set ended_at = now(), ended_by = 'operator' where id = ?": 'operator',
      "update sessions set expires_at = now() - interval '1 second' where id = ?": 'expired',
      "update sessions set id = 'x' || id where id = ?": 'revoked',
    },
  },
  'an API token': {
    table: 'api_tokens',
    async hold(house, by) {
      const made = await house.ok('auth-token-create', { name: 'Backup' }, by)
      return { token: text(made['token']), row: text(made['id']) }
    },
    endings: {
      'delete from api_tokens where id = ?': 'revoked',
      'update api_tokens set revoked_at = now() where id = ?': 'revoked',
      "update api_tokens set expires_at = now() - interval '1 second' where id = ?": 'revoked',
    },
  },
}

onHouse('ended past the server', (house) => {
  const isOver = async ({ token }: Held, socket: Awaited<ReturnType<TestServer['socket']>>, reason: string): Promise<void> => {
    expect((await socket.hear('session-expired')).args).to.deep.equal([{ reason }])
    expect(await socket.ended()).to.equal('io server disconnect')
    await house.no('unauthenticated', 'site-list-request', {}, { token })
  }

  for (const [what, { table, hold, endings }] of Object.entries(kinds)) {
    for (const [statement, reason] of Object.entries(endings)) {
      it(`${what}: ${statement}`, async () => {
        const by = await house.enter({ can: ['read-sites'] })
        const held = await hold(house, by)
        const socket = await house.socket(held)
        // Its rights are in the cache by now.
        await house.ok('site-list-request', {}, held)
        const bystander = await house.socket(await house.enter({ can: ['read-sites'] }))
        await house.sql(statement, [held.row])
        await isOver(held, socket, reason)
        await bystander.ok('site-list-request')
      })
    }

    it(`${what}: handed to another user`, async () => {
      const held = await hold(house, await house.enter({ can: ['read-sites'] }))
      const socket = await house.socket(held)
      await house.ok('site-list-request', {}, held)
      await house.sql(`update ${table} set user_id = ? where id = ?`, [(await house.person()).id, held.row])
      await socket.hear('session-expired')
      if (table === 'sessions') await house.no('unauthenticated', 'site-list-request', {}, held)
      else await house.no('forbidden', 'site-list-request', {}, held)
    })

    it(`${what}: truncate`, async () => {
      const all = []
      for (let index = 0; index < 2; index += 1) {
        const held = await hold(house, await house.enter({ can: ['read-sites'] }))
        all.push({ held, socket: await house.socket(held) })
        await house.ok('site-list-request', {}, held)
      }
      await house.sql(`truncate ${table} cascade`)
      for (const { held, socket } of all) await isOver(held, socket, 'revoked')
      await house.renew()
    })
  }

  it('an API token that is given other keys: what is open ends, what comes again has the new ones', async () => {
    const by = await house.enter({ can: ['read-sites', 'read-groups'] })
    const made = await house.ok('auth-token-create', { name: 'Backup', permissions: ['read-sites', 'read-groups'] }, by)
    const token = { token: text(made['token']) }
    const socket = await house.socket(token)
    await house.sql(`update api_tokens set permissions = '["read-groups"]' where id = ?`, [text(made['id'])])
    await socket.hear('session-expired')
    await house.no('forbidden', 'site-list-request', {}, token)
    await house.ok('group-list-request', {}, token)
  })

  it('a log-in, a refresh and a second factor are no news', async () => {
    const count = async (id: string) => (await house.sql(
      "select 1 from (select resource, id from feed union all select resource, id from outbox) f where resource = '~rights' and id = ?",
      [id],
    )).length
    const by = await house.enter()
    await house.ok('auth-refresh', { refreshToken: by.refreshToken })
    await house.login(by)
    expect(await count(by.id)).to.equal(0)
    await house.ok('auth-logout', {}, by)
    expect(await count(by.id)).to.equal(1)
  })
})
