// Replies and errors against the description of the API: nothing is answered that is not described.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { describeApp } from '../core/describe/description.ts'
import type { Assembly } from '../core/boot/assemble.ts'
import type { DescribedEvent, Description, JsonSchema } from '../core/define/index.ts'

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A row beside which more stands, as one object. */
const merged = (parts: readonly unknown[], schemas: Description['schemas']): JsonSchema => {
  const whole = parts.map((part) => {
    const { $ref } = isSchema(part) ? part : {}
    return typeof $ref === 'string' ? schemas[$ref.split('/').at(-1) ?? ''] ?? {} : isSchema(part) ? part : {}
  })
  return {
    type: 'object', properties: Object.assign({}, ...whole.map(({ properties }) => properties)) as object,
    required: whole.flatMap(({ required }) => (Array.isArray(required) ? (required as string[]) : [])),
  }
}

/**
 * The same schema, of which no object holds more than it names. Documents say less, so that fields can be added. `merges`: how many rows
 * it lies within that are merged with the columns of their links; beyond two nothing is said of a row, or there were no end to it.
 */
const closed = (schema: unknown, schemas: Description['schemas'], merges = 0): unknown => {
  if (Array.isArray(schema)) return schema.map((each: unknown) => closed(each, schemas, merges))
  if (!isSchema(schema)) return schema
  const { allOf } = schema
  if (Array.isArray(allOf)) return merges === 2 ? {} : closed(merged(allOf, schemas), schemas, merges + 1)
  const isValue = (name: string): boolean => ['enum', 'const', 'default', 'examples'].includes(name)
  const inner = Object.fromEntries(Object.entries(schema).map(([name, each]) =>
    [name, isValue(name) ? each : closed(each, schemas, merges)]))
  return isSchema(schema['properties']) && schema['type'] !== undefined ? { ...inner, additionalProperties: false } : inner
}

interface AnsweredError {
  readonly code: string
  readonly details?: unknown
}

/** What is answered, compared with what is described. */
export interface Described {
  readonly description: Description
  /** What is wrong with the data of a success; undefined: nothing. */
  replyFault(event: string, data: unknown): string | undefined
  /** What is wrong with an error: a code, a reason or a detail that the event is not said to give. */
  errorFault(event: string, error: AnsweredError): string | undefined
  /** What is wrong with a payload. */
  payloadFault(event: string, payload: unknown): string | undefined
}

/** Reads as `event: what is wrong (the value)`. */
const say = (event: string, check: ValidateFunction, value: unknown): string | undefined => {
  if (check(value)) return undefined
  const faults = (check.errors ?? []).map(({ instancePath, message, params }) =>
    `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`)
  return `${event}: ${faults.slice(0, 5).join('; ')} (${JSON.stringify(value).slice(0, 300)})`
}

/** The description of an app, with checks of what it answers. */
export const describedApp = (assembly: Assembly): Described => {
  const description = describeApp(assembly)
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })
  const components = { schemas: closed(description.schemas, description.schemas) }
  const events = new Map(description.events.map((event) => [event.event, event]))
  const checks = new Map<string, ValidateFunction>()
  const checkOf = (key: string, make: () => object): ValidateFunction => {
    const known = checks.get(key) ?? ajv.compile({ ...make(), components })
    checks.set(key, known)
    return known
  }
  const schemaOf = (event: string, part: 'payload' | 'reply'): ValidateFunction => checkOf(`${part} ${event}`, () => {
    const schema = closed(events.get(event)?.[part] ?? {}, description.schemas)
    return isSchema(schema) ? schema : {}
  })
  const errorOf = (described: DescribedEvent, { code, details }: AnsweredError): string | undefined => {
    const known = described.errors.find((error) => error.code === code)
    if (!known) return `${described.event} is not described as giving ${code}`
    const shape = description.errors.find((error) => error.code === code)?.details ?? {}
    const fault = details === undefined ? undefined : say(`${described.event} ${code}`, checkOf(`error ${code}`, () => shape), details)
    if (fault !== undefined) return fault
    const told = isSchema(details) ? Object.keys(details) : []
    const reason = isSchema(details) ? details['reason'] : undefined
    // Any event's table may be away: docs/errors.md.
    if (code === 'internal' && reason === 'drift') return undefined
    if (typeof reason === 'string')
      return known.reasons.includes(reason) ? undefined : `${described.event} is not described as giving ${reason}`
    // Where details are described, they are all that it gives.
    const unknown = known.details.length === 0 ? [] : told.filter((name) => !known.details.includes(name))
    return unknown.length === 0 ? undefined : `${described.event} ${code}: details ${unknown.join(', ')} are not described`
  }
  return {
    description,
    payloadFault: (event, payload) => say(event, schemaOf(event, 'payload'), payload),
    replyFault: (event, data) => (events.has(event) ? say(event, schemaOf(event, 'reply'), data) : `${event} is not described`),
    errorFault(event, error) {
      const described = events.get(event)
      // Whatever has no description is not an event, or not one of that door.
      if (error.code === 'unknown_event') return undefined
      return described ? errorOf(described, error) : `${event} is not described, and gives ${error.code}`
    },
  }
}

const known = new WeakMap<Assembly, Described>()

/** Fails where an error is answered that its event is not described as giving. */
export const expectDescribed = (assembly: Assembly, event: string, reply: unknown): void => {
  const error = isSchema(reply) ? reply['error'] : undefined
  if (!isSchema(error) || typeof error['code'] !== 'string') return
  const described = known.get(assembly) ?? describedApp(assembly)
  known.set(assembly, described)
  const fault = described.errorFault(event, { code: error['code'], details: error['details'] })
  if (fault !== undefined) throw new Error(`Answered and not described: ${fault}`)
}
