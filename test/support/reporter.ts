// Mocha's spec output, plus the counts in the file that MOCHA_RESULTS names, for .ci/run to add up, and below them the tests that failed,
// for its last lines. A run that does not end by itself fails.
import { writeFileSync } from 'node:fs'
import mocha from 'mocha'

/** Milliseconds after the last test in which the process must have ended. */
const patience = 60_000

/** What a failure is told by in a line of its own. Chai's message says of a list only how long it is: what was there is added. */
const lineOf = (test: mocha.Test, error: Error & { readonly actual?: unknown }): string => {
  const actual = error.actual === undefined ? '' : `; it was ${JSON.stringify(error.actual)}`
  return `${test.fullTitle()}: ${error.message}${actual}`.replaceAll(/\s+/g, ' ').slice(0, 1000)
}

export default class Reporter extends mocha.reporters.Spec {
  constructor(runner: mocha.Runner, options: mocha.MochaOptions) {
    super(runner, options)
    const file = process.env['MOCHA_RESULTS']
    if (file === undefined) return
    const failures: string[] = []
    runner.on('fail', (test, error: Error) => void failures.push(lineOf(test, error)))
    // Failed hooks count as failures too: mocha's own summary counts them so.
    runner.once('end', () => {
      writeFileSync(file, [`${this.stats.passes} ${this.stats.failures} ${this.stats.pending}`, ...failures, ''].join('\n'))
      setTimeout(() => {
        process.stderr.write(`The tests are done, and the process does not end: ${process.getActiveResourcesInfo().join(', ')}\n`)
        process.exit(1)
      }, patience).unref()
    })
  }
}
