// docs/protocol.md §8: "Per socket 50 events/s with a burst of 100, per user 3×, per address 10×".
import { expect } from 'chai'
import { createLimits, type Asker } from '../../core/transport/limits.ts'

const clocked = (perSecond: number) => {
  const clock = { seconds: 0 }
  const { take } = createLimits(perSecond, () => clock.seconds)
  /** How many requests pass before one is refused. */
  const passes = (asker: () => Asker, most = 100_000): number => {
    let count = 0
    while (count < most && take(asker()) === undefined) count += 1
    return count
  }
  return { clock, take, passes }
}

describe('transport: limits', () => {
  const one = {}
  for (const [what, asker, rate] of [
    ['a socket', () => ({ transport: one }), 50],
    ['a user, on any number of sockets', () => ({ transport: {}, actor: 'u' }), 150],
    ['an address, with any number of users', () => ({ transport: {}, actor: String(Math.random()), address: '203.0.113.7' }), 500],
  ] as const) {
    it(`${what}: ${rate * 2} at once, then ${rate} a second`, () => {
      const { clock, passes } = clocked(50)
      expect(passes(asker)).to.equal(rate * 2)
      clock.seconds += 1
      expect(passes(asker)).to.equal(rate)
      clock.seconds += 3600
      expect(passes(asker)).to.equal(rate * 2)
    })
  }

  it('a network of IPv6 is one address', () => {
    let host = 0
    expect(clocked(50).passes(() => ({ address: `2001:db8:1:2::${((host += 1) % 60_000).toString(16)}` }))).to.equal(1000)
  })

  it('others are not held up', () => {
    const { take, passes } = clocked(50)
    passes(() => ({ transport: one, actor: 'u', address: '203.0.113.7' }))
    expect(take({ transport: {}, actor: 'v', address: '203.0.113.7' })).to.equal(undefined)
  })

  it('says in how many seconds, and who waits that long is answered', () => {
    const { clock, take, passes } = clocked(1)
    expect(passes(() => ({ transport: one }))).to.equal(2)
    expect(take({ transport: one })).to.equal(1)
    clock.seconds += 1
    expect(take({ transport: one })).to.equal(undefined)
  })

  it('what is refused for one count costs the others nothing', () => {
    const { passes } = clocked(50)
    passes(() => ({ transport: one, address: '203.0.113.7' }))
    for (let time = 0; time < 5000; time += 1) passes(() => ({ transport: one, address: '203.0.113.7' }))
    expect(passes(() => ({ transport: {}, address: '203.0.113.7' }))).to.equal(900)
  })

  it('0 turns all of it off', () =>
    expect(clocked(0).passes(() => ({ transport: one, actor: 'u', address: '203.0.113.7' }), 20_000)).to.equal(20_000))

  it('forgets the least recently seen of many addresses, not the one that keeps asking', () => {
    const { take, passes } = clocked(1)
    const busy = { address: '203.0.113.7' }
    expect(passes(() => busy)).to.equal(20)
    for (let other = 0; other < 50_000; other += 1) {
      take({ address: `10.${other >> 16}.${(other >> 8) & 255}.${other & 255}` })
      if (other % 1000 === 0) expect(take(busy)).to.equal(1)
    }
    expect(take(busy)).to.equal(1)
  })
})
