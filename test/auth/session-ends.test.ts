// What ends sessions, and that open sockets and queued requests end with them: the other ones, not the one that asked.
import { expect } from 'chai'
import { row, rows, text } from '../kit/replies.ts'
import { otherPassword, type TestServer, type Session } from '../kit/test-server.ts'
import { onHouse } from './on-house.ts'

interface Ending {
  readonly end: (house: TestServer, by: Session) => Promise<unknown>
  readonly reason: string
  /** Whether the session of `by` goes on. */
  readonly keeps: boolean
}

const endings: Readonly<Record<string, Ending>> = {
  'a change of the password': {
    end: (house, by) => house.ok('auth-change-password', { currentPassword: by.password, newPassword: otherPassword }, by),
    reason: 'password_changed', keeps: true,
  },
  'a password set by an administrator': {
    end: (house, by) => house.ok('user-update', { id: by.id, password: otherPassword }, house.admin), reason: 'password_changed',
    keeps: false,
  },
  'a reset': {
    async end(house, by) {
      await house.ok('auth-request-reset', { email: by.email })
      await house.ok('auth-reset', { token: await house.mailedToken(by.email, '/reset-password'), password: otherPassword })
    },
    reason: 'password_reset', keeps: false,
  },
  'suspension': {
    end: (house, by) => house.ok('user-update', { id: by.id, status: 'suspended' }, house.admin), reason: 'suspended', keeps: false,
  },
  'archiving': {
    end: (house, by) => house.ok('user-update', { id: by.id, status: 'archived' }, house.admin), reason: 'archived', keeps: false,
  },
  'deletion': { end: (house, by) => house.ok('user-delete', { id: by.id }, house.admin), reason: 'deleted', keeps: false },
  'enabling a second factor': {
    async end(house, by) {
      await house.ok('auth-mfa-setup', {}, by)
      await house.ok('auth-mfa-enable', { type: 'totp' }, by)
    },
    reason: 'mfa_changed', keeps: true,
  },
}

onHouse('the end of sessions', (house, kind) => {
  for (const [what, { end, reason, keeps }] of Object.entries(endings)) {
    it(`${what} closes the user's ${keeps ? 'other ' : ''}sockets`, async () => {
      const mine = await house.enter()
      const others = [await house.login(mine), await house.login(mine)]
      const own = await house.socket(mine)
      const sockets = await Promise.all(others.map((other) => house.socket(other)))
      const bystander = await house.socket(await house.enter())
      await end(house, mine)
      for (const socket of [...sockets, ...(keeps ? [] : [own])]) {
        expect((await socket.hear('session-expired')).args).to.deep.equal([{ reason }])
        expect(await socket.ended()).to.equal('io server disconnect')
      }
      for (const other of [...others, ...(keeps ? [] : [mine])]) {
        await house.no('unauthenticated', 'auth-me', {}, other)
        await house.no('unauthenticated', 'auth-refresh', { refreshToken: other.refreshToken })
      }
      expect(row((await bystander.ok('auth-me'))['session'])['current']).to.equal(true)
      if (keeps) await own.ok('auth-me')
    })
  }

  it('auth-logout is answered, then the socket is told and closed', async () => {
    const session = await house.enter()
    const [one, tab] = [await house.socket(session), await house.socket(session)]
    expect(await one.ok('auth-logout')).to.deep.equal({ success: true })
    for (const socket of [one, tab]) {
      expect((await socket.hear('session-expired')).args).to.deep.equal([{ reason: 'logout' }])
      await socket.ended()
    }
    await house.no('unauthenticated', 'auth-me', {}, session)
    await house.no('unauthenticated', 'auth-refresh', { refreshToken: session.refreshToken })
  })

  it('auth-session-revoke ends the one session that it names', async () => {
    const mine = await house.enter()
    const [first, second] = [await house.login(mine), await house.login(mine)]
    const [firstSocket, secondSocket] = [await house.socket(first), await house.socket(second)]
    await house.ok('auth-session-revoke', { id: first.sessionId }, mine)
    expect((await firstSocket.hear('session-expired')).args).to.deep.equal([{ reason: 'revoked' }])
    await firstSocket.ended()
    await secondSocket.ok('auth-me')
    const page = await house.ok('auth-sessions-request', {}, mine)
    expect(rows(page['items']).map((item) => text(item['id']))).to.have.members([mine.sessionId, second.sessionId])
  })

  it("nobody revokes another's session, the administrator neither; twice is not_found", async () => {
    const [mine, other] = [await house.enter(), await house.enter()]
    for (const by of [mine, house.admin]) await house.no('not_found', 'auth-session-revoke', { id: other.sessionId }, by)
    await house.ok('auth-me', {}, other)
    const third = await house.login(mine)
    await house.ok('auth-session-revoke', { id: third.sessionId }, mine)
    await house.no('not_found', 'auth-session-revoke', { id: third.sessionId }, mine)
  })

  it('a session whose refresh token has expired is not listed', async () => {
    const mine = await house.enter()
    const other = await house.login(mine)
    await house.sql("update sessions set refresh_expires_at = now() - interval '1 minute' where id = ?", [other.sessionId])
    expect(await house.ok('auth-sessions-request', {}, mine)).to.include({ total: 1 })
  })

  it('a mutation that waits behind the end is refused', async function () {
    // One connection: whatever begins after the log-out began, began after it was committed.
    if (kind !== 'embedded') return this.skip()
    const session = await house.enter({ can: ['manage-sites', 'read-site'] })
    const socket = await house.socket(session)
    const first = socket.ok('auth-logout')
    const behind = Array.from({ length: 20 }, (_, index) => socket.ask('site-create', { label: `queued ${index}` }).catch(() => undefined))
    await first
    socket.close()
    await Promise.all(behind)
    const late = 'select 1 from sites where created_by = ? and created_at > (select ended_at from sessions where id = ?)'
    expect(await house.sql(late, [session.id, session.sessionId])).to.have.length(0)
  })

  it("nobody sets his own password through the user's row, whatever he holds: the old one is asked", async () => {
    const mine = {
      root: house.admin, 'update-user': await house.enter({ can: ['update-user', 'read-user'] }), nothing: await house.enter(),
    }
    for (const by of Object.values(mine)) {
      const { details } = await house.no('forbidden', 'user-update', { id: by.id, password: otherPassword }, by)
      expect(details).to.deep.equal({ reason: 'auth.own_password' })
      await house.no('forbidden', 'user-update', { id: by.id, firstName: 'Else', password: by.password }, by)
      await house.login(by)
    }
    const { token } = await house.ok('auth-token-create', { name: 'script', permissions: ['update-user'] }, mine['update-user'])
    await house.no('forbidden', 'user-update', { id: mine['update-user'].id, password: otherPassword }, { token: text(token) })
    await house.ok('user-update', { id: mine.root.id, firstName: 'Still' }, mine.root)
  })
})
