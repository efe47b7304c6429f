// The closed list of errors a client can meet, the reasons that are told within a code, and the one class that carries them.
import type { OperationInfo } from './call.ts'

/** Every error code of the wire with its HTTP status and default message. Source: docs/protocol.md §2.1. */
export const catalogue = {
  invalid_payload: { status: 400, message: 'The payload is not valid' },
  unauthenticated: { status: 401, message: 'Authentication is required or has failed' },
  forbidden: { status: 403, message: 'You do not have the right to do this' },
  not_found: { status: 404, message: 'There is no such row, or you may not see it' },
  conflict: { status: 409, message: 'The request conflicts with the present state' },
  account_locked: { status: 423, message: 'Too many wrong codes; try again later' },
  password_expired: { status: 403, message: 'The password must be changed' },
  rate_limited: { status: 429, message: 'Too many requests; slow down' },
  payload_too_large: { status: 413, message: 'The message is too large' },
  unknown_event: { status: 404, message: 'There is no such event' },
  unavailable: { status: 503, message: 'The service is temporarily unavailable; try again' },
  internal: { status: 500, message: 'Something went wrong on our side' },
} as const satisfies Record<string, { status: number; message: string }>

export type ErrorCode = keyof typeof catalogue

export interface Fault {
  readonly path: string
  readonly message: string
}

declare const declared: unique symbol
/** A text that programs tell errors of one code apart by. Only `defineReasons` makes one, so that none goes out undeclared. */
type Reason = string & { readonly [declared]: true }

/** What a program is told beside the code. */
type Details = readonly Fault[] | (Readonly<Record<string, unknown>> & { readonly reason?: Reason })

interface ErrorOptions {
  readonly message?: string
  readonly details?: Details | undefined
  /** Seconds after which a repetition may succeed. */
  readonly retryAfter?: number
  /** What really happened: goes to the log, never to a client. */
  readonly cause?: unknown
}

/** An error meant for the client. Anything else that is thrown reaches it only as `internal`. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly details: Details | undefined
  readonly retryAfter: number | undefined

  constructor(code: ErrorCode, options: ErrorOptions = {}) {
    super(options.message ?? catalogue[code].message, options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.details = options.details
    this.retryAfter = options.retryAfter
  }
}

/** `invalid_payload` with every fault at once. */
export const invalidPayload = (faults: readonly Fault[]): AppError => new AppError('invalid_payload', { details: faults })

/** `forbidden`, naming the missing permission key. */
export const forbidden = (permission: string): AppError =>
  new AppError('forbidden', { message: `This needs the permission "${permission}"`, details: { permission } })

export const notFound = (): AppError => new AppError('not_found')

export const conflict = (details: Exclude<Details, readonly Fault[]>, message?: string): AppError =>
  new AppError('conflict', { details, ...(message === undefined ? {} : { message }) })

/**
 * Refuses a change of something that others have changed since the client saw it.
 * @param wanted the `ifVersion` of the request; without one any version will do
 * @throws AppError conflict, with the present version
 */
export const requireVersion = (version: number, wanted: unknown, message = 'The row has changed meanwhile'): void => {
  if (wanted !== undefined && wanted !== version) throw conflict({ version }, message)
}

/** The events that a reason is given on: their names, `*` standing for any part, or what an operation must be. */
export type Where = readonly string[] | ((operation: OperationInfo & { readonly public: boolean }) => boolean)

/** Makes the error of a reason; `details` are told beside it. */
export interface Refusal<C extends ErrorCode = ErrorCode> {
  (details?: Readonly<Record<string, unknown>> & { readonly reason?: never }, message?: string): AppError
  readonly code: C
  readonly on?: Where
}

/** The declared reasons of one owner, by their names. */
export type Reasons<N extends string = string> = Readonly<Record<N, Refusal>>

type Declared = readonly [code: ErrorCode, message?: string | undefined, on?: Where]

/**
 * Declares reasons, each with its code and message: `reasons.late()` is that error with `details: { reason: 'late' }`.
 * A resource lists its own as `reasons`, and a plugin among what it contributes. Source: docs/errors.md.
 * The third part says on which events guards and hooks give it, for those who read of the API; an operation lists its own as `errors`.
 */
export const defineReasons = <const R extends Readonly<Record<string, Declared>>>(
  reasons: R,
): { readonly [N in keyof R]: Refusal<R[N][0]> } => {
  const refusals = Object.entries<Declared>(reasons).map(([name, [code, message, on]]): [string, Refusal] => [
    name,
    Object.assign((details: object = {}, said = message ?? catalogue[code].message) => new AppError(code, {
      // The one place that makes a text a reason.
      message: said, details: { reason: name as Reason, ...details },
    }), { code, ...(on === undefined ? {} : { on }) }),
  ])
  // `fromEntries` forgets the names and the codes.
  return Object.freeze(Object.fromEntries(refusals)) as { readonly [N in keyof R]: Refusal<R[N][0]> }
}

/** Those of core itself. */
export const coreReasons = defineReasons({
  already_done: ['conflict', 'This was already done; its reply was given only once', ({ kind, action }) =>
    kind === 'mutation' && action === 'custom'],
  request_id: ['conflict', 'This requestId was already used for a different request', ({ kind }) => kind === 'mutation'],
  reference: ['conflict', undefined, ({ kind, action }) => kind === 'mutation' && action !== 'custom'],
  busy: ['conflict', undefined, ({ kind }) => kind === 'mutation'],
  // On no event by itself: it says of a server that it should not serve it.
  drift: ['internal', 'The database does not have what this needs; the log of the server says what, and how to mend it'],
})
