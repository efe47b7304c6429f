// Mocha's spec output, plus the counts in the file that MOCHA_RESULTS names, for .ci/run to add up. A run that
// does not end by itself fails.
import { writeFileSync } from 'node:fs'
import mocha from 'mocha'

/** Milliseconds after the last test in which the process must have ended. */
const patience = 60_000

export default class Reporter extends mocha.reporters.Spec {
  constructor(runner: mocha.Runner, options: mocha.MochaOptions) {
    super(runner, options)
    const file = process.env['MOCHA_RESULTS']
    if (file === undefined) return
    // Failed hooks count as failures too: mocha's own summary counts them so.
    runner.once('end', () => {
      writeFileSync(file, `${this.stats.passes} ${this.stats.failures} ${this.stats.pending}\n`)
      setTimeout(() => {
        process.stderr.write(`The tests are done, and the process does not end: ${process.getActiveResourcesInfo().join(', ')}\n`)
        process.exit(1)
      }, patience).unref()
    })
  }
}
