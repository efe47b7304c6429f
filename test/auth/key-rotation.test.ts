// JWT_SECRET as a list: the first signs, all verify, a removed one opens nothing; refresh tokens outlive the change.
import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { text } from '../kit/replies.ts'
import { onHouse } from './on-house.ts'

const kidOf = (token: string): unknown =>
  (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8')) as { kid: unknown }).kid

onHouse('change of the signing key', (house) => {
  it('old tokens live on while their key is in the list, new ones are of the first; a removed key is refused at once', async () => {
    const old = house.environment['JWT_SECRET'] ?? ''
    const fresh = randomBytes(48).toString('base64url')
    const before = await house.enter()
    const rotated = await house.enter()
    const successor = text((await house.ok('auth-refresh', { refreshToken: rotated.refreshToken }))['refreshToken'])

    await house.restart({ JWT_SECRET: `${fresh},${old}` })
    await house.ok('auth-me', {}, before)
    await house.socket(before)
    const during = await house.login(before)
    expect(kidOf(during.token)).to.not.equal(kidOf(before.token))
    expect((await house.ok('auth-refresh', { refreshToken: rotated.refreshToken }))['refreshToken'], 'the grace spans the change')
      .to.equal(successor)
    const { accessToken, refreshToken } = await house.ok('auth-refresh', { refreshToken: before.refreshToken })
    expect(kidOf(text(accessToken))).to.equal(kidOf(during.token))

    await house.restart({ JWT_SECRET: fresh })
    await house.no('unauthenticated', 'auth-me', {}, before)
    await house.ok('auth-me', {}, during)
    await house.ok('auth-me', {}, { token: text(accessToken) })
    await house.ok('auth-refresh', { refreshToken })

    await house.restart({ JWT_SECRET: randomBytes(48).toString('base64url') })
    for (const token of [before.token, during.token]) await house.no('unauthenticated', 'auth-me', {}, { token })
    expect(await house.socket(during).then(() => 'accepted', (error: Error) => error.message)).to.equal('Unauthorized')
  })
})
