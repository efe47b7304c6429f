// Which of a statement's values the database could not take, so that a client hears its name.
import { AppError, invalidPayload, type Fault } from '../define/errors.ts'
import { toAppError, unwrap } from './sqlstate.ts'

/** The server says so in the context of its error, in whatever language: `unnamed portal parameter $2 = '...'`. Counted from 0. */
const parameterOf = (error: unknown): number | undefined => {
  const [, number] = /\$(\d+)/.exec(unwrap(error)?.where ?? '') ?? []
  return number === undefined ? undefined : Number(number) - 1
}

const isBare = (error: AppError | undefined): error is AppError & { readonly details: [Fault] } =>
  error?.code === 'invalid_payload' &&
  Array.isArray(error.details) &&
  (error.details as Fault[]).length === 1 &&
  (error.details as Fault[])[0]?.path === ''

/**
 * What a driver threw, with the place in the payload of the value that was refused.
 * @param places for each parameter of the statement; '' for what no client gave
 * @param candidates the places that it can be when the server does not say; only one is named
 */
export const placed = (error: unknown, places: readonly string[], candidates: readonly string[] = places): unknown => {
  const known = toAppError(error)
  if (!isBare(known)) return error
  const at = parameterOf(error)
  const possible = [...new Set(candidates.filter((place) => place !== ''))]
  const place = at === undefined ? (possible.length === 1 ? possible[0] : undefined) : places[at]
  if (place === undefined || place === '') return error
  const { code, message, details } = invalidPayload([{ path: place, message: known.details[0].message }])
  return new AppError(code, { message, details, cause: error })
}
