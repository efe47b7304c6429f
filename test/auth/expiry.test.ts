// A socket ends when its token does, and not before: refreshed on the live socket it goes on. Tokens of this server live 4 seconds.
import { expect } from 'chai'
import { setTimeout as sleep } from 'node:timers/promises'
import { row, text } from '../kit/replies.ts'
import { onHouse } from './on-house.ts'

onHouse('expiry', (house) => {
  beforeEach(() => house.renew())

  it('an open socket is told, closed and may not come back with the same token', async () => {
    const session = await house.enter()
    const socket = await house.socket(session)
    expect((await socket.hear('session-expired')).args).to.deep.equal([{ reason: 'expired' }])
    expect(await socket.ended()).to.equal('io server disconnect')
    await house.no('unauthenticated', 'auth-me', {}, session)
    expect(await house.socket(session).then(() => 'accepted', (error: Error) => error.message)).to.equal('Unauthorized')
  })

  it('auth-refresh on a live socket extends that socket; the others of the session end', async () => {
    const session = await house.enter()
    const [socket, tab] = [await house.socket(session), await house.socket(session)]
    const end = Date.parse(text(socket.session['expiresAt']))
    // Times in tokens are whole seconds.
    await sleep(Math.max(0, end - 2000 - Date.now()))
    const reply = await socket.ok('auth-refresh', { refreshToken: session.refreshToken })
    expect(reply).to.have.all.keys('accessToken', 'refreshToken', 'expiresIn')
    await tab.hear('session-expired')
    await sleep(Math.max(0, end - Date.now()) + 50)
    expect(socket.ends).to.deep.equal([])
    expect(row((await socket.ok('auth-me'))['session'])['id']).to.equal(session.sessionId)
    expect((await socket.hear('session-expired')).args).to.deep.equal([{ reason: 'expired' }])
  })
}, { JWT_ACCESS_TOKEN_DURATION: '4s' })
