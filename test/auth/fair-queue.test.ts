// The queue before the hashing threads: whoever has much work in it keeps nobody else's waiting, and it ends.
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { expect } from 'chai'
import { createFairQueue, createFairQueues, type FairQueue } from '../../plugins/auth/fair-queue.ts'

/** Tasks that end when they are told to, and the order in which they began. */
const work = (queue: FairQueue) => {
  const began: string[] = []
  const ends: (() => void)[] = []
  const outcomes: Promise<string>[] = []
  return {
    began,
    add(name: string, ...shares: string[]): Promise<string> {
      const outcome = queue.run(shares, () => {
        began.push(name)
        return new Promise<void>((resolve) => void ends.push(resolve))
      }).then(() => 'done', (error: unknown) => (error as { code?: string }).code ?? 'failed')
      outcomes.push(outcome)
      return outcome
    },
    /** Ends what runs, until so many have begun. */
    async until(count: number): Promise<void> {
      while (began.length < count) {
        ends.shift()?.()
        await turnOfTheLoop()
      }
    },
    async finish(): Promise<string[]> {
      const all = Promise.all(outcomes)
      let over = false
      void all.then(() => void (over = true))
      while (!over) {
        ends.shift()?.()
        await turnOfTheLoop()
      }
      return all
    },
  }
}

const open = (most = 1000, patience = 60_000) => work(createFairQueue({ atOnce: 1, most, patience }))

describe('auth: the fair queue', () => {
  it('one account with a hundred pieces of work: another one\'s, from the same address, is next', async () => {
    const queue = open()
    for (let time = 0; time < 100; time += 1) void queue.add(`eve ${time}`, 'account:eve', 'address:1')
    await queue.until(10)
    void queue.add('ada', 'account:ada', 'address:1')
    await queue.until(11)
    expect(queue.began.at(-1)).to.equal('ada')
    expect(new Set(await queue.finish())).to.deep.equal(new Set(['done']))
    expect(queue.began).to.have.length(101)
  })

  it('one address with a hundred accounts: who comes from elsewhere is next', async () => {
    const queue = open()
    for (let time = 0; time < 100; time += 1) void queue.add(`stranger ${time}`, `account:${time}`, 'address:1')
    await queue.until(10)
    void queue.add('ada', 'account:ada', 'address:2')
    await queue.until(11)
    expect(queue.began.at(-1)).to.equal('ada')
    await queue.finish()
  })

  it('one account from a hundred addresses: its owner, from his own, is next', async () => {
    const queue = open()
    for (let time = 0; time < 300; time += 1) void queue.add(`bot ${time}`, 'account:ada', `address:${time % 100}`)
    await queue.until(150)
    void queue.add('ada', 'account:ada', 'address:own')
    await queue.until(152)
    expect(queue.began.slice(-2)).to.include('ada')
    await queue.finish()
  })

  it('two who have as much work take turns', async () => {
    const queue = open()
    for (let time = 0; time < 50; time += 1) void queue.add('a', 'account:a')
    for (let time = 0; time < 50; time += 1) void queue.add('b', 'account:b')
    await queue.until(60)
    expect(queue.began.filter((name) => name === 'b').length).to.be.within(20, 40)
    await queue.finish()
  })

  it('what was free is owed to nobody: who worked alone before is not last once others come', async () => {
    const queue = open()
    for (let time = 0; time < 50; time += 1) void queue.add('before', 'account:ada')
    await queue.finish()
    for (let time = 0; time < 50; time += 1) void queue.add('eve', 'account:eve')
    void queue.add('ada', 'account:ada')
    await queue.until(56)
    expect(queue.began).to.include('ada')
    await queue.finish()
  })

  it('beyond its bound it sends away at once, and those of whom most wait', async () => {
    const queue = open(10)
    const eves = Array.from({ length: 50 }, (_, time) => queue.add(`eve ${time}`, 'account:eve', 'address:1'))
    const ada = queue.add('ada', 'account:ada', 'address:1')
    await turnOfTheLoop()
    const sentAway = await Promise.race([Promise.all(eves.slice(11)), turnOfTheLoop('they wait')])
    expect(sentAway).to.be.an('array').with.length(39)
    await queue.finish()
    expect(await ada).to.equal('done')
    expect((await Promise.all(eves)).filter((outcome) => outcome === 'unavailable')).to.have.length(40)
  })

  it('who asks again and again in vain does not outnumber who asks once', async () => {
    const queue = open(5)
    for (let time = 0; time < 300; time += 1) void queue.add('stranger', `account:${time}`, `address:${time % 60}`)
    const ada = queue.add('ada', 'account:ada', 'address:own')
    await queue.finish()
    expect(await ada).to.equal('done')
  })

  it('nobody waits longer than its patience, and hears when to come back', async () => {
    const queue = createFairQueue({ atOnce: 1, most: 10, patience: 10 })
    let end: () => void = () => undefined
    const first = queue.run(['a'], () => new Promise<void>((resolve) => void (end = resolve)))
    const error: unknown = await queue.run(['b'], () => Promise.resolve()).catch((thrown: unknown) => thrown)
    expect(error).to.include({ code: 'unavailable', retryAfter: 1 })
    end()
    await first
    expect(queue.size).to.equal(0)
  })

  it('a task that fails frees its place; a queue that is empty is forgotten', async () => {
    const queues = createFairQueues({ atOnce: 1, most: 10, patience: 1000 })
    const failed: unknown = await queues('ada', [], () => Promise.reject(new Error('broken'))).catch((thrown: unknown) => thrown)
    expect(failed).to.include({ message: 'broken' })
    expect(await queues('ada', [], () => Promise.resolve('next'))).to.equal('next')
  })
})
