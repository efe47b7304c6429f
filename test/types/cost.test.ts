// The types of a large app stay cheap: a ceiling on the compiler's instantiations for each resource, whatever the machine's speed.
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { writeApp } from './generated-app.ts'
import type { Variant } from './generated-app.ts'

/** Measured with TypeScript 7.0.2: 2,050 for each of 150 resources. Comparing yup's classes in a generic makes it 40,000. */
const ceiling = 2500

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')

const run = promisify(execFile)

/** What a compiler that found errors has said before it exited with 1 or 2. */
const outputOf = (failure: unknown): string => {
  if (failure instanceof Error && 'stdout' in failure) return String(failure.stdout)
  throw failure
}

/** Compiles a generated app; one thread, so that the count is the same each time. */
async function compile(variant: Variant): Promise<{ output: string; perResource: number }> {
  const { directory, remove } = writeApp(variant)
  try {
    const options = ['--noEmit', '--singleThreaded', '--extendedDiagnostics', '--pretty', 'false']
    const output = await run(process.execPath, [tsc, '-p', directory, ...options], { maxBuffer: 64 * 1024 * 1024 })
      .then(({ stdout }) => stdout, outputOf)
    const count = /^Instantiations:\s+(\d+)/m.exec(output)?.[1]
    if (count === undefined) throw new Error(`tsc gave no count of instantiations:\n${output}`)
    return { output, perResource: Number(count) / variant.resources }
  } finally {
    remove()
  }
}

const errors = (output: string): string[] => output.split('\n').filter((line) => line.includes('error TS')).slice(0, 5)

describe('types: the cost of a large app', function () {
  this.timeout(120_000)

  it(`is at most ${ceiling} instantiations for each of 150 resources`, async () => {
    const { output, perResource } = await compile({ resources: 150 })
    expect(errors(output)).to.deep.equal([])
    expect(perResource).to.be.greaterThan(0).and.at.most(ceiling)
  })

  it('is seen to be far more when a generic compares yup\'s own classes', async () => {
    const { output, perResource } = await compile({ resources: 20, costly: true })
    expect(errors(output)).to.deep.equal([])
    expect(perResource).to.be.greaterThan(4 * ceiling)
  })

  it('buys a sentence from the compiler when a relation leads nowhere', async () => {
    const { output } = await compile({ resources: 12, lostTo: 'ghost' })
    expect(errors(output)).to.have.length(1)
    expect(output).to.include('r11 points to unknown resource \\"ghost\\"')
  })
})
