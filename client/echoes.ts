// Which changes are this client's own doing, so that a list reads once for a mutation: at its reply or at the first of its echoes.
import type { Outcome } from './calls.ts'
import type { Wire } from './wire.ts'

/** Requests of one's own that are remembered. The changes of an older one are read like those of others. */
const most = 2000

interface Own {
  /** Over one connection the server that told of the change is the one that made it: whatever it answers afterwards holds all of it. */
  readonly wires: Set<number>
  /** The moment at which its effects were first known to be there, by its reply or by a change. */
  seen?: number
}

export interface Echoes {
  /** Counts moments: what begins at a later one, a server answers later. */
  readonly moment: () => number
  sent(requestId: string, wire: Wire): void
  /** The moment since which reading holds all that the request has done. Undefined: nothing can be said. */
  answered(outcome: Outcome, wire: Wire | undefined): number | undefined
  /** The same of a change that was heard. */
  heard(requestId: unknown, wire: Wire | undefined): number | undefined
}

export const createEchoes = (): Echoes => {
  const own = new Map<string, Own>()
  /** Connections by number: what is remembered of a request must not keep its socket. */
  const numbers = new WeakMap<Wire, number>()
  let wires = 0
  const numberOf = (wire: Wire): number => {
    const number = numbers.get(wire) ?? (wires += 1)
    numbers.set(wire, number)
    return number
  }
  let moments = 0
  const moment = (): number => (moments += 1)
  const seen = (requestId: unknown, wire: Wire | undefined): number | undefined => {
    const known = typeof requestId === 'string' ? own.get(requestId) : undefined
    if (!known || !wire || known.wires.size !== 1 || !known.wires.has(numberOf(wire))) return undefined
    known.seen ??= moment()
    return known.seen
  }
  return {
    moment,
    sent(requestId, wire) {
      const known = own.get(requestId) ?? { wires: new Set<number>() }
      known.wires.add(numberOf(wire))
      own.set(requestId, known)
      const [oldest] = own.keys()
      if (own.size > most && oldest !== undefined) own.delete(oldest)
    },
    answered: ({ requestId }, wire) => seen(requestId, wire),
    heard: seen,
  }
}
