// What a queue refuses when it is set up, and what it makes of a failure.
import { expect } from 'chai'
import { createQueue } from '../../plugins/jobs/index.ts'
import { pauseAfter, reasonOf } from '../../plugins/jobs/worker.ts'

describe('jobs: definitions', () => {
  it('refuses a name that is taken, and a period under a second', async () => {
    const { services } = createQueue()
    const done = () => Promise.resolve()
    services.define('errand', done)
    expect(() => services.define('errand', done)).to.throw('The job "errand" is defined twice')
    expect(() => services.every('errand', 60, () => Promise.resolve())).to.throw('The job "errand" is defined twice')
    for (const seconds of [0, -1, 0.5, Number.NaN]) expect(() => services.every('sweep', seconds, () => Promise.resolve())).to.throw('one second is the least')
  })
})

describe('jobs: failures', () => {
  it('come back after pauses that double up to an hour, spread by a half', () => {
    for (const [attempt, middle] of [[1, 5], [2, 10], [5, 80], [20, 3600], [2000, 3600]] as const) {
      for (let count = 0; count < 100; count += 1) expect(pauseAfter(attempt, 5)).to.be.within(middle / 2, middle * 1.5)
    }
  })

  it('keep no text of the payload', () => {
    const payload = { list: [{ code: '482913' }], link: 'https://x.test/?t=abcd', n: 1 }
    expect(reasonOf(new TypeError('482913 of https://x.test/?t=abcd, 1'), payload)).to.equal('TypeError: *** of ***, 1')
    expect(reasonOf('482913', payload)).to.equal('***')
    expect(reasonOf(new Error('x'.repeat(9000)), {})).to.have.length(500)
  })
})
