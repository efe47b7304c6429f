// The internal topics of the feed: what caches are told, and no client hears. A `~` begins each.

/** A change to an actor's rights or sessions that does not change the actor's row; its id is the actor's. */
export const rightsTopic = '~rights'

/** Rows that were removed or changed unheard, such as by TRUNCATE: nothing that was read before holds. */
export const resetTopic = '~reset'

/** A change to what is kept of a row outside of its table, such as when its user last logged in; its id is the row's. */
export const rowTopic = (resource: string): `~${string}` => `~${resource}`

export const isTopic = (resource: string): boolean => resource.startsWith('~')

/** Whose row an entry of the feed is about, whether it is told to clients or to caches alone. */
export const resourceOfTopic = (resource: string): string => (isTopic(resource) ? resource.slice(1) : resource)
