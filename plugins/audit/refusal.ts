// Which failures are recorded: refusals for lack of rights, and failed authentication.
import { AppError, type Call } from '../../core/define/index.ts'
import { isAuthentication } from './authentication.ts'
import { noteOf, targetOf } from './change.ts'
import type { Entry } from './entry.ts'

const failures = new Set(['unauthenticated', 'account_locked', 'password_expired', 'forbidden'])

/** A password typed into the wrong field must not be kept: only what looks like an address is. */
const addressIn = ({ email }: Call['input']): string | undefined =>
  typeof email === 'string' && /^[^\s@]{1,64}@[^\s@]{1,189}$/.test(email) ? email : undefined

const textIn = (details: unknown, name: string): string | undefined => {
  const value: unknown = typeof details === 'object' && details !== null ? (details as Record<string, unknown>)[name] : undefined
  return typeof value === 'string' ? value : undefined
}

/** What a failed call leaves; undefined for failures that are not recorded. */
export const refusalOf = (call: Call, error: unknown): Pick<Entry, 'targetType' | 'targetId' | 'details'> | undefined => {
  if (!(error instanceof AppError)) return undefined
  const isEvent = isAuthentication(call) && failures.has(error.code)
  if (error.code !== 'forbidden' && !isEvent) return undefined
  const note = noteOf(call)
  const reason = note?.reason ?? textIn(error.details, 'reason') ?? (error.code === 'account_locked' ? 'locked' : undefined)
  const [permission, email] = [textIn(error.details, 'permission'), isEvent ? addressIn(call.input) : undefined]
  return {
    targetType: note?.targetType ?? targetOf(call).targetType,
    targetId: note?.targetId ?? targetOf(call).targetId,
    details: { error: error.code, ...(permission === undefined ? {} : { permission }), ...(reason === undefined ? {} : { reason }), ...(email === undefined ? {} : { email }) },
  }
}
