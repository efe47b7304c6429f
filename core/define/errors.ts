// The closed list of errors a client can meet, and the one class that carries them.

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

interface ErrorOptions {
  readonly message?: string
  readonly details?: unknown
  /** Seconds after which a repetition may succeed. */
  readonly retryAfter?: number
  /** What really happened: goes to the log, never to a client. */
  readonly cause?: unknown
}

/** An error meant for the client. Anything else that is thrown reaches it only as `internal`. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly details: unknown
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

export const conflict = (details: Readonly<Record<string, unknown>>, message?: string): AppError =>
  new AppError('conflict', { details, ...(message === undefined ? {} : { message }) })

/**
 * Refuses a change of something that others have changed since the client saw it.
 * @param wanted the `ifVersion` of the request; without one any version will do
 * @throws AppError conflict, with the present version
 */
export const requireVersion = (version: number, wanted: unknown, message = 'The row has changed meanwhile'): void => {
  if (wanted !== undefined && wanted !== version) throw conflict({ version }, message)
}
