// Which rows records are about: by their external ids, their ids, or their keys.
import type { Payload } from '#sovrane'
import type { Draft, Reading, Reference } from './draft.ts'
import { rowsById, type Door, type Found, type Lookup } from './lookup.ts'
import { rowsNamed, stillThere } from './names.ts'

const kindOf = ({ target, by }: Reference): string => `${target.name} ${by.kind === 'field' ? by.field.name : by.kind}`

/** What a reference names, as a key of what was found. */
export const placeOf = (reference: Reference): string => `${kindOf(reference)} ${reference.canonical}`

/** What each reference names; by `placeOf`. */
export const findAll = async (lookup: Lookup, references: readonly Reference[]): Promise<Map<string, Found>> => {
  const groups = new Map<string, Reference[]>()
  for (const reference of references) {
    const place = kindOf(reference)
    const group = groups.get(place)
    if (group) group.push(reference)
    else groups.set(place, [reference])
  }
  const result = new Map<string, Found>()
  for (const [place, group] of groups) {
    const [first] = group
    if (!first) continue
    const each = await lookup.find(first.target, first.by, group.map(({ canonical: said }) => said))
    each.forEach((one, said) => result.set(`${place} ${said}`, one))
  }
  return result
}

export interface Known {
  readonly id: string
  readonly row: Payload
  /** Whether its external id is kept already. */
  readonly named: boolean
}

/** Its external id is that of a row which the importer may not list: it neither becomes another row's, nor is it found. */
export type Taken = 'taken'

/** The rows that records are about, as far as they are there. */
export const identify = async (
  { door, lookup, reading: { resource } }: { readonly door: Door; readonly lookup: Lookup; readonly reading: Reading },
  drafts: readonly Draft[], names: ReadonlyMap<Draft, string | undefined>,
): Promise<(draft: Draft) => Known | Taken | undefined> => {
  const given = [...names.values()].filter((name) => name !== undefined)
  const ids = given.length === 0 ? new Map<string, string>() : await door.run(({ db }) => rowsNamed(db, resource.name, given))
  const keys = await findAll(lookup, drafts.flatMap(({ key }) => key ?? []))
  const byKey = ({ key }: Draft): string | undefined => {
    const one = key && keys.get(placeOf(key))
    return one && 'id' in one ? one.id : undefined
  }
  const named = (draft: Draft): string | undefined => ids.get(names.get(draft) ?? '')
  const wanted = drafts.flatMap((draft) => [named(draft), draft.id, byKey(draft)]).filter((id) => id !== undefined)
  const rows = wanted.length === 0 ? new Map<string, Payload>() : await rowsById(door, resource.name, wanted)
  const hidden = [...ids.values()].filter((id) => !rows.has(id))
  const taken = hidden.length === 0 ? new Set<string>() : await door.run(({ db }) => stillThere(db, resource.table, hidden))
  return (draft: Draft): Known | Taken | undefined => {
    const first = named(draft)
    if (first !== undefined && taken.has(first)) return 'taken'
    for (const id of [first, draft.id, byKey(draft)]) {
      const row = id === undefined ? undefined : rows.get(id)
      if (id !== undefined && row) return { id, row, named: id === first }
    }
    return undefined
  }
}

