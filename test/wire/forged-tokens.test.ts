// docs/protocol.md §4.2: "Nothing else passes as an access token". Forged with the server's own secret, where the suite has given it.

import { expect } from 'chai'
import { refusedBy } from '../kit/client.ts'
import { onOwnServer } from './support/databases.ts'
import { refusal, success, text } from '../kit/replies.ts'
import type { Row } from '../kit/replies.ts'
import { keyOf, read, sign, unsigned } from './support/tokens.ts'
import type { Key, Token } from './support/tokens.ts'

const secret = 'a-secret-of-the-wire-suite-that-is-long-enough-0123456789'

const without = (claims: Row, name: string): Row => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name))

onOwnServer('"Nothing else passes as an access token"', { JWT_SECRET: secret }, (wire) => {
  let genuine: Token
  let key: Key

  before(() => {
    genuine = read(wire.adminToken)
    key = keyOf(wire.adminToken, secret)
  })

  const refused = async (token: string): Promise<void> => {
    expect((await refusedBy(wire.url, { auth: { token } })).message).to.equal('Unauthorized')
    refusal((await wire.http('site-list-request', {}, token)).body, 'unauthenticated')
  }

  it('the same claims signed again do pass: what follows is refused for its own fault', async () => {
    const token = sign(genuine, key)
    expect((await wire.connect(token)).session['userId']).to.equal(genuine.claims['sub'])
    success((await wire.http('site-list-request', {}, token)).body)
  })

  const past = Math.floor(Date.now() / 1000) - 3_600
  const wrongClaims: Readonly<Record<string, (claims: Row) => Row>> = {
    'expired': (claims) => ({ ...claims, iat: past - 900, exp: past }),
    'without exp': (claims) => without(claims, 'exp'),
    'of another typ': (claims) => ({ ...claims, typ: 'refresh' }),
    'without typ': (claims) => without(claims, 'typ'),
    'of another issuer': (claims) => ({ ...claims, iss: `${text(claims['iss'])}x` }),
    'for another audience': (claims) => ({ ...claims, aud: `${text(claims['aud'])}x` }),
    'without sub': (claims) => without(claims, 'sub'),
    'of nobody': (claims) => ({ ...claims, sub: 'nobody' }),
    'with an object for sub': (claims) => ({ ...claims, sub: { id: claims['sub'] } }),
    'without sid': (claims) => without(claims, 'sid'),
    'of no session': (claims) => ({ ...claims, sid: 'no-such-session' }),
    'with an object for sid': (claims) => ({ ...claims, sid: { id: claims['sid'] } }),
  }
  for (const [what, change] of Object.entries(wrongClaims)) {
    it(`a token ${what}`, async () => refused(sign({ ...genuine, claims: change(genuine.claims) }, key)))
  }

  it('a token with the session of somebody else', async () => {
    const other = await wire.actor()
    await refused(sign({ ...genuine, claims: { ...genuine.claims, sid: read(other.token).claims['sid'] } }, key))
  })

  it('alg none', async () => refused(unsigned(genuine)))

  it('HS512 with the same key', async () => refused(sign({ ...genuine, header: { ...genuine.header, alg: 'HS512' } }, key, 'sha512')))

  it('another key', async () => refused(sign(genuine, 'another-secret-that-is-also-long-enough-0123456789')))

  it('an empty key', async () => refused(sign(genuine, '')))
})
