// `ping`, `auth-login` and the health pages: what is asked before or beside any resource.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { send } from '../kit/http.ts'
import { refusal, row, success } from '../kit/replies.ts'
import { describeRows } from './support/rows.ts'
import { administrator } from './support/server.ts'

describeRows('auth-login', [
  {
    event: 'auth-login', response: 'auth-login-response',
    payload: () => administrator,
    reply: (reply) => {
      expect(reply['accessToken']).to.be.a('string')
      expect(reply['refreshToken']).to.be.a('string')
      expect(reply['expiresIn']).to.be.a('number').greaterThan(0)
      expect(row(reply['user'])).to.include({ email: administrator.email })
      expect(reply['passwordWillExpireSoon']).to.equal(false)
    },
    isPublic: true,
  },
])

onAnyDatabase('The system', (wire) => {
  it('ping → pong with {}, with an acknowledgement', async () => {
    expect(await wire.admin.ask('ping', {})).to.deep.equal({})
  })

  it('ping → pong with {}, without an acknowledgement', async () => {
    expect(await wire.admin.askByEvent('ping', 'pong', {})).to.deep.equal({})
  })

  it('ping → pong with {}, over HTTP', async () => {
    const { body } = await wire.http('ping', {}, wire.adminToken)
    expect(body).to.deep.equal({})
  })

  it('auth-login: the literal payload of the API document, of nobody here, is unauthenticated through every door', async () => {
    const payload = { email: 'alice@example.com', password: 'secret' }
    refusal(await wire.admin.ask('auth-login', payload), 'unauthenticated')
    refusal(await wire.admin.askByEvent('auth-login', 'auth-login-response', payload), 'unauthenticated')
    refusal((await wire.http('auth-login', payload)).body, 'unauthenticated')
  })

  it('"A wrong password, an unknown address, a suspended … account give the same reply"', async () => {
    const known = await wire.person()
    const suspended = await wire.person({ user: { status: 'suspended' } })
    const archived = await wire.person({ user: { status: 'archived' } })
    const passwordless = `${known.id}-none@example.com`
    await wire.make('user', { email: passwordless })
    const attempts = [
      { email: known.email, password: 'Wrong-password-1' },
      { email: 'nobody-at-all@example.com', password: 'Wrong-password-1' },
      { email: suspended.email, password: suspended.password },
      { email: archived.email, password: archived.password },
      { email: passwordless, password: 'Wrong-password-1' },
    ]
    const answers: unknown[] = []
    for (const attempt of attempts) {
      const { body } = await wire.http('auth-login', attempt)
      const { code, message, details } = refusal(body, 'unauthenticated')
      answers.push({ code, message, details })
    }
    for (const answer of answers) expect(answer).to.deep.equal(answers[0])
    success((await wire.http('auth-login', { email: known.email, password: known.password })).body)
  })

  for (const [what, payload] of Object.entries({
    'no email': { password: 'x' },
    'no password': { email: 'a@example.com' },
    'a number for a password': { email: 'a@example.com', password: 5 },
    'an object for a password': { email: 'a@example.com', password: { $ne: '' } },
    'an array for an email': { email: ['a@example.com'], password: 'x' },
  })) {
    it(`auth-login with ${what} is invalid_payload`, async () => {
      refusal((await wire.http('auth-login', payload)).body, 'invalid_payload')
    })
  }

  it('the reply of auth-login names the user without any secret', async () => {
    const person = await wire.person()
    const { body } = await wire.http('auth-login', { email: person.email, password: person.password })
    const user = row(success(body)['user'])
    expect(user).to.include({ id: person.id, email: person.email })
    expect(JSON.stringify(user)).to.not.match(/password"|hash|\$2[aby]\$/i)
  })

  for (const path of ['/health/live', '/health/ready']) {
    it(`GET ${path} answers 200 without a token`, async () => {
      expect((await send(wire.url, { method: 'GET', path })).status).to.equal(200)
    })
  }
})
