// docs/protocol.md §4.2: "Nothing else passes as an access token". What is forged here is signed with the server's own key
// wherever that makes it stronger.
import { createHash, createHmac, generateKeyPairSync, sign as signWith } from 'node:crypto'
import { expect } from 'chai'
import { refusedBy } from '../kit/client.ts'
import type { Row } from '../kit/replies.ts'
import { read, sign, unsigned, type Token } from '../wire/support/tokens.ts'
import type { Session } from '../kit/test-server.ts'
import { onHouse } from './on-house.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64url')
const seconds = (): number => Math.floor(Date.now() / 1000)

onHouse('access tokens that are none', (house) => {
  let session: Session
  let genuine: Token
  let key = ''
  before(async () => {
    session = await house.enter()
    genuine = read(session.token)
    key = house.environment['JWT_SECRET'] ?? ''
  })

  const claims = (change: Row): Token => ({ ...genuine, claims: { ...genuine.claims, ...change } })
  const header = (change: Row): Token => ({ ...genuine, header: { ...genuine.header, ...change } })
  const without = (token: Token, name: string): Token => {
    const drop = (row: Row): Row => Object.fromEntries(Object.entries(row).filter(([each]) => each !== name))
    return { header: drop(token.header), claims: drop(token.claims) }
  }
  const signed = (token: Token, hash = 'sha256') => sign(token, key, hash)
  const raw = (head: string, body: string): string => {
    const content = `${base64(head)}.${base64(body)}`
    return `${content}.${createHmac('sha256', key).update(content).digest('base64url')}`
  }
  const asymmetric = (alg: string): string => {
    const { privateKey } = alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const content = `${base64(JSON.stringify({ ...genuine.header, alg }))}.${base64(JSON.stringify(genuine.claims))}`
    return `${content}.${signWith('sha256', Buffer.from(content), privateKey).toString('base64url')}`
  }
  const [part, cut] = [
    (at: number): string => session.token.split('.')[at] ?? '', (): string => session.token.slice(0, session.token.lastIndexOf('.')),
  ]

  const forged: Readonly<Record<string, () => unknown>> = {
    ...Object.fromEntries(['none', 'None', 'NONE', 'nOnE', 'none ', '', 'hs256', 'HS256 '].flatMap((alg) => [
      [`alg "${alg}" without a signature`, () => `${base64(JSON.stringify({ ...genuine.header, alg }))}.${part(1)}.`],
      [`alg "${alg}" with a signature`, () => signed(header({ alg }))],
    ])),
    'no alg': () => signed(without(genuine, 'alg')),
    'unsigned': () => unsigned(genuine),
    'an empty signature': () => `${cut()}.`,
    'no signature': () => cut(),
    'HS384 with our key': () => signed(header({ alg: 'HS384' }), 'sha384'),
    'HS512 with our key': () => signed(header({ alg: 'HS512' }), 'sha512'),
    'RS256': () => asymmetric('RS256'),
    'ES256': () => asymmetric('ES256'),
    'another key': () => sign(genuine, `${key}x`),
    'an empty key': () => sign(genuine, ''),
    'the kid as key': () => sign(genuine, String(genuine.header['kid'])),
    'the hash of the key as key': () => sign(genuine, createHash('sha256').update(key).digest()),
    ...Object.fromEntries(['../../dev/null', "' or 1=1 --", '', ['a'], null, 7, { a: 1 }, '__proto__', 'constructor'].map(
      (kid) => [`kid ${JSON.stringify(kid)}`, () => signed(header({ kid }))],
    )),
    'no kid': () => signed(without(genuine, 'kid')),
    'a jwk of its own': () => sign(header({ jwk: { kty: 'oct', k: base64('mine') }, kid: 'mine' }), 'mine'),
    'a jku and x5u': () => sign(header({ jku: 'https://evil.example/keys', x5u: 'https://evil.example/x' }), 'mine'),
    'expired': () => signed(claims({ iat: seconds() - 1000, exp: seconds() - 1 })),
    'no exp': () => signed(without(genuine, 'exp')),
    ...Object.fromEntries([null, '9999999999', {}, [], true, -1, 0].map(
      (exp) => [`exp ${JSON.stringify(exp)}`, () => signed(claims({ exp }))],
    )),
    'iat in the future': () => signed(claims({ iat: seconds() + 600 })),
    'iat further in the future than clocks may differ': () => signed(claims({ iat: seconds() + 40 })),
    'no iat': () => signed(without(genuine, 'iat')),
    'iat as text': () => signed(claims({ iat: String(seconds()) })),
    'nbf in the future': () => signed(claims({ nbf: seconds() + 600 })),
    'nbf as text': () => signed(claims({ nbf: 'now' })),
    ...Object.fromEntries(['refresh', 'reset', 'at', 'ACCESS', '', null, ['access'], { access: true }].map(
      (typ) => [`typ ${JSON.stringify(typ)}`, () => signed(claims({ typ }))],
    )),
    'no typ': () => signed(without(genuine, 'typ')),
    ...Object.fromEntries(['sovrane2', '', null, [], {}, ['other']].map(
      (aud) => [`aud ${JSON.stringify(aud)}`, () => signed(claims({ aud }))],
    )),
    'no aud': () => signed(without(genuine, 'aud')),
    ...Object.fromEntries(['other', '', null, ['other']].map((iss) => [`iss ${JSON.stringify(iss)}`, () => signed(claims({ iss }))])),
    'no iss': () => signed(without(genuine, 'iss')),
    ...Object.fromEntries([{ id: 'x' }, ['x'], null, 7, true, '', 'nobody', "' or 1=1 --", 'a\0b'].map(
      (sub) => [`sub ${JSON.stringify(sub)}`, () => signed(claims({ sub }))],
    )),
    'no sub': () => signed(without(genuine, 'sub')),
    'the sub of another': () => signed(claims({ sub: house.admin.id })),
    ...Object.fromEntries([{}, [], null, 7, '', 'none', 'token:x'].map(
      (sid) => [`sid ${JSON.stringify(sid)}`, () => signed(claims({ sid }))],
    )),
    'no sid': () => signed(without(genuine, 'sid')),
    'the sid of another': () => signed(claims({ sid: house.admin.sessionId })),
    'claims that are an array': () => raw(JSON.stringify(genuine.header), '[]'),
    'claims that are text': () => raw(JSON.stringify(genuine.header), '"x"'),
    'claims that are no JSON': () => raw(JSON.stringify(genuine.header), 'x'),
    'a header that is no JSON': () => raw('x', JSON.stringify(genuine.claims)),
    'a header that is null': () => raw('null', JSON.stringify(genuine.claims)),
    '20 KB of claims': () => signed(claims({ padding: 'x'.repeat(20_000) })),
    '60 KB of nothing': () => 'A'.repeat(60_000),
    'five parts': () => `${session.token}.${part(2)}.${part(2)}`,
    'four parts': () => `${session.token}.`,
    'two dots': () => '..',
    'changed claims': () => `${part(0)}.${base64(JSON.stringify({ ...genuine.claims, sub: house.admin.id }))}.${part(2)}`,
    'a signature not canonical': () =>
      `${session.token.slice(0, -1)}${String.fromCharCode(session.token.charCodeAt(session.token.length - 1) + 1)}`,
    'padding': () => `${session.token}=`,
    'a space before': () => ` ${session.token}`,
    'a newline behind': () => `${session.token}\n`,
    'a unicode dot': () => session.token.replaceAll('.', '․'),
    'a Bearer prefix': () => `Bearer ${session.token}`,
    'the JSON serialisation': () => JSON.stringify({ protected: part(0), payload: part(1), signature: part(2) }),
    ...Object.fromEntries([undefined, null, '', 0, true, {}, [], 'null', 'undefined'].map(
      (token) => [`${JSON.stringify(token)} instead`, () => token],
    )),
    'an array with it': () => [session.token],
    'an object that turns into it': () => ({ toString: session.token }),
  }

  it('signed again with the key it does pass: what follows is refused for its own fault', async () => {
    await house.socket({ token: signed(genuine) })
    await house.ok('auth-me', {}, { token: raw(JSON.stringify(genuine.header), JSON.stringify(genuine.claims)) })
  })

  it('made by a node whose clock is up to 30 s ahead, it is good at once', async () => {
    for (const ahead of [6, 28]) {
      const token = signed(claims({ iat: seconds() + ahead, exp: seconds() + ahead + 900 }))
      await house.ok('auth-me', {}, { token })
      await house.socket({ token })
    }
  })

  for (const [what, forge] of Object.entries(forged)) {
    it(`refused: ${what}`, async () => {
      const token = forge()
      const error = await refusedBy(house.url, { auth: { token }, transports: ['websocket'], reconnection: false })
      expect(error.message).to.equal('Unauthorized')
      expect((error as Error & { data?: unknown }).data).to.equal(undefined)
      // What a header cannot carry never leaves the client.
      if (typeof token !== 'string' || token === '' || /[^\x21-\x7e]/.test(token) || token.length > 10_000) return
      const { message, details } = await house.no('unauthenticated', 'auth-me', {}, { token })
      expect({ message, details }).to.deep.equal({ message: 'Authentication is required or has failed', details: undefined })
    })
  }
})
