// What a queue refuses when it is set up, and what it makes of a failure.
import { expect } from 'chai'
import { definePlugin } from '../../core/define/index.ts'
import { BootError } from '../../core/model/faults.ts'
import { every, job } from '../../plugins/jobs/index.ts'
import { pauseAfter, reasonOf } from '../../plugins/jobs/worker.ts'
import { appWith, compiled } from '../kit/server.ts'

describe('jobs: definitions', () => {
  const done = () => Promise.resolve()

  it('refuses a name that is taken', () => {
    const twice = definePlugin({ name: 'errand', setup: () => ({ provides: [job('errand', done), every('errand', 60, done)] }) })
    expect(() => compiled(appWith(twice))).to.throw(BootError, 'errand: the job "errand" is provided twice')
  })

  it('refuses a period under a second', () => {
    for (const seconds of [0, -1, 0.5, Number.NaN]) expect(() => every('sweep', seconds, done)).to.throw('one second is the least')
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
