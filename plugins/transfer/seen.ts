// Which names a file has and where, for a million of them in some megabytes: 64 bits of a digest each, in typed arrays.
import { createHash } from 'node:crypto'

/** Names and the number that each was first seen with. */
export interface Seen {
  /** The number that a name was first seen with; undefined: it is new, and has this one from now on. */
  add(name: string, number: number): number | undefined
  get(name: string): number | undefined
  /** How often a name was added by this; from 1. */
  count(name: string): number
}

/** Two names of a million fall together once in thirty million files. */
const digestOf = (name: string): bigint => createHash('sha1').update(name).digest().readBigUInt64LE() | 1n

export const createSeen = (): Seen => {
  let size = 1024
  let used = 0
  let digests = new BigUint64Array(size)
  let numbers = new Uint32Array(size)

  /** Where a digest is, or could be put. */
  const placeOf = (digest: bigint): number => {
    let at = Number(digest & BigInt(0xffff_ffff)) % size
    for (let found = digests[at]; found !== 0n && found !== digest; found = digests[at]) at = (at + 1) % size
    return at
  }
  const grow = (): void => {
    const [old, values] = [digests, numbers]
    size *= 2
    digests = new BigUint64Array(size)
    numbers = new Uint32Array(size)
    old.forEach((digest, from) => {
      if (digest === 0n) return
      const at = placeOf(digest)
      digests[at] = digest
      numbers[at] = values[from] ?? 0
    })
  }
  const put = (at: number, digest: bigint, number: number): void => {
    digests[at] = digest
    numbers[at] = number
    used += 1
    if (used * 2 > size) grow()
  }

  return {
    add(name, number) {
      const digest = digestOf(name)
      const at = placeOf(digest)
      if (digests[at] === digest) return numbers[at]
      put(at, digest, number)
      return undefined
    },
    get(name) {
      const digest = digestOf(name)
      const at = placeOf(digest)
      return digests[at] === digest ? numbers[at] : undefined
    },
    count(name) {
      const digest = digestOf(name)
      const at = placeOf(digest)
      if (digests[at] !== digest) {
        put(at, digest, 1)
        return 1
      }
      numbers[at] = (numbers[at] ?? 0) + 1
      return numbers[at] ?? 1
    },
  }
}
