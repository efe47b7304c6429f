// From what records say to what is to be done: references found, rows recognised, payloads checked.
import { v7 as uuid } from 'uuid'
import { AppError, canonical, normaliseText, type Payload } from '#sovrane'
import type { Operations } from '../../core/call/operation.ts'
import type { LinkRelation } from '../../core/model/resource.ts'
import { contentDigest, ownNames, type Draft, type DraftLink, type Reading, type Reference } from './draft.ts'
import { findAll, identify, placeOf, type Known, type Taken } from './identify.ts'
import type { Door, Found, Lookup } from './lookup.ts'
import type { Seen } from './seen.ts'
import { reasonsOf } from './reasons.ts'

export interface Work {
  readonly draft: Draft
  readonly action: 'create' | 'update' | 'same'
  /** The row's id; of a new row only where others of its batch refer to it, or the file says it. */
  readonly id: string | undefined
  readonly payload: Payload
  /** The external id that is still to be kept. */
  readonly name: string | undefined
}

export interface Refused {
  readonly draft: Draft
  readonly reasons: readonly string[]
}

export interface Resolved {
  readonly works: readonly Work[]
  /** They refer to records of the file that are not there yet. */
  readonly waiting: readonly Draft[]
  readonly refused: readonly Refused[]
}

export interface Context {
  readonly door: Door
  readonly lookup: Lookup
  readonly operations: Operations
  readonly reading: Reading
  /** What the file has, where its records may refer to each other. */
  readonly inFile: Seen
  /**
   * What is done with references to records that are not there yet. `check`: they are good, and those of links are looked at too; `try`:
   * they are left out; `write`: they are waited for.
   */
  readonly mode: 'check' | 'try' | 'write'
}

/** The external id, or what stands for one; undefined where the file tells rows apart otherwise. */
export const nameOf = (draft: Draft, { columns }: Pick<Reading, 'columns'>, copies: Seen): string | undefined => {
  if (draft.externalId !== undefined) return draft.externalId
  if (draft.id !== undefined || draft.key) return undefined
  const digest = contentDigest(draft, columns)
  return `${digest}.${copies.count(digest)}`
}

/** Links that are fields come with the row, the others after it. */
const fieldLinks = (draft: Draft): [LinkRelation, readonly DraftLink[]][] => [...draft.links].flatMap(([{ kind, relation }, links]) =>
  (kind === 'links' && relation.kind === 'link' && relation.isField ? [[relation, links] as [LinkRelation, readonly DraftLink[]]] : []))

const referencesOf = (draft: Draft, all: boolean): Reference[] =>
  [...draft.ones.values(), ...(all ? [...draft.links].map(([, links]) => links) : fieldLinks(draft).map(([, links]) => links)).flat()]

const linkItem = ({ payload, columns }: LinkRelation, id: string, { values }: DraftLink): unknown => {
  const isPlain = columns.every(({ name, initial }) => (values[name] ?? initial) === initial) &&
    Object.keys(values).every((name) => columns.some((column) => column.name === name))
  return isPlain ? id : { [payload]: id, ...values }
}

/** What stands for a row that is not there yet, so that the rest can be checked. */
const placeholder = 'not-there-yet'

type Looked = Found | 'waits' | 'left out'
type Pointing = { readonly values: Record<string, unknown> } | { readonly waits: true } | { readonly faults: readonly string[] }

/** The payload's fields, once all that it refers to is there. */
const pointed = (draft: Draft, there: (reference: Reference) => Looked): Pointing => {
  const [faults, values]: [string[], Record<string, unknown>] = [[], { ...draft.values }]
  let waits = false
  const idOf = (reference: Reference): string | undefined => {
    const one = there(reference)
    if (one === 'left out') return undefined
    if (one === 'waits') waits = true
    else if ('fault' in one) faults.push(`${reference.column}: ${one.fault}`)
    else return one.id
    return undefined
  }
  for (const [field, reference] of draft.ones) values[field] = idOf(reference) ?? null
  for (const [relation, links] of fieldLinks(draft)) {
    values[relation.name] = links.flatMap((link) => {
      const id = idOf(link)
      return id === undefined ? [] : [linkItem(relation, id, link)]
    })
  }
  if (faults.length > 0) return { faults }
  return waits ? { waits } : { values }
}

const setText = (value: unknown): string => (Array.isArray(value) ? canonical(value.map((item) => canonical(item ?? null)).toSorted()) : '')

/** Whether a row has a value already. */
const isSame = ({ resource }: Reading, name: string, before: unknown, value: unknown): boolean => {
  const field = resource.fields.get(name)
  if (field?.source === 'link') return setText(before) === setText(value)
  if (field?.date && typeof before === 'string' && typeof value === 'string') return Date.parse(before) === Date.parse(value)
  const text = typeof value === 'string' ? normaliseText(field?.schema, value) : value
  return canonical(before ?? null) === canonical(text ?? null)
}

