// An import: a file is read once to know it, once to check it, and then its rows are written, batch by batch. Killed at any moment, it goes
// on where it was when it is run again.
import { setImmediate as breathe } from 'node:timers/promises'
import type { Server } from '../../core/boot/server.ts'
import type { Resource } from '../../core/model/resource.ts'
import type { Column } from './columns.ts'
import { draftOf, type Draft, type Reading } from './draft.ts'
import type { FileReader, Format } from './formats/format.ts'
import { isAfter, writeLinks } from './links.ts'
import { createLookup, type Door } from './lookup.ts'
import { nameOf, resolve, type Context, type Refused, type Resolved } from './resolve.ts'
import { scan, type Scanned } from './scan.ts'
import { createSeen } from './seen.ts'
import { identify } from './identify.ts'
import { write } from './write.ts'

/** Rows of a transaction; the most that one request may hold. */
const batchSize = 500

export interface ImportRequest {
  readonly resource: Resource
  readonly format: Format
  readonly reader: FileReader
  readonly columns: ReadonlyMap<string, Column>
  readonly key: Reading['key']
  readonly actorId: string | undefined
  readonly isDryRun: boolean
  /** Good records are written although others are refused. */
  readonly skipsRefused: boolean
}

/** What is told on the way. */
export interface Watcher {
  progress(what: 'Checking' | 'Importing' | 'Linking', done: number, total: number): void
  refused(record: Draft['record'], reasons: readonly string[]): void
  /** Asks to stop after what is under way. */
  isStopped(): boolean
}

export interface Imported {
  readonly records: number
  readonly created: number
  readonly updated: number
  readonly unchanged: number
  readonly refused: number
  /** `refused`: something is wrong with the file, and nothing was written. */
  readonly end: 'done' | 'refused' | 'stopped'
}

/** Marks for so many records. */
const createMarks = (count: number) => {
  const bits = new Uint8Array(Math.ceil(count / 8))
  return {
    has: (n: number): boolean => ((bits[n >> 3] ?? 0) & (1 << (n & 7))) !== 0,
    add: (n: number): void => void (bits[n >> 3] = (bits[n >> 3] ?? 0) | (1 << (n & 7))),
  }
}

interface Batch {
  readonly drafts: readonly Draft[]
  readonly names: ReadonlyMap<Draft, string | undefined>
}

/** The records that are not passed over, some at a time. */
async function* batches(reader: FileReader, reading: Reading, scanned: Scanned, isPassed: (n: number) => boolean): AsyncGenerator<Batch> {
  const copies = createSeen()
  let drafts: Draft[] = []
  let names = new Map<Draft, string | undefined>()
  let n = 0
  for await (const record of reader.records()) {
    const draft = draftOf(record, n, reading)
    draft.faults.push(...scanned.faultsOf(draft))
    // Each record counts for the number of its copies, passed over or not.
    const name = draft.faults.length > 0 ? undefined : nameOf(draft, reading, copies)
    if (!isPassed(n)) {
      drafts.push(draft)
      names.set(draft, name)
    }
    n += 1
    if (drafts.length < batchSize) continue
    yield { drafts, names }
    drafts = []
    names = new Map<Draft, string | undefined>()
    // The embedded database works within this thread: signals and timers would never get their turn.
    await breathe()
  }
  if (drafts.length > 0) yield { drafts, names }
}

/** Imports the records of a file. @throws AppError when the importer may not even look; FileFault when the file breaks off */
export const importFile = async (
  { act, run, assembly: { operations } }: Server, request: ImportRequest, watcher: Watcher,
): Promise<Imported> => {
  const { resource, reader, format, columns, key, actorId, isDryRun, skipsRefused } = request
  const reading: Reading = { resource, columns, key, isText: format.cells === 'text' }
  const door: Door = { act, run, actorId }
  const scanned = await scan(reader, reading)
  const total = scanned.records
  const [settled, bad] = [createMarks(total), createMarks(total)]
  const counts = { created: 0, updated: 0, unchanged: 0, refused: 0 }
  const context = (mode: Context['mode']): Context =>
    ({ door, lookup: createLookup(door), operations, reading, inFile: scanned.inFile, mode })
  const refuse = (refused: readonly Refused[]): void => {
    for (const { draft, reasons } of refused.toSorted((one, other) => one.draft.n - other.draft.n)) {
      watcher.refused(draft.record, reasons)
      counts.refused += 1
      settled.add(draft.n)
      bad.add(draft.n)
    }
  }
  const ended = (end: Imported['end']): Imported => ({ records: total, ...counts, end })

  const checking = context('check')
  let looked = 0
  for await (const { drafts, names } of batches(reader, reading, scanned, settled.has)) {
    if (watcher.isStopped()) return ended('stopped')
    refuse((await resolve(checking, drafts, names)).refused)
    looked += drafts.length
    watcher.progress('Checking', looked, total)
  }
  if (counts.refused > 0 && !skipsRefused) return ended('refused')

  const writing = context(isDryRun ? 'try' : 'write')
  const perform = async ({ works, refused, waiting }: Resolved): Promise<number> => {
    refuse(refused)
    const written = await write(writing, works)
    for (const { draft, action } of written.done) {
      settled.add(draft.n)
      counts[action === 'create' ? 'created' : action === 'update' ? 'updated' : 'unchanged'] += 1
    }
    refuse(written.refused)
    return waiting.length + written.waiting.length
  }
  const settledCount = (): number => counts.created + counts.updated + counts.unchanged + counts.refused
  for (let waiting = 1, before = -1; waiting > 0 && before !== settledCount();) {
    before = settledCount()
    waiting = 0
    for await (const { drafts, names } of batches(reader, reading, scanned, settled.has)) {
      if (watcher.isStopped()) return ended('stopped')
      waiting += await perform(await resolve(writing, drafts, names))
      watcher.progress('Importing', settledCount(), total)
    }
  }
  for await (const { drafts } of batches(reader, reading, scanned, settled.has))
    refuse(drafts.map((draft) => ({ draft, reasons: ['refers to a record of this file that was not imported'] })))

  if (isDryRun || ![...columns.values()].some((column) => (column.kind === 'links' || column.kind === 'joins') && isAfter(column)))
    return ended('done')
  let linked = 0
  for await (const { drafts, names } of batches(reader, reading, scanned, bad.has)) {
    const ids = await identify(writing, drafts, names)
    for (const draft of drafts) {
      if (watcher.isStopped()) return ended('stopped')
      const known = ids(draft)
      const reasons = known === undefined || known === 'taken' ? [] : await writeLinks(writing, draft, known.id)
      if (reasons.length > 0) refuse([{ draft, reasons }])
      linked += 1
      watcher.progress('Linking', linked, total)
    }
  }
  return ended('done')
}
