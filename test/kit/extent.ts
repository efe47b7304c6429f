// How much a run asks. EXTENT=gate, as .ci/run has it, leaves out what takes long beside what it can find: `npm test` and .ci/nightly have
// it. EXTENT=whole, as .ci/nightly has it, is all.

export const isGate = process.env['EXTENT'] === 'gate'
export const isWhole = process.env['EXTENT'] === 'whole'

/** A test that .ci/run leaves out, and counts as skipped. */
export const longTest = (title: string, test: Mocha.AsyncFunc): Mocha.Test => isGate ? it.skip(title, test) : it(title, test)

/** A suite that .ci/run leaves out, and counts as skipped. */
export const longSuite = (title: string, define: () => void): void => {
  if (isGate) it.skip(title)
  else describe(title, define)
}