/** What is never read back, such as a password, is given to new rows alone. */
const changesOf = (reading: Reading, before: Payload, values: Payload): Payload =>
  Object.fromEntries(Object.entries(values).filter(([name, value]) =>
    reading.resource.fields.get(name)?.source !== 'none' && !isSame(reading, name, before[name], value)))

const fixedFaults = ({ resource, columns }: Reading, changes: Payload): string[] => [...columns.values()].flatMap((column) => {
  const name = column.kind === 'one' ? column.relation.field : column.name
  return name in changes && resource.fields.get(name)?.fixed ? [`${column.name}: never changes once the row is there`] : []
})

const checked = ({ operations, reading }: Context, action: 'create' | 'update', payload: Payload): readonly string[] => {
  const operation = operations.get(`${reading.resource.name}-${action}`)
  if (!operation) return [`rows of ${reading.resource.name} cannot be ${action === 'create' ? 'created' : 'updated'}`]
  try {
    operation.steps.parse(payload)
    return []
  } catch (error) {
    if (error instanceof AppError) return reasonsOf(error, reading)
    throw error
  }
}

const workOf = (context: Context, draft: Draft, { known, name, values }: {
  readonly known: Known | Taken | undefined; readonly name: string | undefined; readonly values: Record<string, unknown>
}): Work | Refused => {
  const { reading } = context
  if (known === 'taken') return { draft, reasons: ['externalId: is that of a row that the importer may not list'] }
  const kept = known?.named === true ? undefined : name
  const differs = known && draft.id !== undefined && draft.id !== known.id
  if (differs) return { draft, reasons: [`id: the row is there with the id "${known.id}"; leave the column out with --without id`] }
  if (!known) {
    const refersToOthers = reading.resource.ones.some(({ target }) => target === reading.resource)
    const id = draft.id ?? (refersToOthers ? uuid() : undefined)
    const payload = { ...(id === undefined ? {} : { id }), ...values }
    const reasons = checked(context, 'create', payload)
    return reasons.length > 0 ? { draft, reasons } : { draft, action: 'create', id, payload, name: kept }
  }
  const changes = changesOf(reading, known.row, values)
  const reasons = fixedFaults(reading, changes)
  if (reasons.length > 0) return { draft, reasons }
  const { id } = known
  if (Object.keys(changes).length === 0) return { draft, action: 'same', id, payload: {}, name: kept }
  const faults = checked(context, 'update', { id, ...changes })
  return faults.length > 0 ? { draft, reasons: faults } : { draft, action: 'update', id, payload: { id, ...changes }, name: kept }
}

/** Records whose links, which come after the rows, name what is not there. */
const unlinked = (works: readonly Work[], look: (reference: Reference) => Looked): Refused[] => works.flatMap(({ draft }) => {
  const reasons = referencesOf(draft, true).flatMap((reference) => {
    const one = look(reference)
    return typeof one === 'object' && 'fault' in one ? [`${reference.column}: ${one.fault}`] : []
  })
  return reasons.length > 0 ? [{ draft, reasons }] : []
})

/** Finds out what is to be done for each of some records, in an order in which it can be done. */
export const resolve = async (
  context: Context, all: readonly Draft[], names: ReadonlyMap<Draft, string | undefined>,
): Promise<Resolved> => {
  const { lookup, reading: { resource }, inFile, mode } = context
  const refused: Refused[] = all.filter(({ faults }) => faults.length > 0).map((draft) => ({ draft, reasons: draft.faults }))
  const drafts = all.filter(({ faults }) => faults.length === 0)
  const there = await findAll(lookup, drafts.flatMap((draft) => referencesOf(draft, mode === 'check')))
  const known = await identify(context, drafts, names)
  const works: Work[] = []
  /** The ids that rows of this batch will have. */
  const coming = new Map<string, string>()
  const look = (reference: Reference): Looked => {
    const one = there.get(placeOf(reference)) ?? { fault: 'is not known' }
    if ('id' in one || reference.target !== resource) return one
    const id = coming.get(reference.canonical)
    if (id !== undefined) return { id }
    if (inFile.get(reference.canonical) === undefined) return one
    return mode === 'check' ? { id: placeholder } : mode === 'try' ? 'left out' : 'waits'
  }
  let waiting: readonly Draft[] = drafts
  for (let before = -1; before !== waiting.length && waiting.length > 0;) {
    before = waiting.length
    waiting = waiting.filter((draft) => {
      const pointing = pointed(draft, look)
      if ('waits' in pointing) return true
      const { values } = 'values' in pointing ? pointing : { values: undefined }
      const work = values ? workOf(context, draft, { known: known(draft), name: names.get(draft), values })
        : { draft, reasons: 'faults' in pointing ? pointing.faults : [] }
      if ('reasons' in work) refused.push(work)
      else {
        works.push(work)
        if (work.action === 'create' && work.id !== undefined) for (const own of ownNames(draft, resource)) coming.set(own, work.id)
      }
      return false
    })
  }
  if (mode === 'check') refused.push(...unlinked(works, look))
  const isRefused = new Set(refused.map(({ draft }) => draft))
  return { works: works.filter(({ draft }) => !isRefused.has(draft)), waiting, refused }
}
