// One run at a time, one more for all that was asked for meanwhile, and failures that do not end it.
import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { coalesce, type CoalesceOptions } from '../../core/define/coalesce.ts'

/** Long enough never to come by itself. */
const never = 2 ** 30

const started = (task: CoalesceOptions['task']) => {
  const troubles: [unknown, boolean][] = []
  return { troubles, work: coalesce({ interval: never, task, onTrouble: (error, again) => troubles.push([error, again]) }) }
}

describe('define: coalesce', () => {
  it('runs once more for everything that was asked for during a run', async () => {
    let runs = 0
    const { work } = started(async () => {
      runs += 1
      if (runs === 1) for (let asked = 0; asked < 5; asked += 1) work.kick()
      await turn()
      return false
    })
    await work.run()
    expect(runs).to.equal(2)
    await work.run()
    expect(runs).to.equal(3)
    await work.stop()
  })

  it('goes on while there is more to do', async () => {
    let left = 4
    const { work } = started(async () => (left -= 1) > 0)
    await work.run()
    expect(left).to.equal(0)
    await work.stop()
  })

  it('tells of a failure, rejects who waits for it, and runs again when asked', async () => {
    let failing = true
    const { work, troubles } = started(async () => {
      if (failing) throw new Error('away')
      return false
    })
    for (const again of [false, true]) {
      expect(await work.run().catch((error: unknown) => String(error))).to.equal('Error: away')
      expect(troubles.at(-1)?.[1]).to.equal(again)
    }
    work.kick()
    await turn()
    failing = false
    await work.run()
    expect(troubles).to.have.length(3)
    await work.stop()
  })

  it('survives a task that throws at once', async () => {
    let runs = 0
    const { work, troubles } = started((): Promise<boolean> => {
      runs += 1
      throw new Error('at once')
    })
    await work.run().catch(() => undefined)
    await work.run().catch(() => undefined)
    expect(runs).to.equal(2)
    expect(troubles).to.have.length(2)
    await work.stop()
  })

  it('waits for the present run when it is stopped, and begins no other', async () => {
    let ended = 0
    const { work } = started(async () => {
      await turn()
      ended += 1
      return true
    })
    work.kick()
    // The run has begun.
    await Promise.resolve()
    await work.stop()
    expect(ended).to.equal(1)
    await work.run()
    work.kick()
    expect(ended).to.equal(1)
  })

  it('does what is left as the last thing, when it is asked to', async () => {
    let left = 3
    const { work } = started(async () => {
      await turn()
      return (left -= 1) > 0
    })
    await work.stop('last')
    expect(left).to.equal(0)
  })

  for (const last of [undefined, 'last'] as const) {
    it(`does not wait for ever for a run that does not end: ${last ?? 'the present one'}`, async () => {
      const { work } = started(() => new Promise(() => undefined))
      work.kick()
      await turn()
      await work.stop(last)
    })
  }
})
