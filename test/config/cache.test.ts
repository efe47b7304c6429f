// The cache by itself: reads one after another, in the order of the changes, and again when one fails.
import { expect } from 'chai'
import { number } from 'yup'
import { setting } from '../../core/define/index.ts'
import { createCache, type Reader } from '../../plugins/config/cache.ts'
import { recordingLog } from '../kit/server.ts'

const limit = setting('limit', number().min(1).max(100).default(10), 'A limit')
const declared = new Map([[limit.key, limit]])

/** A table with one value, whose reads are answered when the test says so. */
const slowTable = () => {
  const open: { answer: () => void; fail: () => void }[] = []
  const table = { value: 1, reads: 0 }
  const read: Reader = () => {
    table.reads += 1
    const seen = table.value
    return new Promise((resolve, reject) =>
      open.push({ answer: () => resolve(new Map([['limit', seen]])), fail: () => reject(new Error('no database')) }))
  }
  const next = async (how: 'answer' | 'fail' = 'answer'): Promise<void> => {
    for (const deadline = Date.now() + 15_000; open.length === 0;) {
      if (Date.now() > deadline) throw new Error('nothing is read')
      await new Promise((resolve) => setImmediate(resolve))
    }
    open.shift()?.[how]()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { table, read, next }
}

const loaded = async () => {
  const { table, read, next } = slowTable()
  const log = recordingLog()
  const cache = createCache(declared, log)
  const loading = cache.load(read)
  await next()
  await loading
  return { table, next, log, cache }
}

describe('config: the cache', () => {
  it('a read that began before a change does not hide it', async () => {
    const { table, next, cache } = await loaded()
    const first = cache.refresh('limit')
    while (table.reads < 2) await new Promise((resolve) => setImmediate(resolve))
    table.value = 2
    const second = cache.refresh('limit')
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    expect(table.reads, 'no read beside another').to.equal(2)
    await next()
    await first
    expect(cache.get('limit'), 'what the first read saw').to.equal(1)
    await next()
    await second
    expect(cache.get('limit')).to.equal(2)
  })

  it('many changes at once are few reads', async () => {
    const { table, next, cache } = await loaded()
    const all = Array.from({ length: 100 }, () => cache.refresh('limit'))
    table.value = 3
    await next()
    await Promise.all(all)
    expect(cache.get('limit')).to.equal(3)
    expect(table.reads).to.equal(2)
  })

  it('a read that fails is made again by itself', async () => {
    const { table, next, log, cache } = await loaded()
    table.value = 4
    const refreshed = cache.refresh('limit')
    await next('fail')
    await refreshed
    expect(cache.get('limit'), 'still the old one').to.equal(1)
    expect(log.lines.map(({ level }) => level)).to.deep.equal(['warn'])
    await next()
    expect(cache.get('limit')).to.equal(4)
    cache.stop()
  })

  it('what is heard of before and while it loads is read', async () => {
    const { table, read, next } = slowTable()
    const cache = createCache(declared, recordingLog())
    await cache.refresh('limit')
    expect([cache.get('limit'), table.reads]).to.deep.equal([undefined, 0])
    const loading = cache.load(read)
    table.value = 5
    await cache.refresh('limit')
    await next()
    await next()
    await loading
    expect(cache.get('limit')).to.equal(5)
  })

  it('fails to start without the database, asks for no free key, and is still after its end', async () => {
    const { read, next } = slowTable()
    const loading = createCache(declared, recordingLog()).load(read).then(() => 'loaded', () => 'failed')
    await next('fail')
    expect(await loading).to.equal('failed')
    const { table, cache } = await loaded()
    await cache.refresh('free')
    cache.stop()
    await cache.refresh('limit')
    expect(table.reads).to.equal(1)
  })
})
