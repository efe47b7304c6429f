// `<resource>-create-many`, `-update-many`, `-delete-many`: many payloads of a single event, all or none of them.
import { array, mixed } from 'yup'
import { hold } from '../access/decide.ts'
import { lockTree } from '../access/trees.ts'
import { compose, type EngineCall, type Steps } from '../call/operation.ts'
import type { Payload } from '../define/call.ts'
import { toAppError, isRetryable } from '../db/sqlstate.ts'
import { AppError, invalidPayload, type Fault } from '../define/errors.ts'
import { validate } from '../define/validate.ts'
import type { Resource } from '../model/resource.ts'
import { treesOf } from './write.ts'

/** Payloads that one request may hold. Source: docs/protocol.md §3.5. */
const most = 500

const isObject = (value: unknown): value is Payload => typeof value === 'object' && value !== null && !Array.isArray(value)

const isFaults = (details: NonNullable<AppError['details']>): details is readonly Fault[] => Array.isArray(details)

/** What is said of an item, with its place. What may succeed if it is tried again is told as it is. */
const placed = (error: unknown, index: number): unknown => {
  if (isRetryable(error)) return error
  const told = toAppError(error)
  if (!told) return error
  const { details = {}, retryAfter } = told
  const place = `items.${index}`
  return new AppError(told.code, {
    message: told.message, cause: told.cause, ...(retryAfter === undefined ? {} : { retryAfter }),
    details: isFaults(details)
      ? details.map(({ path, message }) => ({ path: path === '' ? place : `${place}.${path}`, message }))
      : { ...details, index },
  })
}

const at = async <T>(index: number, task: () => Promise<T>): Promise<T> => {
  try {
    return await task()
  } catch (error) {
    throw placed(error, index)
  }
}

const fields = new Map([['items', array().of(mixed().nullable()).min(1).max(most).required()]])

/** Checks each item as the single event does, all faults together. */
const parseAll = (payload: Payload, single: Steps): Payload => {
  const items = validate(fields, payload)['items'] as readonly unknown[]
  const faults: Fault[] = []
  const parsed = items.map((item, index) => {
    if (!isObject(item)) return void faults.push({ path: `items.${index}`, message: 'must be an object' })
    try {
      return single.parse(item)
    } catch (error) {
      const told = placed(error, index)
      if (!(told instanceof AppError) || told.details === undefined || !isFaults(told.details)) throw told
      return void faults.push(...told.details)
    }
  })
  if (faults.length > 0) throw invalidPayload(faults.slice(0, 100))
  return { items: parsed }
}

const itemsOf = ({ input }: EngineCall): readonly Payload[] => input['items'] as readonly Payload[]

/** Many of a single event, named `event`, whose steps are these. */
export const severalSteps = (resource: Resource, action: 'create' | 'update' | 'delete', { event, steps }: {
  readonly event: string; readonly steps: Steps
}): Steps => {
  const trees = treesOf(resource)
  const key = resource.keys[action]
  /** Made ready before the transaction begins, for each time that it runs. */
  const ready = new WeakMap<object, readonly (() => Promise<Payload>)[]>()
  const makeReady = async (call: EngineCall): Promise<readonly (() => Promise<Payload>)[]> => {
    const made: (() => Promise<Payload>)[] = []
    // One after the other: what is slow in it waits for its turn among the requests of others.
    for (const [index, item] of itemsOf(call).entries()) made.push(await at(index, () => call.prepare(event, item)))
    ready.set(call.input, made)
    return made
  }
  return compose({
    accepts: { fields },
    demands: [{ on: 'resource', resource, action, key }],
    parse: (payload) => parseAll(payload, steps),
    prepare: async (call) => void (await makeReady(call)),
    async load(call) {
      const items = itemsOf(call)
      if (trees.some(({ field }) => items.some((item) => item[field] !== undefined))) await lockTree(call.db, resource.table)
      // In the order of their ids, as every writer does; a delete holds more, and each row as it comes to it.
      if (action === 'update') await hold(call.db, resource.table, items.map(({ id }) => String(id)), 'no key update')
    },
    // Each item asks for itself, so that the refusal tells which it was.
    authorise: () => Promise.resolve(),
    decide: () => Promise.resolve(),
    async foresee(call) {
      const further = await steps.foresee(call, undefined)
      return action === 'create' ? further : [{ when: 'row', keys: [key] }, ...further]
    },
    async handle(call) {
      const items: Payload[] = []
      const work = ready.get(call.input) ?? await makeReady(call)
      for (const [index, perform] of work.entries()) {
        const item = await at(index, perform)
        items.push(item)
        // As if each were asked by itself: by the rights that those before it have left.
        if (index + 1 < work.length) await at(index + 1, () => call.afresh(resource, String(itemsOf(call)[index]?.['id'] ?? item['id'])))
        // Nothing of the others would be left undone for it.
        const { refusal } = call
        if (refusal) await at(index, () => Promise.reject(refusal))
      }
      return { items }
    },
  })
}
