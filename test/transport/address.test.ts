// Whose address counts, in all the ways that proxies write it, and which values of TRUST_PROXY are none.
import { expect } from 'chai'
import type { IncomingMessage } from 'node:http'
import { addressReader, networkOf, trustFault } from '../../core/transport/address.ts'

const read = (trusted: string, peer: string | undefined, forwarded?: string): string | undefined =>
  addressReader(trusted)({
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }, socket: { remoteAddress: peer },
  } as unknown as IncomingMessage)

describe('transport: the address behind proxies', () => {
  const cases: readonly [string, string][] = [
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:51008', '203.0.113.7'],
    ['203.0.113.7:51008, 10.0.0.6', '203.0.113.7'],
    ['203.0.113.7, 10.0.0.6:443', '203.0.113.7'],
    ['[2001:db8::7]:51008', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['"[2001:db8::7]:443"', '2001:db8::7'],
    ['2001:db8::7', '2001:db8::7'],
    ['2001:0DB8:0000:0000:0000:0000:0000:0007', '2001:db8::7'],
    ['fe80::7%eth0', 'fe80::7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:203.0.113.7', '203.0.113.7'],
    ['[::FFFF:203.0.113.7]:80', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
    ['198.51.100.9, 203.0.113.7', '203.0.113.7'],
    ['198.51.100.9, 203.0.113.7, 10.0.0.6, ::1', '203.0.113.7'],
    ['203.0.113.7,10.1.2.3', '203.0.113.7'],
    ['203.0.113.7, , 10.1.2.3,', '203.0.113.7'],
    [' 203.0.113.7\t', '203.0.113.7'],
    ['unknown', '127.0.0.1'],
    ['203.0.113.7, unknown, 10.0.0.6', '10.0.0.6'],
    ['203.0.113.7:99999999', '127.0.0.1'],
    ['_hidden', '127.0.0.1'],
    ['', '127.0.0.1'],
    [`${'1.1.1.1, '.repeat(5000)}203.0.113.7`, '203.0.113.7'],
  ]
  for (const [forwarded, right] of cases) {
    it(`"${forwarded.slice(0, 60)}" is ${right}`, () => expect(read('loopback,10.0.0.0/8', '127.0.0.1', forwarded)).to.equal(right))
  }

  for (const peer of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1', '::FFFF:127.0.0.1', '0:0:0:0:0:0:0:1']) {
    it(`loopback is ${peer}`, () => expect(read('loopback', peer, '203.0.113.7')).to.equal('203.0.113.7'))
  }

  for (const [trusted, peer] of [
    ['::1', '::1'], ['fe80::/10', 'fe80::1%eth0'], ['::ffff:10.0.0.0/104', '10.9.9.9'], ['10.0.0.1', '::ffff:10.0.0.1'],
    ['2001:db8::/32', '2001:db8:1::1'], ['10.1.2.3/8', '10.200.0.1'],
  ] as const) {
    it(`${trusted} is ${peer}`, () => expect(read(trusted, peer, '203.0.113.7')).to.equal('203.0.113.7'))
  }

  it('what a peer that is no proxy says of itself counts for nothing', () => {
    expect(read('loopback', '198.51.100.1', '203.0.113.7')).to.equal('198.51.100.1')
    expect(read('', '127.0.0.1', '203.0.113.7')).to.equal('127.0.0.1')
    expect(read('', undefined, '203.0.113.7')).to.equal(undefined)
  })
})

describe('transport: TRUST_PROXY', () => {
  const wrong =
    ['localhost', 'proxy.internal', '10.0.0.0/99', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/8/8', '10.0.0.0/0', '::/0', '::1/129', '10.0.0/8', '10.0.0.256', 'uniquelocal',
    'true', '1', '*', '[::1]', '127.0.0.1:80', 'fe80::1%eth0', '::ffff:10.0.0.0/90', '10.0.0.0/255.0.0.0', '/8']
  for (const entry of wrong) {
    it(`"${entry}" is none, and named`, () => {
      expect(trustFault(`loopback, ${entry}`)).to.include(`"${entry}"`)
      expect(() => addressReader(entry)).to.throw('TRUST_PROXY')
    })
  }
  for (const list of ['', 'loopback', ' loopback , 10.0.0.0/8,', '::1', '2001:db8::/32', '192.0.2.1/32']) {
    it(`"${list}" is one`, () => expect(trustFault(list)).to.equal(undefined))
  }
})

describe('transport: whose limits an address shares', () => {
  it('IPv6 by its /64, IPv4 each its own', () => {
    expect(networkOf('2001:db8:1:2:3:4:5:6')).to.equal(networkOf('2001:db8:1:2::1%eth0'))
    expect(networkOf('2001:db8:1:2::1')).to.not.equal(networkOf('2001:db8:1:3::1'))
    expect(networkOf('203.0.113.7')).to.not.equal(networkOf('203.0.113.8'))
  })
})
