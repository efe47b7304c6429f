// The types of a large app stay cheap: a ceiling on the compiler's instantiations for each resource, whatever the machine's speed.
import { expect } from 'chai'
import { check } from './compiler.ts'
import { writeApp } from './generated-app.ts'
import type { Variant } from './generated-app.ts'
import { longTest } from '../kit/extent.ts'

/**
 * Measured with TypeScript 7.0.2, the contract with all events included: 2,510 for each of 150 resources, 2,490 of 500. Comparing yup's
 * classes in a generic makes it 40,000; so does a type that is given all definitions of the app, for each relation.
 */
const ceiling = 2800

/** Compiles a generated app; one thread, so that the count is the same each time. */
async function compile(variant: Variant): Promise<{ output: string; count: number; perResource: number }> {
  const { directory, remove } = writeApp(variant)
  try {
    const output = await check(directory, '--singleThreaded', '--extendedDiagnostics')
    const count = /^Instantiations:\s+(\d+)/m.exec(output)?.[1]
    if (count === undefined) throw new Error(`tsc gave no count of instantiations:\n${output}`)
    return { output, count: Number(count), perResource: Number(count) / variant.resources }
  } finally {
    remove()
  }
}

const errors = (output: string): string[] => output.split('\n').filter((line) => line.includes('error TS')).slice(0, 5)

describe('types: the cost of a large app', function () {
  this.timeout(300_000)

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

  longTest('is no more for each of 500 resources, whose 8,000 events a client is typed by', async () => {
    const { output, perResource } = await compile({ resources: 500, client: 'busy' })
    expect(errors(output)).to.deep.equal([])
    expect(perResource).to.be.at.most(ceiling)
  })

  longTest('of a file that calls the client is at most six times as much for 500 resources as for 50', async () => {
    const costOf = async (resources: number): Promise<number> => {
      const [busy, idle] = [await compile({ resources, client: 'busy' }), await compile({ resources, client: 'idle' })]
      expect([...errors(busy.output), ...errors(idle.output)]).to.deep.equal([])
      return busy.count - idle.count
    }
    const [few, many] = [await costOf(50), await costOf(500)]
    expect(few, 'instantiations of the calls alone').to.be.greaterThan(1000)
    expect(many / few, `${many} and ${few} instantiations`).to.be.at.most(6)
  })

  it('buys a sentence from the compiler when a relation leads nowhere', async () => {
    const { output } = await compile({ resources: 12, lostTo: 'ghost' })
    expect(errors(output)).to.have.length(1)
    expect(output).to.include('r11 points to unknown resource \\"ghost\\"')
  })
})
