// The live lists of a client, and which of them a change or a mutation may have changed.
import type { Outcome } from './calls.ts'
import type { Echoes } from './echoes.ts'
import type { SovraneError } from './errors.ts'
import type { Moved } from './reading.ts'
import { isReading } from './names.ts'
import type { Wire } from './wire.ts'

/** The resources whose changes may change what a list answers; undefined: any may. */
type About = ReadonlySet<string> | undefined

export interface Lists {
  /** @returns what takes it out again */
  enter(list: Moved, about: () => About): () => void
  /** A row of a resource was changed. */
  heard(resource: string, requestId: unknown, wire: Wire | undefined): void
  /** A call has ended: a mutation may have changed lists of the resource that it is about. */
  answered(outcome: Outcome, wire: Wire | undefined): void
  each(move: (list: Moved) => void): void
}

export const createLists = (echoes: Echoes): Lists => {
  const lists = new Map<Moved, () => About>()
  return {
    enter(list, about) {
      lists.set(list, about)
      return () => void lists.delete(list)
    },
    heard(resource, requestId, wire) {
      const since = echoes.heard(requestId, wire)
      for (const [list, about] of lists) if (about()?.has(resource) ?? true) list.dirty(since)
    },
    answered(outcome, wire) {
      const { event, error } = outcome
      if (error || isReading(event)) return
      const since = echoes.answered(outcome, wire)
      for (const [list, about] of lists) {
        const known = about()
        if (known === undefined || [...known].some((resource) => event.startsWith(`${resource}-`))) list.dirty(since)
      }
    },
    each: (move) => [...lists.keys()].forEach(move),
  }
}

/** What all of them are told of the connection. */
export const tellLists = (lists: Lists) => ({
  online: () => lists.each((list) => list.online()),
  offline: () => lists.each((list) => list.offline()),
  doubt: () => lists.each((list) => list.doubt()),
  forget: (error: SovraneError) => lists.each((list) => list.forget(error)),
})
