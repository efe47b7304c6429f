// What a call can fail with: an error of the protocol, or one of the client's own where no server has answered.

/** The codes of servers. Source: docs/protocol.md §2.1. */
export const serverCodes = [
  'invalid_payload', 'unauthenticated', 'forbidden', 'not_found', 'conflict', 'account_locked', 'password_expired', 'rate_limited',
  'payload_too_large', 'unknown_event', 'unavailable', 'internal',
] as const

/**
 * The client's own: `offline`, no server could be reached; `timeout`, none has answered in time; `aborted`, the caller's `signal`;
 * `closed`, by `client.close()`; `protocol`, what answers is not a Sovrane server of this version; `storage`, tokens could not be kept.
 */
export const clientCodes = ['offline', 'timeout', 'aborted', 'closed', 'protocol', 'storage'] as const

type ServerCode = (typeof serverCodes)[number]
type ClientCode = (typeof clientCodes)[number]
export type Code = ServerCode | ClientCode

export interface Refusal {
  readonly message?: string
  readonly details?: unknown
  /** Seconds. */
  readonly retryAfter?: number | undefined
  readonly requestId?: string | undefined
  readonly event?: string | undefined
  readonly cause?: unknown
}

type Fields = Readonly<Record<string, string>>

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a form shows beside its fields: the first fault of each, and those whose value is taken. */
const fieldsIn = (details: unknown): Fields => {
  if (Array.isArray(details)) {
    const fields: Record<string, string> = {}
    for (const { path, message } of details.filter(isObject)) fields[String(path)] ??= String(message)
    return fields
  }
  const taken = isObject(details) ? details['fields'] : undefined
  return Array.isArray(taken) ? Object.fromEntries(taken.map((name): [string, string] => [String(name), 'is taken'])) : {}
}

/** The one class of errors that this client throws. */
export class SovraneError extends Error {
  readonly code: Code
  /** As the server told them: docs/protocol.md §2.1. */
  readonly details: unknown
  /** What tells errors of one code apart, such as `reauthenticate`. */
  readonly reason: string | undefined
  /** By the name of the field what is wrong with its value; empty for other errors. */
  readonly fields: Fields
  /** Seconds after which a repetition may succeed. */
  readonly retryAfter: number | undefined
  /** Under which the server's log has the request. */
  readonly requestId: string | undefined
  readonly event: string | undefined

  constructor(code: Code, { message, details, retryAfter, requestId, event, cause }: Refusal = {}) {
    super(message ?? code, cause === undefined ? {} : { cause })
    this.name = 'SovraneError'
    this.code = code
    this.details = details
    const reason = isObject(details) ? details['reason'] : undefined
    this.reason = typeof reason === 'string' ? reason : undefined
    this.fields = fieldsIn(details)
    this.retryAfter = retryAfter
    this.requestId = requestId
    this.event = event
  }
}

const known: ReadonlySet<string> = new Set(serverCodes)

/** The error in a reply; undefined: it is a reply. A code that this version does not know is `internal`. */
export const refusalIn = (reply: unknown, event: string): SovraneError | undefined => {
  if (!isObject(reply)) return new SovraneError('protocol', { message: 'The reply is not an object', event })
  const { error } = reply
  if (!isObject(error) || typeof error['code'] !== 'string') return undefined
  const { code, message, details, retryAfter, requestId } = error
  return new SovraneError(known.has(code) ? code as ServerCode : 'internal', {
    message: typeof message === 'string' ? message : code, details, event,
    retryAfter: typeof retryAfter === 'number' ? retryAfter : undefined,
    requestId: typeof requestId === 'string' ? requestId : undefined,
  })
}

/** Anything thrown as an error of this class. */
export const toSovraneError = (thrown: unknown, event?: string): SovraneError =>
  (thrown instanceof SovraneError ? thrown : new SovraneError('internal', { message: String(thrown), cause: thrown, event }))
