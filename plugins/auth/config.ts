// The variables of the plugin. Source: docs/protocol.md §9.
import { number, object, string } from 'yup'
import { email } from '../../core/define/index.ts'
import { adminPasswordFault } from './first-admin.ts'

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }
const pattern = /^([1-9]\d{0,5})([smhd])$/

/** `15m` → 900. */
export const seconds = (duration: string): number => {
  const [, amount, unit] = pattern.exec(duration) ?? []
  return Number(amount) * (units[unit ?? ''] ?? Number.NaN)
}

const duration = () => string().matches(pattern, 'must be a number with s, m, h or d, such as 15m')

export const config = object({
  JWT_ACCESS_TOKEN_DURATION: duration().default('15m'),
  JWT_REFRESH_TOKEN_DURATION: duration().default('7d'),
  /** How long a session lasts at most, however often it is refreshed. */
  SESSION_DURATION: duration().default('30d'),
  ADMIN_EMAIL: email().default('admin@localhost'),
  ADMIN_PASSWORD: string().test('strong', ({ value }: { value: string }) => adminPasswordFault(value) ?? 'is weak', (value) => value === undefined || adminPasswordFault(value) === undefined),
  BCRYPT_COST: number().integer().min(4).max(16).default(10),
  /** 0 turns every rate limit off; the lockout of accounts stays. */
  RATE_LIMIT_EVENTS: number().integer().min(0).max(100_000).default(50),
  /** Failed log-ins that one address may make within a minute. */
  RATE_LIMIT_LOGINS: number().integer().min(0).max(100_000).default(20),
})
