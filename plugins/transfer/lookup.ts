// Finds the ids of rows by what people call them, many at once, through the lists that the importer may read; and the other way round.
import { AppError, normaliseText, type Payload } from '#sovrane'
import type { Field, Resource } from '../../core/model/resource.ts'
import type { Server } from '../../core/boot/server.ts'
import { keyOf, treeOf, type By } from './columns.ts'
import { namesOf, rowsNamed } from './names.ts'
import { idIn, nameIn, pathIn } from './references.ts'

/** Whose eyes look: what they may not list is not there. */
export interface Door {
  readonly act: Server['act']
  readonly run: Server['run']
  readonly actorId: string | undefined
}

export type Found = { readonly id: string } | { readonly fault: string }

/** Values that one filter may hold, and rows of a page. */
const most = 100
/** What is remembered, of names that were found. */
const remembered = 50_000

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))

/** All rows that match, page by page. */
export async function* listed({ act, actorId }: Door, resource: string, request: Payload): AsyncGenerator<Payload> {
  for (let after: unknown; ;) {
    const page = await act(`${resource}-list-request`, { ...request, limit: most, ...(after === undefined ? {} : { after }) }, { actorId })
    for (const row of page['items'] as readonly Payload[]) yield row
    after = page['next']
    if (after === undefined) return
  }
}

/** The rows with these ids, as far as they may be listed. */
export const rowsById = async (door: Door, resource: string, ids: readonly string[]): Promise<Map<string, Payload>> => {
  const found = new Map<string, Payload>()
  for (const part of chunks([...new Set(ids)], most))
    for await (const row of listed(door, resource, { filter: { id: { in: part } } })) found.set(String(row['id']), row)
  return found
}

const valueOf = (row: Payload, { name }: Field): string => String(row[name])

/** Ids by the values of a field; several for a value that several rows have. */
const idsByField = async (door: Door, { name }: Resource, field: Field, values: readonly string[]): Promise<Map<string, string[]>> => {
  const found = new Map<string, string[]>()
  for (const part of chunks([...new Set(values)], most)) {
    for await (const row of listed(door, name, { filter: { [field.name]: { in: part } } })) {
      const value = valueOf(row, field)
      found.set(value, [...(found.get(value) ?? []), String(row['id'])])
    }
  }
  return found
}

const only = (ids: readonly string[] | undefined, what: string): Found => {
  const [first, second] = ids ?? []
  if (first === undefined) return { fault: `there is no ${what}` }
  return second === undefined ? { id: first } : { fault: `there are ${ids?.length ?? 2} ${what}: say which by its id, as id:${first}` }
}

const quoted = (text: string): string => `"${text.length > 80 ? `${text.slice(0, 80)}…` : text}"`

/** A step down a tree: the children of some rows by their labels. */
const childrenOf = async (
  door: Door, target: Resource, { key, parent }: { readonly key: Field; readonly parent: string },
  steps: readonly { readonly above: string | null; readonly label: string }[],
): Promise<Map<string, string[]>> => {
  const found = new Map<string, string[]>()
  const isFilterable = target.list.filter.has(parent)
  for (const part of chunks(steps, most)) {
    const roots = part.filter(({ above }) => above === null)
    const others = part.filter(({ above }) => above !== null)
    for (const group of [roots, others]) {
      if (group.length === 0) continue
      const above = group === roots ? { isNull: true } : { in: [...new Set(group.map((step) => step.above))] }
      const filter = { [key.name]: { in: [...new Set(group.map(({ label }) => label))] }, ...(isFilterable ? { [parent]: above } : {}) }
      for await (const row of listed(door, target.name, { filter })) {
        const step = JSON.stringify([row[parent] ?? null, valueOf(row, key)])
        found.set(step, [...(found.get(step) ?? []), String(row['id'])])
      }
    }
  }
  return found
}

/** Ids by paths, all paths one step after the other. */
const idsByPath = async (
  door: Door, target: Resource, key: Field, paths: ReadonlyMap<string, readonly string[]>,
): Promise<Map<string, Found>> => {
  const parent = treeOf(target)?.field ?? ''
  const found = new Map<string, Found>()
  let going = [...paths].map(([text, labels]) => ({ text, labels, above: null as string | null }))
  for (let depth = 0; going.length > 0; depth += 1) {
    const steps = going.map(({ labels, above }) => ({ above, label: labels[depth] ?? '' }))
    const distinct = [...new Map(steps.map((step) => [JSON.stringify(step), step])).values()]
    const next = await childrenOf(door, target, { key, parent }, distinct)
    going = going.flatMap(({ text, labels, above }) => {
      const ids = next.get(JSON.stringify([above, labels[depth] ?? '']))
      const here = only(ids, `${target.name} ${quoted(labels.slice(0, depth + 1).join('/'))}`)
      if ('fault' in here || depth === labels.length - 1) {
        found.set(text, here)
        return []
      }
      return [{ text, labels, above: here.id }]
    })
  }
  return found
}

