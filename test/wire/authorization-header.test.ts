// docs/protocol.md §9: "Public events never look at the Authorization header", whatever stands in it.

import { expect } from 'chai'
import { onAnyDatabase, onOwnServer } from './support/databases.ts'
import { send } from '../kit/http.ts'
import type { HttpReply } from '../kit/http.ts'
import { refusal, row, success, text } from '../kit/replies.ts'
import { administrator } from './support/server.ts'
import { eventually, login } from './support/wire.ts'
import type { Wire } from './support/wire.ts'

const ask = async (wire: Wire, event: string, payload: object, authorization?: string | string[]): Promise<HttpReply> => send(wire.url, {
  path: `/api/${event}`,
  headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
  body: JSON.stringify(payload),
})

/** Status and code, or the names in a success: what does not differ between two equal requests. */
const shape = ({ status, body }: HttpReply): unknown => {
  const { error } = row(body)
  return error === undefined ? [status, Object.keys(row(body)).toSorted()] : [status, row(error)['code']]
}

const inHeader: Readonly<Record<string, string | string[]>> = {
  'a token of another app': 'Bearer left-over',
  'a JWT of another server': 'Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4IiwiZXhwIjo0MTAyNDQ0ODAwfQ.c2lnbmF0dXJl',
  'Bearer and nothing': 'Bearer ',
  'Bearer undefined': 'Bearer undefined',
  'nothing': '',
  'a proxy\'s Basic': `Basic ${Buffer.from('staging:staging').toString('base64')}`,
  'a Digest': 'Digest username="x", realm="y"',
  'no scheme': 'abc',
  'several words': 'Bearer a b c',
  'two headers': ['Bearer a', 'Basic b'],
  'a very long one': `Bearer ${'x'.repeat(8000)}`,
}

const publicEvents: Readonly<Record<string, object>> = {
  'ping': {},
  'auth-login': administrator,
  'auth-mfa-verify': { userId: 'nobody', code: '123456', mfaToken: 'none' },
  'auth-request-reset': { email: 'nobody@example.com' },
  'auth-reset': { token: 'none', password: 'Quiet-River-52-Lantern' },
  'auth-refresh': { refreshToken: 'none' },
  'auth-confirm-email': { token: 'none' },
  'auth-password-policy': {},
  'invitation-fetch': { token: 'none' },
  'invitation-accept': { token: 'none', password: 'Quiet-River-52-Lantern' },
}

onAnyDatabase('Public events and the Authorization header', (wire) => {
  for (const [event, payload] of Object.entries(publicEvents)) {
    it(`${event} answers as without it`, async () => {
      const right = shape(await ask(wire, event, payload))
      for (const [what, authorization] of Object.entries(inHeader)) {
        expect(shape(await ask(wire, event, payload, authorization)), what).to.deep.equal(right)
      }
    })
  }

  it('an event that there is not is unknown_event, whatever the header', async () => {
    for (const authorization of Object.values(inHeader))
      refusal((await ask(wire, 'no-such-event', {}, authorization)).body, 'unknown_event')
  })

  it('any other event with such a header is unauthenticated', async () => {
    for (const [what, authorization] of Object.entries(inHeader)) {
      const { status, body } = await ask(wire, 'auth-me', {}, authorization)
      expect(status, what).to.equal(401)
      refusal(body, 'unauthenticated')
    }
  })

  it('after a log-out the old token in the header keeps nobody from logging in', async () => {
    const { email, password, token } = await wire.actor()
    success((await wire.http('auth-logout', {}, token)).body)
    success((await ask(wire, 'auth-login', { email, password }, `Bearer ${token}`)).body)
    refusal((await ask(wire, 'auth-me', {}, `Bearer ${token}`)).body, 'unauthenticated')
  })
})

onOwnServer('An expired token in the header', { JWT_ACCESS_TOKEN_DURATION: '3s' }, (wire) => {
  it('does not keep its owner from refreshing it', async () => {
    const { accessToken, refreshToken } = await login(wire.url, administrator.email, administrator.password)
    await eventually(async () => refusal((await wire.http('auth-me', {}, text(accessToken))).body, 'unauthenticated'))
    const { body } = await ask(wire, 'auth-refresh', { refreshToken }, `Bearer ${text(accessToken)}`)
    expect(success(body)).to.have.property('accessToken')
  })
})
