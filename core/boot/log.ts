// The program's log, on standard error: lines of JSON for machines, and for a person at a terminal lines that can be read.
import { pino } from 'pino'
import pretty from 'pino-pretty'
import { variable, type Environment } from './environment.ts'
import { logLevel } from './variables.ts'

/** Names under which a secret could be logged by mistake. */
const secret = /password|token|secret|authorization|cookie|otpauth|recovery/i
/** A `code` by itself is that of an error; in what a client has sent it may be that of a second factor. */
const sent = new Set(['input', 'payload', 'body'])
/** How deep an object is looked into; what is deeper is not told. */
const depths = 6

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !(value instanceof Error) && !(value instanceof Date)

/** The same without what has the name of a secret. Flags and numbers, such as the age of a password, are none. */
const redacted = (value: unknown, within = '', depth = 0): unknown => {
  if (!isPlain(value)) return value
  if (depth >= depths) return '[Deeper]'
  if (Array.isArray(value)) return value.map((each) => redacted(each, within, depth + 1))
  return Object.fromEntries(Object.entries(value).map(([name, part]) => {
    const isSecret = secret.test(name) || (name === 'code' && sent.has(within))
    if (!isSecret || part === null || !['string', 'object'].includes(typeof part)) return [name, redacted(part, name, depth + 1)]
    return [name, '[Redacted]']
  }))
}

/** How many causes of an error are told. */
const deepest = 5

/** An error as it is logged: of what a driver puts on it nothing that holds values of a row or a statement, as `detail` does. */
const serializeError = (error: unknown, depth = 0): unknown => {
  if (!(error instanceof Error)) return typeof error === 'string' ? { message: error } : { type: typeof error }
  const { code, constraint, table, column, routine } = error as unknown as Readonly<Record<string, unknown>>
  const told = Object.entries({ code, constraint, table, column, routine }).filter(([, value]) => typeof value === 'string')
  return {
    type: error.constructor.name, message: error.message, stack: error.stack, ...Object.fromEntries(told),
    ...(error.cause === undefined || depth >= deepest ? {} : { cause: serializeError(error.cause, depth + 1) }),
  }
}

const serializers = { err: (error: unknown): unknown => serializeError(error) }
const log = (details: object): Record<string, unknown> => redacted(details) as Record<string, unknown>

export interface LogOptions {
  readonly environment: Environment
  /** What is logged when LOG_LEVEL says nothing. */
  readonly usual: Parameters<typeof logLevel>[1]
  /** Whether a person reads it. LOG_FORMAT decides otherwise. */
  readonly isTerminal: boolean
  /** The file descriptor; default: standard error. */
  readonly to?: number
}

/** A log that is written at once, so that a process that dies has said why. */
export const createLog = ({ environment, usual, isTerminal, to = 2 }: LogOptions) => {
  const wanted = variable(environment, 'LOG_FORMAT').text ?? 'auto'
  const isPretty = wanted === 'pretty' || (wanted === 'auto' && isTerminal)
  const options = { level: logLevel(environment, usual), serializers, formatters: { log } }
  if (!isPretty) return pino(options, pino.destination({ dest: to, sync: true }))
  const colorize = isTerminal && variable(environment, 'NO_COLOR').text === undefined
  return pino(
    options,
    pretty({ colorize, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname', singleLine: true, destination: to, sync: true }),
  )
}
