// What is kept of a failed attempt, and when the next one comes.
import { AppError, type Payload } from '../../core/define/index.ts'

/** Thrown by a handler that another attempt cannot help: the job is kept as failed at once. */
export class GiveUp extends Error {
  override readonly name = 'GiveUp'
}

/** Whether another attempt cannot help: its handler says so, or what the job holds is refused as wrong, which it will be again. */
export const isFinal = (error: unknown): boolean => error instanceof GiveUp || (error instanceof AppError && error.code === 'invalid_payload')

/** Characters of a message that are kept. */
const longest = 500
/** Seconds. */
const longestPause = 3600

const textsOf = (value: unknown): string[] => {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
}

/** What an error says, without any text of the payload: it may be a token, and this is stored and logged. */
export const reasonOf = (error: unknown, payload: Payload): string => {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return textsOf(payload).filter((part) => part.length > 3).reduce((left, part) => left.replaceAll(part, '***'), text).slice(0, longest)
}

/** Where an error came from: the stack without its message. */
export const traceOf = (error: unknown): string[] =>
  (error instanceof Error ? error.stack ?? '' : '').split('\n').filter((line) => line.startsWith('    at ')).slice(0, 10).map((line) => line.trim())

/** Seconds before the attempt after this one: doubled each time, and spread so that what failed together does not come back together. */
export const pauseAfter = (attempt: number, backOff: number): number =>
  Math.min(backOff * 2 ** (attempt - 1), longestPause) * (0.5 + Math.random())
