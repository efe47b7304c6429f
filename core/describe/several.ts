// Events that take many payloads of a single event: described by what is described of that.
import type { DescribedEvent, JsonSchema } from '../define/description.ts'
import { requestId } from './rows.ts'

const withoutRequestId = (schema: JsonSchema): JsonSchema => {
  const { properties } = schema
  if (typeof properties !== 'object' || properties === null) return schema
  return { ...schema, properties: Object.fromEntries(Object.entries(properties).filter(([name]) => name !== 'requestId')) }
}

const itemsOf = (schema: JsonSchema, bounds: JsonSchema): JsonSchema => ({
  type: 'object', properties: { items: { type: 'array', ...bounds, items: withoutRequestId(schema) }, requestId }, required: ['items'],
})

/** What differs from the single event. `plural`: the rows that it is about. */
export const severalOf = (single: DescribedEvent, payload: JsonSchema, plural: string) => ({
  about: `As ${single.event} does, for 1 to 500 ${plural}: all or none`,
  payload: { ...payload, ...itemsOf(single.payload, { minItems: 1, maxItems: 500 }) },
  reply: itemsOf(single.reply, {}),
  errors: single.errors.map((error) => (['forbidden', 'not_found', 'conflict'].includes(error.code)
    ? { ...error, details: [...error.details, 'index'] } : error)),
  example: { payload: { items: [single.example.payload] }, reply: { items: [single.example.reply] } },
})
