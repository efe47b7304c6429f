// Random choices that a seed decides, in streams of their own: what one part draws changes nothing for another.

export interface Random {
  /** From 0 up to `below`, which is not reached; whole. */
  whole(below: number): number
  chance(share: number): boolean
  pick<T>(items: readonly T[]): T
  shuffle<T>(items: readonly T[]): T[]
}

/** mulberry32. `stream` names the part that draws. */
export const randomOf = (seed: number, stream: string): Random => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  for (const letter of stream) state = (Math.imul(state, 31) + (letter.codePointAt(0) ?? 0)) >>> 0
  const random: Random = {
    whole: (below) => Math.floor(next() * below),
    chance: (share) => next() < share,
    pick(items) {
      if (items.length === 0) throw new Error('nothing to pick from')
      return items[random.whole(items.length)] as (typeof items)[number]
    },
    shuffle(items) {
      const left = [...items]
      return items.map(() => left.splice(random.whole(left.length), 1)[0] as (typeof items)[number])
    },
  }
  return random
}
