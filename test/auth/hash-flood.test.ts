// One user, or one token, that keeps the hashing busy: everybody else logs in all the same, and nobody waits for long.
import { expect } from 'chai'
import { createHashing } from '../../plugins/auth/hashing.ts'
import { longTest } from '../kit/extent.ts'
import { otherPassword } from '../kit/test-server.ts'
import { parallel } from '../kit/wait.ts'
import { onHouse } from './on-house.ts'

const codeOf = (body: unknown): string => (body as { error?: { code?: string } }).error?.code ?? 'ok'

onHouse('a flood of work for the hashing threads', (house) => {
  const floods: Readonly<Record<string, () => Promise<() => Promise<unknown>>>> = {
    'auth-change-password with the right password and a former one': async () => {
      const eve = await house.enter()
      return () => house.ask('auth-change-password', { currentPassword: eve.password, newPassword: eve.password }, eve)
    },
    'auth-reset with a good token and a former password': async () => {
      const eve = await house.person()
      await house.ok('auth-request-reset', { email: eve.email })
      const token = await house.mailedToken(eve.email, '/reset-password')
      return () => house.ask('auth-reset', { token, password: eve.password })
    },
    'auth-change-email with a wrong password': async () => {
      const eve = await house.enter()
      return () => house.ask('auth-change-email', { email: 'eve@elsewhere.example', password: otherPassword }, eve)
    },
    'auth-login of one account': async () => {
      const eve = await house.person()
      return () => house.ask('auth-login', { email: eve.email, password: otherPassword })
    },
  }

  for (const [what, prepare] of Object.entries(floods)) {
    it(`${what}: others log in, and all get an answer`, async function () {
      this.timeout(120_000)
      const ada = await house.person()
      const ask = await prepare()
      const flood = parallel(150, ask)
      await parallel(4, () => house.login(ada))
      const codes = (await flood).map(codeOf)
      expect([...new Set(codes)].filter((code) => !['invalid_payload', 'unavailable', 'unauthenticated'].includes(code))).to.deep.equal([])
    })
  }
})

describe('auth: hashing', () => {
  longTest('beyond what it does in time it refuses at once, with the time to come back; what waits is done', async function () {
    this.timeout(60_000)
    const hashing = createHashing(11)
    const outcomes = await parallel(400,
      (index) => hashing.compare(`password ${index}`, undefined, ['account:eve']).then(String, (error: unknown) => {
      expect(error).to.include({ code: 'unavailable' }).and.to.have.property('retryAfter').that.is.within(1, 5)
      return 'unavailable'
    }))
    expect(outcomes).to.include('unavailable').and.to.include('false')
  })
})
