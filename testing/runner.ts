// The program that runs the tests: mocha, by the functions that it makes global, or else node:test. The kit's suites are defined by it.
import { createRequire } from 'node:module'

type Work = () => unknown

/** What mocha hands to a suite, a test and a hook as `this`. */
interface Mocha {
  timeout(): number
  timeout(milliseconds: number): unknown
}

interface Runner {
  describe(title: string, define: Work): unknown
  it: ((title: string, work?: Work) => unknown) & { skip?(title: string): unknown }
  before(work: Work): unknown
  after(work: Work): unknown
}

/** Milliseconds that mocha is to wait on a busy machine, where it would give up sooner. What runs by node:test is waited for. */
const patience = { test: 60_000, hook: 120_000 }

const globals = globalThis as unknown as Partial<Runner>
const isMocha = (given: Partial<Runner>): given is Runner =>
  [given.describe, given.it, given.before].every((each) => typeof each === 'function')

let known: Runner | undefined
// Not imported before it is needed: in a program of another kind it would report tests.
const runner = (): Runner => (known ??= isMocha(globals) ? globals : createRequire(import.meta.url)('node:test') as Runner)

/** The same work, for which mocha waits at least so long. */
const patient = (work: Work, least: number): Work => function given(this: Partial<Mocha> | undefined) {
  if (isMocha(globals) && this?.timeout) {
    const now = this.timeout()
    if (now > 0 && now < least) this.timeout(least)
  }
  return work()
}

/** Defines a suite. */
export const describe = (title: string, define: () => void): void => void runner().describe(title, patient(define, patience.test))

/** Defines a test. */
/** Defines a test; `least`: milliseconds that mocha is to wait for it. */
export const it = (title: string, work: Work, least = 0): void => void runner().it(title, patient(work, least))

/** Defines a test that says why it does not run. */
export const skip = (title: string): void => {
  const { it: test } = runner()
  if (test.skip) test.skip(title)
  else test(title)
}

/** Runs before the tests of the suite that is being defined. */
export const before = (work: Work): void => void runner().before(patient(work, patience.hook))

/** Runs after them. */
export const after = (work: Work): void => void runner().after(patient(work, patience.hook))
