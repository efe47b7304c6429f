// What the person who is logged in may do: what is shown, offered and left out follows it.
import { scopesOf } from './row-scopes.ts'
import { app, me, type EffectiveKey, type Row } from './state.ts'
import type { DescribedField, DescribedRelation, DescribedResource } from '#sovrane'

/** A key may be there twice, and then reaches what either does. */
const held = (key: string): readonly EffectiveKey[] => me.value?.keys.filter((each) => each.key === key) ?? []

/** Whether they hold a key somewhere. */
export const holds = (key: string): boolean =>
  held(key).some(({ scopes, rows }) => scopes === null || scopes.length > 0 || rows.length > 0)

/** Whether an event may be asked, as far as one can tell without a row. There is none: false. */
export const mayAsk = (event: string | undefined): boolean => {
  const told = event === undefined ? undefined : app.value?.events[event]
  return told?.keys.every(holds) ?? false
}

/** The keys that an event needs and that they hold nowhere. */
export const missingFor = (event: string): readonly string[] => (app.value?.events[event]?.keys ?? []).filter((key) => !holds(key))

/** The scopes that a row names itself: what it lies in by them, only the server knows. */
const ownScopes = (resource: DescribedResource, row: Row): readonly string[] =>
  [
    resource.isScope ? row.id : undefined,
    ...resource.relations
      .filter(
        ({ kind, target, field }) =>
          kind === 'one' && field !== undefined && app.value?.resources.find(({ name }) => name === target)?.isScope,
      )
      .map(({ field = '' }) => row[field]),
  ].filter((id) => typeof id === 'string')

/** Whether they hold a key on a row: by what the server has said of it, until then by what it tells itself. */
export const holdsOn = (key: string, resource: DescribedResource, row: Row): boolean => {
  const lies = scopesOf(resource, row) ?? ownScopes(resource, row)
  const isAmong = (scopes: readonly string[]): boolean => scopes.some((id) => lies.includes(id))
  return held(key).some(({ scopes, except, rows }) =>
    rows.some((each) => each.resource === resource.name && each.id === row.id) ||
    ((scopes === null || isAmong(scopes)) && !isAmong(except)))
}

const isOwnRow = (resource: DescribedResource, row: Row): boolean => resource.name === 'user' && row.id === me.value?.user.id

/** What everyone may change of their own row. Source: docs/protocol.md §5. */
const profile: ReadonlySet<string> = new Set(['firstName', 'lastName', 'picture', 'metadata', 'locale'])

export const mayUpdate = (resource: DescribedResource, row: Row): boolean =>
  resource.events['update'] !== undefined && (isOwnRow(resource, row) || holdsOn(resource.keys['update'] ?? '', resource, row))

export const mayDelete = (resource: DescribedResource, row: Row): boolean =>
  resource.events['delete'] !== undefined && holdsOn(resource.keys['delete'] ?? '', resource, row)

const relationOf = (resource: DescribedResource, { relation }: DescribedField): DescribedRelation | undefined =>
  resource.relations.find(({ name }) => name === relation)

/** Whether a field may be given when a row is made, or, with the row, changed in it. */
export const mayWrite = (resource: DescribedResource, field: DescribedField, row?: Row): boolean => {
  if (field.readOnly || (field.fixed && row !== undefined)) return false
  const key = relationOf(resource, field)?.key
  if (!row) return key === undefined || holds(key)
  const has = holdsOn(resource.keys['update'] ?? '', resource, row)
  if (!has) return isOwnRow(resource, row) && profile.has(field.name)
  return key === undefined || holdsOn(key, resource, row)
}
