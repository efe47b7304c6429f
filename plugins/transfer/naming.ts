// What rows are called in a file: the path of their keys, where it tells them from all others, else their id.
import type { Payload } from '#sovrane'
import type { Field, Resource } from '../../core/model/resource.ts'
import { keyOf, treeOf, type By } from './columns.ts'
import { canonicalReference, createLookup, rowsById, type Door } from './lookup.ts'
import { namesOf } from './names.ts'
import { idText, nameText, pathText } from './references.ts'

/** What is remembered, of rows and their texts. */
const remembered = 20_000

export interface Naming {
  /** What each row is called; by its id. */
  textsOf(target: Resource, by: By, ids: readonly string[]): Promise<ReadonlyMap<string, string>>
}

export const createNaming = (door: Door): Naming => {
  const known = new Map<string, string>()

  /** Rows with their ancestors, as far as they may be listed. */
  const withAncestors = async (target: Resource, ids: readonly string[], parent: string | undefined): Promise<Map<string, Payload>> => {
    const rows = new Map<string, Payload>()
    for (let wanted = [...new Set(ids)]; wanted.length > 0;) {
      const found = await rowsById(door, target.name, wanted)
      found.forEach((row, id) => rows.set(id, row))
      const above = parent === undefined ? [] : [...found.values()].map((row) => row[parent])
      wanted = [...new Set(above.filter((id): id is string => typeof id === 'string' && !rows.has(id)))]
    }
    return rows
  }

  /** The labels from the root down; undefined where one of them may not be read. */
  const labelsOf = (rows: ReadonlyMap<string, Payload>, id: string, key: Field, parent: string | undefined): string[] | undefined => {
    const labels: string[] = []
    for (let at: unknown = id; typeof at === 'string';) {
      const row = rows.get(at)
      const label = row?.[key.name]
      if (!row || typeof label !== 'string' || label === '' || labels.length > 1000) return undefined
      labels.unshift(label)
      at = parent === undefined ? undefined : row[parent]
    }
    return labels
  }

  const byKey = async (target: Resource, by: By, ids: readonly string[]): Promise<Map<string, string>> => {
    const field = by.kind === 'field' ? by.field : keyOf(target)
    const tree = by.kind === 'key' ? treeOf(target)?.field : undefined
    const texts = new Map<string, string>()
    if (field) {
      const rows = await withAncestors(target, ids, tree)
      for (const id of ids) {
        const labels = labelsOf(rows, id, field, tree)
        if (labels) texts.set(id, tree === undefined ? nameText(labels[0] ?? '') : pathText(labels))
      }
    }
    // What several rows are called names none of them.
    const said = new Map([...texts].map(([id, text]) => [id, canonicalReference(target, by, text)]))
    const found = await createLookup(door).find(target, by, [...said.values()])
    return new Map(ids.map((id) => {
      const one = found.get(said.get(id) ?? '')
      return [id, one && 'id' in one && one.id === id ? texts.get(id) ?? id : by.kind === 'key' ? idText(id) : id]
    }))
  }

  /** Of rows that may be listed. */
  const externalIds = async ({ name }: Resource, ids: readonly string[]): Promise<Map<string, string>> => {
    const rows = ids.length === 0 ? new Map<string, Payload>() : await rowsById(door, name, ids)
    return rows.size === 0 ? new Map() : door.run(({ db }) => namesOf(db, name, [...rows.keys()]))
  }

  return {
    async textsOf(target, by, ids) {
      const place = (id: string): string => `${target.name} ${by.kind === 'field' ? by.field.name : by.kind} ${id}`
      const missing = [...new Set(ids)].filter((id) => !known.has(place(id)))
      const found = by.kind === 'id' ? new Map(missing.map((id) => [id, id]))
        : by.kind === 'externalId' ? await externalIds(target, missing)
          : await byKey(target, by, missing)
      const texts = new Map(ids.flatMap((id) => {
        const text = found.get(id) ?? known.get(place(id))
        return text === undefined ? [] : [[id, text] as const]
      }))
      if (known.size > remembered) known.clear()
      found.forEach((text, id) => known.set(place(id), text))
      return texts
    },
  }
}
