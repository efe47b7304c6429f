// What is to be done, done: many rows at once by the operations, and by ever fewer where one of them is refused, so that it is named.
import { AppError, type Call, type Payload } from '#sovrane'
import type { Draft } from './draft.ts'
import { keepNames } from './names.ts'
import { placesIn, reasonsOf } from './reasons.ts'
import type { Context, Refused, Work } from './resolve.ts'

/** Refusals of one batch after which its rows are tried one by one. */
const patience = 5

/** Undoes a transaction that was only a trial. */
class Undone extends Error {}

export interface Written {
  readonly done: readonly Work[]
  readonly refused: readonly Refused[]
  /** They refer to one that was refused. */
  readonly waiting: readonly Draft[]
}

/** Errors of the moment: nothing is wrong with the row. */
const passing = new Set(['unavailable', 'rate_limited', 'unauthenticated', 'internal'])

/** @throws whatever says nothing of the row */
const refusalOf = (error: unknown): AppError => {
  if (error instanceof AppError && !passing.has(error.code)) return error
  throw error
}

const namedPairs = (works: readonly Work[], ids: readonly string[]): (readonly [string, string])[] =>
  works.flatMap(({ name }, at) => (name === undefined ? [] : [[name, ids[at] ?? ''] as const]))

const idsIn = ({ items, id }: Payload, works: readonly Work[]): string[] =>
  (Array.isArray(items) ? items.map((item: Payload) => String(item['id'])) : works.map((work) => work.id ?? String(id)))

/** Runs an operation for some rows, and keeps their external ids with it. */
const perform = async (
  { door: { act, actorId }, reading: { resource }, mode }: Context, event: string, works: readonly Work[], payload: Payload,
): Promise<void> => {
  const within = async ({ db }: Call, output: Payload): Promise<void> => {
    if (mode === 'try') throw new Undone()
    await keepNames(db, resource.name, namedPairs(works, idsIn(output, works)))
  }
  try {
    await act(event, payload, { actorId, within })
  } catch (error) {
    if (!(error instanceof Undone)) throw error
  }
}

const oneByOne = async (context: Context, event: string, works: readonly Work[]): Promise<Written> => {
  const [done, refused]: [Work[], Refused[]] = [[], []]
  for (const work of works) {
    try {
      await perform(context, event, [work], work.payload)
      done.push(work)
    } catch (error) {
      refused.push({ draft: work.draft, reasons: reasonsOf(refusalOf(error), context.reading) })
    }
  }
  return { done, refused, waiting: [] }
}

/** Whether a row refers to one of these. */
const refersTo = ({ payload }: Work, ids: ReadonlySet<string>, context: Context): boolean =>
  context.reading.resource.ones.some(({ field }) => ids.has(String(payload[field])))

/** All rows of one event: together, then without those that are refused, at last one by one. */
const together = async (context: Context, event: string, works: readonly Work[]): Promise<Written> => {
  const refused: Refused[] = []
  const waiting: Draft[] = []
  let left = works
  for (let tries = 0; left.length > 1 && tries < patience; tries += 1) {
    try {
      await perform(context, `${event}-many`, left, { items: left.map(({ payload }) => payload) })
      return { done: left, refused, waiting }
    } catch (error) {
      const refusal = refusalOf(error)
      const places = placesIn(refusal)
      if (places.size === 0) break
      const gone = new Set<string>()
      for (const [place, faults] of places) {
        const work = left[place]
        if (!work) continue
        const told = faults.length > 0 ? new AppError(refusal.code, { details: faults as [] }) : refusal
        refused.push({ draft: work.draft, reasons: reasonsOf(told, context.reading) })
        if (work.id !== undefined) gone.add(work.id)
      }
      const rest = left.filter((_work, at) => !places.has(at))
      waiting.push(...rest.filter((work) => refersTo(work, gone, context)).map(({ draft }) => draft))
      left = rest.filter((work) => !refersTo(work, gone, context))
    }
  }
  const single = await oneByOne(context, event, left)
  return { done: single.done, refused: [...refused, ...single.refused], waiting }
}

/** Rows of which is asked at once what the importer may do with each. */
const most = 100

/**
 * Of rows that are as the file has them, those whose external id the importer may keep: who may change the row may. What a name stands
 * for is what later files change by it.
 */
const adoptable = async (
  { door: { act, actorId }, reading: { resource } }: Context, works: readonly Work[],
): Promise<ReadonlySet<Work>> => {
  if (actorId === undefined) return new Set(works)
  const mayChange = async (some: readonly Work[]): Promise<boolean> => {
    const ids = [...new Set(some.map(({ id }) => id ?? ''))]
    const { events } = await act('rights-on', { resource: resource.name, ids }, { actorId })
    return Array.isArray(events) && events.includes(`${resource.name}-update`)
  }
  const kept: Work[] = []
  for (let at = 0; at < works.length; at += most) {
    const some = works.slice(at, at + most)
    if (await mayChange(some)) kept.push(...some)
    else for (const one of some) if (await mayChange([one])) kept.push(one)
  }
  return new Set(kept)
}

/** Does what was resolved. New rows come first. */
export const write = async (context: Context, works: readonly Work[]): Promise<Written> => {
  const { door, reading: { resource }, mode } = context
  const of = (action: Work['action']): Work[] => works.filter((work) => work.action === action)
  const created = await together(context, `${resource.name}-create`, of('create'))
  const updated = await together(context, `${resource.name}-update`, of('update'))
  const same = of('same')
  const unnamed = same.filter(({ name }) => name !== undefined)
  const mayAdopt = await adoptable(context, unnamed)
  const adopted = [...mayAdopt]
  const left = new Set(unnamed.filter((work) => !mayAdopt.has(work)))
  if (adopted.length > 0 && mode === 'write')
    await door.run(({ db }) => keepNames(db, resource.name, namedPairs(adopted, adopted.map(({ id }) => id ?? ''))))
  return {
    done: [...created.done, ...updated.done, ...same.filter((work) => !left.has(work))],
    refused: [
      ...created.refused, ...updated.refused,
      ...[...left].map(({ draft }) => ({ draft, reasons: [`externalId: needs the permission "${resource.keys.update}" on the row`] })),
    ],
    waiting: [...created.waiting, ...updated.waiting],
  }
}
