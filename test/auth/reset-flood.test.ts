// A flood of requests for a reset: unknown addresses leave no job, one client address is bounded, and honest mails do not wait behind it.
import { expect } from 'chai'
import { createRequestLimit } from '../../plugins/auth/lockout.ts'
import { number, row } from '../kit/replies.ts'
import { unique } from '../kit/test-server.ts'
import { parallel } from '../kit/wait.ts'
import { onHouse } from './on-house.ts'

const codeOf = (body: unknown): string => (body as { error?: { code?: string } }).error?.code ?? 'ok'

onHouse('a flood of requests for a reset', (house) => {
  const jobs = async () => number((await house.sql("select count(*)::int as n from jobs where name = 'auth.reset'"))[0]?.['n'])
  const entries = async () =>
    number((await house.sql("select count(*)::int as n from audit_entries where action = 'auth-request-reset'"))[0]?.['n'])
  const statements = async (email: string): Promise<string[]> => {
    const heard: string[] = []
    // What the statement is about may stand in it as a literal.
    const hear = ({ sql }: { readonly sql: string }): void => void heard.push(sql.replaceAll(/'\[\{.*?\}\]'/gs, '?'))
    house.db.on('query', hear)
    await house.ok('auth-request-reset', { email })
    house.db.off('query', hear)
    return heard.filter((sql) => /users|into jobs|from "jobs" where "name"|audit_append/.test(sql) && !/locked_until|run_at" <=/.test(sql))
  }

  // The address may ask 60 times a minute; these tests follow each other in it.
  it('known or not, the same statements are made; only the known one leaves a job', async () => {
    const [known, suspended] = [await house.person(), await house.person({ status: 'suspended' })]
    const nobody = `${unique('nobody')}@example.com`
    await house.mailsTo(nobody)
    const [first, ...others] = [await statements(nobody), await statements(suspended.email), await statements(known.email)]
    for (const other of others) expect(other.filter((sql) => !/password_resets/.test(sql)).slice(0, first?.length)).to.deep.equal(first)
    expect(await house.mailsTo(known.email)).to.have.length(1)
    for (const email of [suspended.email, nobody]) expect(await house.mailsTo(email)).to.deep.equal([])
  })

  it('150 at once from one address: as many are answered as it may make, the rest are rate limited and leave nothing', async function () {
    this.timeout(60_000)
    const before = await entries()
    const codes = (await parallel(150, (index) => house.ask('auth-request-reset', { email: `nobody-${index}@example.com` }))).map(codeOf)
    expect([...new Set(codes)].toSorted()).to.deep.equal(['ok', 'rate_limited'])
    const answered = codes.filter((code) => code === 'ok').length
    expect(answered).to.be.within(1, 60)
    expect(await entries()).to.equal(before + answered)
    expect(await jobs()).to.equal(0)
    const { error } = row(await house.ask('auth-request-reset', { email: 'nobody@example.com' }))
    expect(row(error)['retryAfter']).to.be.within(1, 60)
  })
}, { RATE_LIMIT_EVENTS: '50' })

describe('auth: a limit of requests', () => {
  it('counts each key for itself; 0 is no limit', () => {
    const limit = createRequestLimit(2)
    for (const key of ['a', 'a', 'b', 'b']) limit.take(key)
    expect(() => limit.take('a')).to.throw().with.property('code', 'rate_limited')
    limit.take('c')
    const open = createRequestLimit(0)
    for (let time = 0; time < 100; time += 1) open.take('a')
  })
})
