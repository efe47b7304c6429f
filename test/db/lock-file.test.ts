// One process at a time: refusal, take-over after a crash, and races for the data directory.

import { once } from 'node:events'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { lockDirectory } from '../../core/db/lock-file.ts'
import { type ProcessIdentity, thisProcess } from '../../core/db/process-identity.ts'
import { type Child, cleanUp, startChild, temporaryDirectory } from './support.ts'

const take = async (directory: string): Promise<Child> => {
  const child = startChild('take-directory.ts', [directory])
  await child.line()
  child.say('go')
  return child
}

/** Leaves behind the entry of another process, `age` milliseconds after its last sign of life. */
const leaveEntry = (directory: string, holder: Partial<ProcessIdentity>, age = 0): void => {
  mkdirSync(join(directory, 'lock'), { recursive: true })
  const path = join(directory, 'lock', '00000000-0000-4000-8000-000000000000.process')
  writeFileSync(path.replace('.process', '.held'), '')
  writeFileSync(path, JSON.stringify({ ...thisProcess(), ...holder }))
  const then = new Date(Date.now() - age)
  utimesSync(path, then, then)
}

const refusal = async (directory: string): Promise<string> => {
  try {
    const lock = await lockDirectory(directory)
    lock.release()
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

/** How many of several processes got the directory when all start at once. */
const race = async (directory: string, variant = ''): Promise<{ winners: Child[]; answers: string[] }> => {
  const children = Array.from({ length: 4 }, () => startChild('take-directory.ts', [directory, variant]))
  await Promise.all(children.map((child) => child.line()))
  for (const child of children) child.say('go')
  const answers = await Promise.all(children.map((child) => child.line()))
  return { winners: children.filter((_, at) => answers[at] === 'held'), answers }
}

describe('lock of the data directory', () => {
  afterEach(cleanUp)

  it('refuses a second process, naming the first, the directory and what to do', async () => {
    const directory = await temporaryDirectory()
    const first = await take(directory)
    expect(await first.line()).to.equal('held')
    const message = await (await take(directory)).line()
    expect(message).to.include(`process ${first.process.pid}`).and.include(directory)
    expect(message).to.include('stop that process').and.include('DATA_DIR')
  })

  it('refuses the same process, too', async () => {
    const directory = await temporaryDirectory()
    const lock = await lockDirectory(directory)
    expect(await refusal(directory)).to.include(`process ${process.pid}`)
    lock.release()
    expect(await refusal(directory)).to.equal('')
  })

  it('is taken over after the holder was killed', async () => {
    const directory = await temporaryDirectory()
    const first = await take(directory)
    expect(await first.line()).to.equal('held')
    await first.kill()
    const left = readdirSync(join(directory, 'lock'))
    expect(left).to.not.deep.equal([])
    expect(await (await take(directory)).line()).to.equal('held')
    expect(readdirSync(join(directory, 'lock'))).to.have.length(left.length).and.not.include.members(left)
  })

  it('is released when the process exits without closing', async () => {
    const directory = await temporaryDirectory()
    const child = await take(directory)
    expect(await child.line()).to.equal('held')
    child.say('end')
    await once(child.process, 'exit')
    expect(readdirSync(join(directory, 'lock'))).to.deep.equal([])
  })

  it('lets exactly one of several win, on a free directory and on that of a killed process', async () => {
    const directory = await temporaryDirectory()
    for (let round = 0; round < 3; round += 1) {
      const { winners, answers } = await race(directory)
      expect(winners, answers.join('\n')).to.have.length(1)
      await winners[0]?.kill()
    }
  })

  it('would be seen failing that race if it looked before it announced itself', async () => {
    const { winners } = await race(await temporaryDirectory(), 'broken')
    expect(winners).to.have.length.above(1)
  })

  describe('when the holder cannot be asked', () => {
    before(function () {
      if (thisProcess().started === null) this.skip()
    })

    it('is not fooled by a pid that another process has now', async () => {
      const directory = await temporaryDirectory()
      leaveEntry(directory, { started: '1' })
      expect(await refusal(directory)).to.equal('')
    })

    it('is taken over after the machine has restarted', async () => {
      const directory = await temporaryDirectory()
      leaveEntry(directory, { boot: 'another' })
      expect(await refusal(directory)).to.equal('')
    })

    for (const [where, other] of [['machine', { host: 'elsewhere' }], ['container', { namespace: 'pid:[1]' }]] as const) {
      it(`trusts the signs of life from another ${where}`, async () => {
        const directory = await temporaryDirectory()
        leaveEntry(directory, other, 1_000)
        expect(await refusal(directory)).to.include('is in use').and.include('DATA_DIR')
        leaveEntry(directory, other, 3_600_000)
        expect(await refusal(directory)).to.equal('')
      })
    }
  })
})
