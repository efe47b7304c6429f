// The first look at a file: how many records there are, what each is called, and which of them cannot stand beside one another.
import { draftOf, ownNames, uniqueNames, type Draft, type Reading } from './draft.ts'
import type { FileReader } from './formats/format.ts'
import { createSeen, type Seen } from './seen.ts'

export interface Scanned {
  readonly records: number
  /** The names by which records may refer to others, with the numbers of these. Empty where they cannot. */
  readonly inFile: Seen
  /** What is wrong with a record because of the others. */
  faultsOf(draft: Draft): string[]
}

/** The reference that makes a tree of the records. */
const parentOf = ({ ones }: Draft, { resource }: Reading): string | undefined => {
  const tree = resource.ones.find(({ acyclic, target }) => acyclic && target === resource)
  return tree && ones.get(tree.field)?.canonical
}

/** Numbers that lie on a cycle; `next` leads from each to its parent, to 0 where there is none. Numbers are one more than records'. */
const onCycles = (next: Uint32Array): Set<number> => {
  // 0: not seen, else the walk that came here first.
  const seen = new Uint32Array(next.length)
  const found = new Set<number>()
  for (let start = 1; start < next.length; start += 1) {
    let at = start
    while (at !== 0 && seen[at] === 0) {
      seen[at] = start
      at = next[at] ?? 0
    }
    if (at === 0 || seen[at] !== start) continue
    for (let each = at; !found.has(each); each = next[each] ?? 0) found.add(each)
  }
  return found
}

/** The records that are their own ancestors. */
const cyclesIn = async (reader: FileReader, reading: Reading, inFile: Seen, records: number): Promise<Set<number>> => {
  const next = new Uint32Array(records + 1)
  let n = 0
  for await (const record of reader.records()) {
    const parent = parentOf(draftOf(record, n, reading), reading)
    const above = parent === undefined ? undefined : inFile.get(parent)
    n += 1
    if (above !== undefined) next[n] = above + 1
  }
  return onCycles(next)
}

/** @throws FileFault when the file breaks off */
export const scan = async (reader: FileReader, reading: Reading): Promise<Scanned> => {
  const { resource, columns } = reading
  const refers = [...columns.values()].some((column) =>
    (column.kind === 'one' || column.kind === 'links') && column.relation.target === resource)
  const [inFile, unique] = [createSeen(), createSeen()]
  let records = 0
  for await (const record of reader.records()) {
    const draft = draftOf(record, records, reading)
    if (draft.faults.length === 0) {
      for (const [name] of uniqueNames(draft)) unique.add(name, record.line)
      if (refers) for (const name of ownNames(draft, resource)) inFile.add(name, records)
    }
    records += 1
  }
  const cycles = refers ? await cyclesIn(reader, reading, inFile, records) : new Set<number>()
  return {
    records,
    inFile,
    faultsOf(draft) {
      const faults = uniqueNames(draft).flatMap(([name, told]) => {
        const first = unique.get(name)
        return first === undefined || first === draft.record.line ? [] : [`${told} is in line ${first} already`]
      })
      return cycles.has(draft.n + 1) ? [...faults, 'is its own ancestor by what the file says'] : faults
    },
  }
}