/** The one form of what a reference says, by which references are compared. */
export const canonicalReference = (target: Resource, by: By, text: string): string => {
  const id = by.kind === 'key' ? idIn(text) : undefined
  if (id !== undefined) return `id ${id}`
  if (by.kind === 'id' || by.kind === 'externalId') return `${by.kind} ${text}`
  const field = by.kind === 'field' ? by.field : keyOf(target)
  const labels = by.kind === 'key' && treeOf(target) ? pathIn(text) : [nameIn(text)]
  return `${field?.name ?? ''} ${JSON.stringify(labels.map((label) => normaliseText(field?.schema, label)))}`
}

const labelsIn = (canonical: string): string[] => JSON.parse(canonical.slice(canonical.indexOf(' ') + 1)) as string[]

export const createLookup = (door: Door) => {
  const known = new Map<string, string>()
  const keep = (place: string, id: string): void => {
    if (known.size >= remembered) known.clear()
    known.set(place, id)
  }

  const byId = async (target: Resource, ids: readonly string[]): Promise<Map<string, Found>> => {
    try {
      const rows = await rowsById(door, target.name, ids)
      return new Map(ids.map((id) => [id, rows.has(id) ? { id } : { fault: `there is no ${target.name} with the id ${quoted(id)}` }]))
    } catch (error) {
      // Who may not list may still name: the operation decides.
      if (error instanceof AppError && error.code === 'forbidden') return new Map(ids.map((id) => [id, { id }]))
      throw error
    }
  }

  const listable = async ({ name }: Resource, ids: readonly string[]): Promise<ReadonlyMap<string, Payload>> => {
    try {
      return await rowsById(door, name, ids)
    } catch (error) {
      if (error instanceof AppError && error.code === 'forbidden') return new Map()
      throw error
    }
  }

  const byName = async (target: Resource, names: readonly string[]): Promise<Map<string, Found>> => {
    const rows = await door.run(({ db }) => rowsNamed(db, target.name, names))
    const missing = (name: string): Found => ({ fault: `there is no ${target.name} with the external id ${quoted(name)}` })
    // Unlike an id, an external id tells nothing to those who may not list: whether there is such a row is not theirs to find out.
    const there = await listable(target, [...rows.values()])
    return new Map(names.map((name) => {
      const id = rows.get(name)
      return [name, id !== undefined && there.has(id) ? { id } : missing(name)]
    }))
  }

  const asked = async (target: Resource, by: By, canonical: readonly string[]): Promise<Map<string, Found>> => {
    const rest = (text: string): string => text.slice(text.indexOf(' ') + 1)
    const ids = canonical.filter((text) => text.startsWith('id '))
    const found = new Map<string, Found>()
    const put = (all: ReadonlyMap<string, Found>, kind: string): void => all.forEach((each, text) => found.set(`${kind} ${text}`, each))
    if (ids.length > 0) put(await byId(target, ids.map(rest)), 'id')
    const others = canonical.filter((text) => !text.startsWith('id '))
    if (others.length === 0) return found
    if (by.kind === 'externalId') put(await byName(target, others.map(rest)), 'externalId')
    const field = by.kind === 'field' ? by.field : keyOf(target)
    if (!field || by.kind === 'id' || by.kind === 'externalId') return found
    if (by.kind === 'key' && treeOf(target)) {
      const paths = await idsByPath(door, target, field, new Map(others.map((text) => [text, labelsIn(text)])))
      paths.forEach((each, text) => found.set(text, each))
      return found
    }
    const rows = await idsByField(door, target, field, others.map((text) => labelsIn(text)[0] ?? ''))
    for (const text of others) {
      const [label = ''] = labelsIn(text)
      found.set(text, only(rows.get(label), `${target.name} ${quoted(label)}`))
    }
    return found
  }

  return {
    /** What each reference names, by its canonical form. Found ones are remembered. */
    async find(target: Resource, by: By, canonical: readonly string[]): Promise<Map<string, Found>> {
      const place = (text: string): string => `${target.name} ${text}`
      const found = new Map<string, Found>()
      const missing: string[] = []
      for (const text of new Set(canonical)) {
        const id = known.get(place(text))
        if (id === undefined) missing.push(text)
        else found.set(text, { id })
      }
      const rows = missing.length === 0 ? new Map<string, Found>() : await asked(target, by, missing)
      for (const [text, each] of rows) {
        if ('id' in each) keep(place(text), each.id)
        found.set(text, each)
      }
      return found
    },
    /** External ids of rows. */
    namesOf: (resource: Resource, ids: readonly string[]) => door.run(({ db }) => namesOf(db, resource.name, ids)),
  }
}

export type Lookup = ReturnType<typeof createLookup>
