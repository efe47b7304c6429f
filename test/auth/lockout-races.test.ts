// Two hundred wrong passwords at once on two servers: all counted, and no real hash compared once the account is locked.
import { expect } from 'chai'
import { createLockout } from '../../plugins/auth/lockout.ts'
import { createProver } from '../../plugins/auth/prove.ts'
import { number, refusal } from '../wire/support/replies.ts'
import { codeNow } from './authenticator.ts'
import { challenge, enrolled, freeSteps } from './mfa-support.ts'
import { onPostgres, parallel } from './on-house.ts'
import { otherPassword, type Person } from './house.ts'

const times = 200

onPostgres('parallel failures', (house) => {
  before(() => house.start())

  const countOf = async ({ email }: Person): Promise<number> => number((await house.sql('select failures from attempts where key = ?', [`account:${email}`]))[0]?.['failures'])
  const url = (index: number): string => house.servers[index % house.servers.length]?.url ?? ''

  it(`${times} wrong passwords over HTTP: counted ${times}, one lock, one mail, the right one among them refused`, async function () {
    this.timeout(120_000)
    const person = await house.person()
    const replies = await parallel(times, (index) => house.ask('auth-login', { email: person.email, password: index === times - 1 ? person.password : otherPassword }, undefined, url(index)))
    for (const reply of replies) refusal(reply, 'unauthenticated')
    expect(await countOf(person)).to.equal(times)
    expect(await house.sql('select locks from attempts where key = ?', [`account:${person.email}`])).to.deep.equal([{ locks: 1 }])
    expect(await house.mailsTo(person.email)).to.have.length(1)
  })

  it('as many compare a real hash as may fail, however many come at once', async () => {
    const person = await house.person()
    const compared: (string | undefined)[] = []
    const hashing = {
      hash: () => Promise.resolve(''),
      compare: (_password: string, hash: string | undefined) => {
        compared.push(hash)
        return Promise.resolve(false)
      },
      isWeak: () => false,
      stop: () => Promise.resolve(),
    }
    // Each a server of its own as far as taking turns goes.
    const provers = Array.from({ length: 20 }, () => createProver({
      hashing, lockout: createLockout({ get: ({ initial }) => initial }, 0), onLock: () => Promise.resolve(),
    }))
    const call = { db: house.db, connection: { transport: 'internal' }, notes: new Map<string, unknown>() } as const
    await parallel(times, async (index) => provers[index % provers.length]?.prove(call, person.email, otherPassword))
    expect(compared).to.have.length(times)
    expect(compared.filter((hash) => hash !== undefined)).to.have.length(5)
    expect(await countOf(person)).to.equal(times)
  })

  it('60 wrong codes at once: 10 are looked at, then the account is locked', async function () {
    this.timeout(60_000)
    const person = await enrolled(house)
    await freeSteps(house, person)
    const proofs = await parallel(60, () => challenge(house, person))
    const replies = await parallel(60, (index) => house.ask('auth-mfa-verify', { userId: person.id, mfaToken: proofs[index]?.['mfaToken'], code: '000000' }, undefined, url(index)))
    const errors = replies.map((reply) => refusal(reply, 'unauthenticated', 'account_locked').code)
    expect(errors.filter((code) => code === 'unauthenticated')).to.have.length(10)
    const { userId, mfaToken } = await challenge(house, person)
    await house.no('account_locked', 'auth-mfa-verify', { userId, mfaToken, code: codeNow(person.secret) })
  })

  it('the check catches counters that are read, raised and written back', async () => {
    await house.sql('create table counters (id int primary key, n int not null)')
    await house.sql('insert into counters values (1, 0)')
    await parallel(20, async () => {
      const [found] = await house.sql('select n, pg_sleep(0.02)::text from counters where id = 1')
      await house.sql('update counters set n = ? where id = 1', [number(found?.['n']) + 1])
    })
    expect(number((await house.sql('select n from counters'))[0]?.['n'])).to.be.lessThan(20)
  })
})
