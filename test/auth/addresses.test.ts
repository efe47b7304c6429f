// Failed log-ins by address: 20 a minute, IPv6 by its /64, and whose forwarded address counts.
import { expect } from 'chai'
import { addressKey } from '../../plugins/auth/lockout.ts'
import { send } from '../kit/http.ts'
import { refusal, refusalOfRace, row, served, success } from '../kit/replies.ts'
import { unique, type TestServer } from '../kit/test-server.ts'
import { parallel } from '../kit/wait.ts'
import { onHouse } from './on-house.ts'

const tryFrom = async (house: TestServer, address: string | undefined, payload: object): Promise<unknown> => {
  const headers = { 'content-type': 'application/json', ...(address === undefined ? {} : { 'x-forwarded-for': address }) }
  return (await send(house.url, { path: '/api/auth-login', headers, body: JSON.stringify(payload) })).body
}

/** A failure on an account of its own, so that none gets locked. */
const fail = (house: TestServer, address?: string) =>
  tryFrom(house, address, { email: `${unique('nobody')}@example.com`, password: 'Wrong-River-52-Lantern' })

const limits = { RATE_LIMIT_EVENTS: '50', RATE_LIMIT_LOGINS: '20' }

describe('auth: the key of an address', () => {
  const same = addressKey('2001:db8:1:2::1')
  for (const address of ['2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:0DB8:0001:0002::', '2001:db8:1:2:0:0:0:9', '2001:db8:1:2::5%eth0']) {
    it(`${address} is in the /64`, () => expect(addressKey(address)).to.equal(same))
  }
  for (const address of ['2001:db8:1:3::1', '2001:db8::1:2', '::1', '2001:db8:1::2', '10.0.0.1']) {
    it(`${address} is not`, () => expect(addressKey(address)).to.not.equal(same))
  }
  it('each IPv4 address stands for itself', () => expect(addressKey('10.0.0.1')).to.not.equal(addressKey('10.0.0.2')))
})

onHouse('addresses', (house) => {
  const forget = () => house.sql("delete from attempts where key like 'address:%'")
  beforeEach(forget)

  it('the 21st failure within a minute is rate_limited, and so is a right password; after the minute it is over', async () => {
    const person = await house.person()
    for (let time = 0; time < 20; time += 1) refusal(await fail(house), 'unauthenticated')
    const body = await fail(house)
    refusal(body, 'rate_limited')
    expect(row(row(body)['error'])['retryAfter']).to.be.within(1, 60)
    refusal(await tryFrom(house, undefined, { email: person.email, password: person.password }), 'rate_limited')
    await house.sql("update attempts set since = now() - interval '61 seconds' where key like 'address:%'")
    await house.login(person)
  })

  it('successes do not count', async () => {
    const person = await house.person()
    for (let time = 0; time < 25; time += 1) await house.login(person)
  })

  it('failures that come together are limited too', async () => {
    const replies = await parallel(100, () => served(() => fail(house)))
    const failed = replies.filter((reply) => row(row(reply)['error'])['code'] === 'unauthenticated')
    expect(failed.length).to.be.within(20, 40)
    for (const reply of replies) refusalOfRace(reply, 'unauthenticated', 'rate_limited')
  })

  it('a forwarded address of nobody we trust is ignored', async () => {
    for (let time = 0; time < 20; time += 1) refusal(await fail(house, `203.0.113.${time}`), 'unauthenticated')
    refusal(await fail(house, '203.0.113.99'), 'rate_limited')
  })
}, limits)

onHouse('addresses behind a proxy', (house) => {
  it('the address that the trusted proxy names counts, by its /64, and nothing that the client wrote before it', async () => {
    for (let time = 0; time < 20; time += 1) refusal(await fail(house, `198.51.100.${time}, 2001:db8:7:7::${time}`), 'unauthenticated')
    refusal(await fail(house, '2001:db8:7:7:abcd::1'), 'rate_limited')
    refusal(await fail(house, '2001:db8:7:8::1'), 'unauthenticated')
    success(await tryFrom(house, '2001:db8:7:8::1', { email: house.admin.email, password: house.admin.password }))
  })

  it('an address is one however it is written: mapped, in brackets, with a port', async () => {
    const spellings = ['203.0.113.50', '::ffff:203.0.113.50', '::FFFF:203.0.113.50', '203.0.113.50:4711', '[::ffff:cb00:7132]:80']
    for (let time = 0; time < 20; time += 1) refusal(await fail(house, spellings[time % spellings.length]), 'unauthenticated')
    for (const address of spellings) refusal(await fail(house, address), 'rate_limited')
  })

  it('the session says the same address', async () => {
    const [session] = await house.sql("select ip from sessions where ip like '2001%'")
    expect(session).to.deep.equal({ ip: '2001:db8:7:8::1' })
  })
}, { ...limits, TRUST_PROXY: 'loopback' })
