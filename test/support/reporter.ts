// Mocha's spec output, plus the counts in the file that MOCHA_RESULTS names, for .ci/run to add up.
import { writeFileSync } from 'node:fs'
import mocha from 'mocha'

export default class Reporter extends mocha.reporters.Spec {
  constructor(runner: mocha.Runner, options: mocha.MochaOptions) {
    super(runner, options)
    const file = process.env['MOCHA_RESULTS']
    if (file === undefined) return
    // Failed hooks count as failures too: mocha's own summary counts them so.
    runner.once('end', () => writeFileSync(file, `${this.stats.passes} ${this.stats.failures} ${this.stats.pending}\n`))
  }
}
