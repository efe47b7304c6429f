// What a node keeps of the feed in memory: as much as it may, whole batches of it, and nothing that may have a hole.
import { expect } from 'chai'
import type { Entry } from '../../core/change/entry.ts'
import { createRing, ringBounds, weigh } from '../../core/change/ring.ts'

/** Entries with the sizes of their batches, from a position on. */
const batches = (start: number, ...sizes: readonly number[]): Entry[] => {
  let batch = start
  return sizes.flatMap((size) => {
    const first = batch
    batch += size
    return Array.from({ length: size }, (_, index): Entry => ({
      pos: first + index + 1, batch: first, resource: 'site', id: `s${first + index + 1}`, action: 'update', version: 1, requestId: null,
    }))
  })
}

const positions = (entries: readonly Entry[]): number[] => entries.map(({ pos }) => pos)

describe('the ring of the feed', () => {
  it('answers from its beginning on, at most as many as are asked for', () => {
    const ring = createRing(10)
    expect([ring.floor, ring.head, ring.entries]).to.deep.equal([10, 10, 0])
    ring.add(batches(10, 2, 3))
    expect([ring.floor, ring.head, ring.entries]).to.deep.equal([10, 15, 5])
    expect(positions(ring.after(10, 100))).to.deep.equal([11, 12, 13, 14, 15])
    expect(positions(ring.after(12, 2))).to.deep.equal([13, 14])
    expect(ring.after(15, 100)).to.deep.equal([])
  })

  it('holds no more entries than it may, and never the rest of a batch', () => {
    const ring = createRing(0, { entries: 10, bytes: 1_000_000 })
    ring.add(batches(0, 4, 4, 4))
    expect([ring.floor, ring.entries]).to.deep.equal([4, 8])
    for (let pos = 12; pos < 200; pos += 3) {
      ring.add(batches(pos, 3))
      expect(ring.entries).to.be.at.most(10)
      const wanted = Array.from({ length: ring.entries }, (_, index) => ring.floor + index + 1)
      expect(positions(ring.after(ring.floor, 100))).to.deep.equal(wanted)
    }
    expect([ring.floor, ring.head]).to.deep.equal([192, 201])
  })

  it('a batch that is larger than all that it may hold is not held', () => {
    const ring = createRing(0, { entries: 10, bytes: 1_000_000 })
    const batch = batches(0, 25)
    ring.add(batch.slice(0, 20))
    expect([ring.floor, ring.head, ring.entries]).to.deep.equal([20, 20, 0])
    ring.add(batch.slice(20))
    expect([ring.floor, ring.head, ring.entries]).to.deep.equal([25, 25, 0])
    ring.add(batches(25, 2))
    expect([ring.floor, ring.entries, ring.bytes]).to.deep.equal([25, 2, batches(25, 2).reduce((sum, entry) => sum + weigh(entry), 0)])
  })

  it('holds no more bytes than it may', () => {
    const ring = createRing(0, { ...ringBounds, bytes: 5000 })
    for (let pos = 0; pos < 300; pos += 1) {
      ring.add(batches(pos, 1).map((entry) => ({ ...entry, id: 'x'.repeat(pos % 64), requestId: 'y'.repeat(64) })))
      expect(ring.bytes).to.be.at.most(5000)
    }
    expect(ring.entries).to.be.within(15, 25)
    expect(ring.bytes).to.equal(ring.after(ring.floor, 100).reduce((sum, entry) => sum + weigh(entry), 0))
  })

  it('begins again after a hole: nothing is known of what was there', () => {
    const ring = createRing(0)
    ring.add(batches(0, 3))
    ring.add(batches(5, 2))
    expect([ring.floor, ring.head, ring.entries]).to.deep.equal([5, 7, 2])
  })

  it('forgets what the database has forgotten, and then to the end of that batch', () => {
    const ring = createRing(0)
    ring.add(batches(0, 3, 3, 3))
    ring.forget(4)
    expect([ring.floor, ring.entries]).to.deep.equal([6, 3])
    ring.forget(2)
    expect(ring.floor).to.equal(6)
    ring.forget(100)
    expect([ring.floor, ring.head, ring.entries, ring.bytes]).to.deep.equal([9, 9, 0, 0])
  })
})
