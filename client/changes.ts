// What is told of changes, and who listens to it.
import { tell } from './observable.ts'

/** A change of a row, as it is told. Source: docs/protocol.md §6. */
export interface Change {
  readonly resource: string
  readonly id: string
  readonly action: 'create' | 'update' | 'delete'
  /** The row's version after it. */
  readonly version: number
  readonly pos: number
  /** Of the request that caused it. */
  readonly requestId?: string
}

export interface Changes {
  /** The change that an event of the server tells of, if it tells of one. */
  read(event: string, payload: Readonly<Record<string, unknown>>): Change | undefined
  /** Tells those who listen. */
  tell(change: Change): void
  /** @param resource undefined: of any. @returns what ends it */
  listen(resource: string | undefined, listener: (change: Change) => void): () => void
}

const suffix = '-changed'

export const createChanges = (): Changes => {
  const listeners = new Map<string | undefined, Set<(change: Change) => void>>()
  return {
    read(event, payload) {
      const { id, action, version, pos, requestId } = payload
      if (!event.endsWith(suffix) || typeof id !== 'string' || typeof pos !== 'number') return undefined
      return {
        resource: event.slice(0, -suffix.length), id, action: action as Change['action'], version: Number(version), pos,
        ...(typeof requestId === 'string' ? { requestId } : {}),
      }
    },
    tell(change) {
      for (const who of [change.resource, undefined]) tell(listeners.get(who) ?? [], change)
    },
    listen(resource, listener) {
      const own = (change: Change): void => listener(change)
      const all = listeners.get(resource) ?? new Set()
      listeners.set(resource, all.add(own))
      return () => void all.delete(own)
    },
  }
}
