// A reply, and how an error becomes one. What is not meant for clients never leaves here.
import { toAppError } from '../db/sqlstate.ts'
import { AppError, catalogue, type ErrorCode } from '../define/errors.ts'
import type { Payload } from '../define/call.ts'

interface WireError {
  readonly code: ErrorCode
  readonly message: string
  readonly details?: unknown
  readonly retryAfter?: number
  readonly requestId: string
}

export type Reply =
  { readonly ok: true; readonly data: Payload } | { readonly ok: false; readonly status: number; readonly error: WireError }

/** The error as the client may see it. Anything unknown is `internal`: no SQL, no stack, no driver's text. */
export const errorReply = (thrown: unknown, requestId: string): Reply & { ok: false } => {
  const error = toAppError(thrown) ?? new AppError('internal', { cause: thrown })
  return {
    ok: false,
    status: catalogue[error.code].status,
    error: {
      code: error.code,
      message: error.message,
      ...(error.details === undefined ? {} : { details: error.details }),
      ...(error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter }),
      requestId,
    },
  }
}
