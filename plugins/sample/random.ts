// Numbers that look random and are the same for the same seed.

export interface Random {
  /** From 0 to below 1. */
  next(): number
  /** One item of the list. */
  pick<T>(items: readonly [T, ...T[]] | readonly T[]): T
  /** True so often as `share` says. */
  chance(share: number): boolean
}

/** Mulberry32: small, quick, and good enough for names. Not for secrets. */
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    pick(items) {
      const item = items[Math.floor(next() * items.length)]
      if (item === undefined) throw new Error('There is nothing to pick from')
      return item
    },
    chance: (share) => next() < share,
  }
}
