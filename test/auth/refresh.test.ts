// Refresh tokens: rotation, the grace of racing tabs, reuse that ends the session, the absolute lifetime, and whose socket may refresh.
import { expect } from 'chai'
import { number, row, text } from '../kit/replies.ts'
import { claimsOf, type Session } from '../kit/test-server.ts'
import { onHouse } from './on-house.ts'

onHouse('refresh', (house) => {
  const refresh = (refreshToken: string) => house.ok('auth-refresh', { refreshToken })

  /** Refreshes once, after which the first token is spent. */
  const spent = async (): Promise<Session & { readonly next: string }> => {
    const session = await house.enter()
    return { ...session, next: text((await refresh(session.refreshToken))['refreshToken']) }
  }

  it('rotates: each token gives the next, in the same session', async () => {
    const session = await house.enter()
    const seen = [session.refreshToken]
    for (let turn = 0; turn < 4; turn += 1) {
      const reply = await refresh(seen.at(-1) ?? '')
      expect(seen).to.not.include(reply['refreshToken'])
      seen.push(text(reply['refreshToken']))
      expect(claimsOf(text(reply['accessToken']))['sid']).to.equal(session.sessionId)
      await house.ok('auth-me', {}, { token: text(reply['accessToken']) })
    }
  })

  it('within 10 s the same token gives the same successor, and a fresh access token that works', async () => {
    const session = await spent()
    const again = await refresh(session.refreshToken)
    expect(again['refreshToken']).to.equal(session.next)
    await house.ok('auth-me', {}, { token: text(again['accessToken']) })
    await refresh(session.next)
  })

  it('after the grace a spent token ends the session, and the open socket hears it', async () => {
    const session = await spent()
    const socket = await house.socket(session)
    await house.endGrace(session)
    await house.no('unauthenticated', 'auth-refresh', { refreshToken: session.refreshToken })
    expect((await socket.hear('session-expired')).args).to.deep.equal([{ reason: 'reuse' }])
    expect(await socket.ended()).to.equal('io server disconnect')
    await house.no('unauthenticated', 'auth-refresh', { refreshToken: session.next })
    await house.no('unauthenticated', 'auth-me', {}, session)
  })

  it('within the grace any predecessor gives the newest token', async () => {
    const session = await spent()
    const chain = [session.refreshToken, session.next]
    for (let turn = 0; turn < 3; turn += 1) chain.push(text((await refresh(chain.at(-1) ?? ''))['refreshToken']))
    const newest = chain.pop() ?? ''
    for (const token of chain) {
      const late = await refresh(token)
      expect(late['refreshToken']).to.equal(newest)
      await house.ok('auth-me', {}, { token: text(late['accessToken']) })
    }
    await refresh(newest)
  })

  it('the grace is each token\'s own: one spent long ago ends the session, however lately another was', async () => {
    for (const spentAt of ["now() - interval '11 seconds'", 'null']) {
      const session = await spent()
      await house.sql(`update spent_refresh_tokens set spent_at = ${spentAt} where session_id = ?`, [session.sessionId])
      const { refreshToken } = await refresh(session.next)
      await house.no('unauthenticated', 'auth-refresh', { refreshToken: session.refreshToken })
      await house.no('unauthenticated', 'auth-refresh', { refreshToken })
    }
  })

  it('reuse ends the session whoever shows the token, on a socket of another session too', async () => {
    const session = await spent()
    await house.endGrace(session)
    const socket = await house.socket(await house.enter())
    await socket.no('auth-refresh', { refreshToken: session.refreshToken }, 'unauthenticated')
    await house.no('unauthenticated', 'auth-me', {}, session)
    await socket.ok('auth-me')
  })

  it('reuse ends that session alone', async () => {
    const session = await spent()
    const other = await house.login(session)
    await house.endGrace(session)
    await house.no('unauthenticated', 'auth-refresh', { refreshToken: session.refreshToken })
    await house.ok('auth-me', {}, other)
  })

  it('every refusal is alike: unknown, ended, expired, suspended', async () => {
    const [ended, expired, suspended] = [await house.enter(), await house.enter(), await house.enter()]
    await house.ok('auth-logout', {}, ended)
    await house.sql("update sessions set refresh_expires_at = now() - interval '1 second' where id = ?", [expired.sessionId])
    await house.ok('user-update', { id: suspended.id, status: 'suspended' }, house.admin)
    const errors = []
    for (const refreshToken of ['x', 'A'.repeat(43), ended.refreshToken, expired.refreshToken, suspended.refreshToken]) {
      const { requestId: _own, ...error } = await house.no('unauthenticated', 'auth-refresh', { refreshToken })
      errors.push(JSON.stringify(error))
    }
    expect(new Set(errors)).to.have.property('size', 1)
  })

  it('a session has an end that no refresh moves', async () => {
    const session = await house.enter()
    const [before] = await house.sql('select expires_at from sessions where id = ?', [session.sessionId])
    const { refreshToken } = await refresh(session.refreshToken)
    const [after] = await house.sql('select expires_at from sessions where id = ?', [session.sessionId])
    expect(after).to.deep.equal(before)
    await house.sql("update sessions set expires_at = now() - interval '1 second' where id = ?", [session.sessionId])
    await house.no('unauthenticated', 'auth-refresh', { refreshToken })
    await house.no('unauthenticated', 'auth-logout', {}, session)
  })

  it('no access token outlives its session', async () => {
    const session = await house.enter()
    await house.sql("update sessions set expires_at = now() + interval '60 seconds' where id = ?", [session.sessionId])
    const reply = await refresh(session.refreshToken)
    expect(number(reply['expiresIn'])).to.be.within(1, 60)
    const { iat, exp } = claimsOf(text(reply['accessToken']))
    expect(number(exp) - number(iat)).to.be.within(1, 60)
  })

  it("a live socket takes only its own session's token; the refused one is not spent", async () => {
    const [mine, other] = [await house.enter(), await house.enter()]
    const socket = await house.socket(mine)
    await socket.no('auth-refresh', { refreshToken: other.refreshToken }, 'unauthenticated')
    await socket.no('auth-refresh', { refreshToken: (await house.login(mine)).refreshToken }, 'unauthenticated')
    await socket.ok('auth-refresh', { refreshToken: mine.refreshToken })
    await refresh(other.refreshToken)
  })

  it('only hashes are stored', async () => {
    const session = await spent()
    const stored = JSON.stringify([
      await house.sql('select * from sessions where id = ?', [session.sessionId]), await house.sql('select * from spent_refresh_tokens'),
    ])
    expect(stored).to.not.include(session.refreshToken)
    expect(stored).to.not.include(session.next)
    expect(Object.keys(row((await house.sql('select * from sessions limit 1'))[0]))).to.not.include('refresh_token')
  })
})
