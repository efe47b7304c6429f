// Turns what the drivers throw into the errors of the catalogue, by SQLSTATE and never by the driver's text.

import { AppError, conflict, coreReasons, invalidPayload } from '../define/errors.ts'
import { keyFields } from './key-fields.ts'

/** The parts of an error that pg, PGlite and knex agree on. */
interface DriverError {
  readonly name?: string
  readonly message?: string
  readonly code?: string
  readonly detail?: string
  readonly column?: string
  readonly where?: string
  readonly routine?: string
}

/** Seconds. */
const RETRY_AFTER = 1

const unavailableStates = new Set([
  '55P03', // lock not available
  '57014', // statement time-out
  '25006', // read-only: the former primary after a failover
  '25P03', // idle transaction ended by the server
])
const unavailableClasses = ['08', '53', '57P']
const nodeCodes = new Set([
  'ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE', 'EHOSTUNREACH',
  'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN',
])
/** Lost connections that come without a code, in the words of pg, knex, its pool and PGlite. knex puts `<sql> - ` before them. */
const lostConnection =
  /(?:^| - )(?:Connection terminated|Connection ended unexpectedly|Client has encountered a connection error|Client was closed|Query read timeout|timeout expired|timeout exceeded when trying to connect|Unable to acquire a connection|aborted$|PGlite is clos)/
/** PGlite refuses a value of the wrong type before the server sees it; the server would say 22P02. */
const refusedValue = /(?:^| - )Invalid input for \w+ type$/

/** Objection wraps what the driver threw. */
export const unwrap = (error: unknown): DriverError | undefined => {
  if (typeof error !== 'object' || error === null) return undefined
  const native = (error as { nativeError?: unknown }).nativeError
  return typeof native === 'object' && native !== null ? native : error
}

/** A statement was planned for tables that have changed since, or a pooler between has forgotten it. */
export const isStalePlan = (error: unknown): boolean => {
  const { code, routine } = unwrap(error) ?? {}
  return code === '26000' || (code === '0A000' && routine === 'RevalidateCachedQuery')
}

/** Serialization failure, deadlock or stale plan: the same transaction may succeed when run again from its start. */
export const isRetryable = (error: unknown): boolean => {
  const code = unwrap(error)?.code
  return code === '40001' || code === '40P01' || isStalePlan(error)
}

/** Said by `sovrane_close`: the rights of the actor are others than those by which the transaction has decided. */
export const haveRightsChanged = (error: unknown): boolean => unwrap(error)?.code === 'SV001'

/** The statement ran out of time, waited too long for a lock, or lost its connection to silence: a smaller one may get through. */
export const isTimeout = (error: unknown): boolean => {
  const { code, message } = unwrap(error) ?? {}
  return code === '57014' || code === '55P03' || /(?:^| - )Query read timeout/.test(message ?? '')
}

const unavailable = (cause: unknown): AppError => new AppError('unavailable', { retryAfter: RETRY_AFTER, cause })

const withCause = (error: AppError, cause: unknown): AppError =>
  new AppError(error.code, { message: error.message, details: error.details, cause })

const noConnection = (cause: unknown): AppError =>
  unavailable(
    new Error(
      'No database connection became free in time. Either the load is too high for the pool, or a query ran outside of ' +
        'the open transaction and waited for itself: inside a transaction use its own connection. The embedded database ' +
        'has only one connection, so there this is the likely cause.',
      { cause },
    ),
  )

const bySqlState = (error: DriverError, code: string): AppError | undefined => {
  if (code === '23505' || code === '23P01') return conflict({ fields: keyFields(error.detail) })
  if (code === '23503') return coreReasons.reference()
  // 23502, a missing value, is not here: schemas refuse what columns do not hold, so that no one could give it. It is a fault of ours.
  if (code === '23514') return invalidPayload([{ path: '', message: 'breaks a rule of the database' }])
  if (code.startsWith('22')) return invalidPayload([{ path: '', message: 'holds a value that cannot be stored' }])
  if (code === '40001' || code === '40P01') return coreReasons.busy()
  // There is no such table, or no such column.
  if (code === '42P01' || code === '42703') return coreReasons.drift()
  return undefined
}

/**
 * The catalogue's error for what a driver threw: conflict, invalid_payload, unavailable (with `retryAfter` in seconds), or internal with
 * the reason `drift`.
 * The original is its cause. Undefined for anything else, which is a fault of ours; an AppError is returned as it is.
 */
export const toAppError = (error: unknown): AppError | undefined => {
  if (error instanceof AppError) return error
  const driver = unwrap(error)
  if (driver === undefined) return undefined
  const { code, name, message = '' } = driver
  if (name === 'KnexTimeoutError' || name === 'TimeoutError') return noConnection(error)
  if (typeof code === 'string') {
    const isState = /^[0-9A-Z]{5}$/.test(code)
    if (nodeCodes.has(code)) return unavailable(error)
    if (isState && (unavailableStates.has(code) || unavailableClasses.some((start) => code.startsWith(start)))) return unavailable(error)
    const known = isState ? bySqlState(driver, code) : undefined
    return known === undefined ? undefined : withCause(known, error)
  }
  if (lostConnection.test(message)) return unavailable(error)
  if (refusedValue.test(message)) return withCause(invalidPayload([{ path: '', message: 'holds a value of the wrong type' }]), error)
  return undefined
}
