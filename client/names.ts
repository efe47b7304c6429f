// The one rule that leads from the client's names to events, and the words that are the client's own.

/** `changePassword` → `change-password`. */
const kebabCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/**
 * The event that `client.<first>.<second>…` sends: its words with dashes, where a capital is a dash too. `list` as the last word is a list:
 * of a resource `<resource>-list-request`, of what belongs to something `<resource>-<relation>-request`.
 *
 * - `client.department.get` → `department-get`
 * - `client.department.list` → `department-list-request`
 * - `client.department.children.list` → `department-children-request`
 * - `client.department.manager.set` → `department-manager-set`
 * - `client.group.addUser` → `group-add-user`
 * - `client.auth.changePassword` → `auth-change-password`
 * - `client.auth.sessions.list` → `auth-sessions-request`
 */
export const eventOf = (path: readonly string[]): string => {
  const words = path.map(kebabCase)
  if (words.at(-1) !== 'list') return words.join('-')
  return [...(words.length > 2 ? words.slice(0, -1) : words), 'request'].join('-')
}

/** Whether an event only asks, as far as its name says so: a list or a getter. */
export const isReading = (event: string): boolean => /-(?:request|get)$/.test(event)

/** The word of a resource in events. */
export const resourceOf = (path: readonly string[]): string => kebabCase(path[0] ?? '')
