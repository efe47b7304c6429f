// The rules by which events, tables and columns get their names.

/** `firstName` → `first_name`. */
export const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** `annexOf` → `annex-of`: how a relation is called in events. */
export const kebabCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/**
 * The event that answers an event. Source: docs/protocol.md §2.
 * Relation getters drop `-get`; `relationGetters` are the events that are such.
 */
export const responseEvent = (event: string, relationGetters: ReadonlySet<string>): string => {
  if (event === 'ping') return 'pong'
  if (event.endsWith('-request')) return `${event.slice(0, -'-request'.length)}-response`
  if (relationGetters.has(event)) return `${event.slice(0, -'-get'.length)}-response`
  return `${event}-response`
}

/** `auth-request-reset` and the like end in no `-request` and so keep their whole name. */
export const isEventName = (name: string): boolean => /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name) && name.length <= 64
