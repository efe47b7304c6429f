// Two hundred wrong passwords at once on two servers: all counted, and no real hash compared once the account is locked.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { AppError } from '../../core/define/index.ts'
import type { Hashing } from '../../plugins/auth/hashing.ts'
import { createLockout } from '../../plugins/auth/lockout.ts'
import { createAccounts, prove } from '../../plugins/auth/passwords.ts'
import { directoryServices } from '../../resources/directory.ts'
import { number, refusal, refusalOfRace } from '../kit/replies.ts'
import { codeNow } from './authenticator.ts'
import { challenge, enrolled, freeSteps } from './mfa-support.ts'
import { parallel } from '../kit/wait.ts'
import { onPostgres } from './on-house.ts'
import { otherPassword, type Person } from '../kit/test-server.ts'

const times = 200

type Comparing = Pick<Hashing, 'compare'>

/** Compares nothing, takes its time for it, and remembers with what. */
const slowHashing = (): { readonly hashing: Comparing; readonly compared: (string | undefined)[] } => {
  const compared: (string | undefined)[] = []
  const compare = async (_password: string, hash: string | undefined): Promise<boolean> => {
    compared.push(hash)
    await sleep(100)
    return false
  }
  return { compared, hashing: { compare } }
}

/** Proves passwords as one server does. */
const proverWith = (hashing: Comparing, loginsPerMinute: number) => {
  const parts = {
    accounts: createAccounts(directoryServices), hashing, lockout: createLockout({ get: ({ initial }) => initial }, loginsPerMinute),
    jobs: { enqueue: () => Promise.resolve('') },
  }
  return (call: Parameters<typeof prove>[1], email: string, password: string) => prove(parts, call, email, password)
}

/** Two hundred at once wait for connections and for one row: what is asked here is how they are counted, not how soon they are answered. */
const patient = { DATABASE_ACQUIRE_TIMEOUT: '60000', DATABASE_STATEMENT_TIMEOUT: '60000' }

onPostgres('parallel failures', (house) => {
  before(() => house.start())

  const countOf = async ({ email }: Person): Promise<number> =>
    number((await house.sql('select failures from attempts where key = ?', [`account:${email}`]))[0]?.['failures'])
  const callFrom = (ip?: string) => ({
    db: house.db, connection: { transport: 'internal', ...(ip === undefined ? {} : { ip }) },
    notes: { get: () => undefined, set: () => undefined }, afterCommit: () => undefined,
  }) as const
  const url = (index: number): string => house.servers[index % house.servers.length]?.url ?? ''

  it(`${times} wrong passwords over HTTP: counted ${times}, one lock, one mail, the right one among them refused`, async function () {
    this.timeout(120_000)
    const person = await house.person()
    // One that is sent away for the others before it counts as no attempt, and is made again: so many are counted as were compared.
    const attempt = async (index: number): Promise<unknown> => {
      const password = index === times - 1 ? person.password : otherPassword
      for (;;) {
        const reply = await house.ask('auth-login', { email: person.email, password }, undefined, url(index))
        if (refusalOfRace(reply, 'unauthenticated', 'unavailable').code !== 'unavailable') return reply
        await sleep(250)
      }
    }
    const replies = await parallel(times, attempt)
    for (const reply of replies) refusal(reply, 'unauthenticated')
    expect(await countOf(person)).to.equal(times)
    expect(await house.sql('select locks from attempts where key = ?', [`account:${person.email}`])).to.deep.equal([{ locks: 1 }])
    expect(await house.mailsTo(person.email)).to.have.length(1)
  })

  it('as many compare a real hash as may fail, however many come at once', async () => {
    const person = await house.person()
    const { hashing, compared } = slowHashing()
    // Each a server of its own as far as taking turns goes.
    const provers = Array.from({ length: 20 }, () => proverWith(hashing, 0))
    await parallel(times, async (index) => provers[index % provers.length]?.(callFrom(), person.email, otherPassword))
    expect(compared).to.have.length(times)
    expect(compared.filter((hash) => hash !== undefined)).to.have.length(5)
    expect(await countOf(person)).to.equal(times)
  })

  it('one address on many accounts at once: no more are under way than may fail', async () => {
    const { hashing, compared } = slowHashing()
    const prover = proverWith(hashing, 20)
    const results = await parallel(times, (index) => prover(callFrom('198.51.100.7'), `spray-${index}@example.com`, otherPassword)
      .then(() => 'compared', (error: unknown) => (error as { code?: unknown }).code))
    expect(compared.length).to.be.within(20, 40)
    expect(results.filter((result) => result === 'rate_limited')).to.have.length(times - compared.length)
  })

  it('an attempt that finds the queue full is none: it neither counts nor locks', async () => {
    const person = await house.person()
    const full = { ...slowHashing().hashing, compare: () => Promise.reject(new AppError('unavailable', { retryAfter: 2 })) }
    for (let time = 0; time < 7; time += 1) {
      const error: unknown = await proverWith(full, 0)(callFrom(), person.email, person.password).catch((thrown: unknown) => thrown)
      expect(error).to.include({ code: 'unavailable' })
    }
    expect(await countOf(person)).to.equal(0)
    await house.login(person)
  })

  it('60 wrong codes at once: 10 are looked at, then the account is locked', async function () {
    this.timeout(60_000)
    const person = await enrolled(house)
    await freeSteps(house, person)
    const proofs = await parallel(60, () => challenge(house, person))
    const replies = await parallel(60, (index) =>
      house.ask('auth-mfa-verify', { userId: person.id, mfaToken: proofs[index]?.['mfaToken'], code: '000000' }, undefined, url(index)))
    const errors = replies.map((reply) => refusalOfRace(reply, 'unauthenticated', 'account_locked').code)
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
}, patient)
