// What the rooms of this plugin share: what the process is started with (docs/protocol.md §9), what administrators set (§7), why it
// refuses, and what its operations are made of.
import { boolean, number, object, string } from 'yup'
import { defineReasons, email, setting, type Keys, type Settings } from '#sovrane'
import type { Directory } from '../../resources/directory.ts'
import type { Jobs } from '../jobs/index.ts'
import type { Hashing } from './hashing.ts'
import type { Lockout, RequestLimit } from './lockout.ts'
import type { SecondFactor } from './login.ts'
import type { ResetTokens } from './mailed-links.ts'
import type { Mails } from './mails.ts'
import type { Accounts } from './passwords.ts'
import type { Policy } from './policy.ts'
import type { SessionLimits } from './sessions.ts'
import type { AccessTokens } from './tokens.ts'

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }
const durationForm = /^([1-9]\d{0,5})([smhd])$/

/** `15m`: 900. */
export const seconds = (duration: string): number => {
  const [, amount, unit] = durationForm.exec(duration) ?? []
  return Number(amount) * (units[unit ?? ''] ?? Number.NaN)
}

const duration = () => string().matches(durationForm, 'must be a number with s, m, h or d, such as 15m')

export const environment = object({
  JWT_ACCESS_TOKEN_DURATION: duration().default('15m'),
  JWT_REFRESH_TOKEN_DURATION: duration().default('7d'),
  /** How long a session lasts at most, however often it is refreshed. */
  SESSION_DURATION: duration().default('30d'),
  ADMIN_EMAIL: email().default('admin@localhost'),
  /** A weak one does not start the server, whatever the policy. */
  ADMIN_PASSWORD: string()
    .test('long', 'must be at least 10 characters long', (value) => value === undefined || Array.from(value).length >= 10)
    .test('varied', 'repeats itself', (value) => value === undefined || new Set(value).size >= 5)
    .test('strong', 'is easy to guess', (value) =>
      value === undefined || value.length >= 20 || !/password|admin|123456|qwerty|letmein|changeme/i.test(value)),
  BCRYPT_COST: number().integer().min(4).max(16).default(10),
  /** 0 turns every rate limit off; the lockout of accounts stays. */
  RATE_LIMIT_EVENTS: number().integer().min(0).max(100_000).default(50),
  /** Failed log-ins that one address may make within a minute. */
  RATE_LIMIT_LOGINS: number().integer().min(0).max(100_000).default(20),
})

const flag = <const K extends string>(key: K, initial: boolean, description: string) =>
  setting(key, boolean().default(initial), description)
const whole = <const K extends string>(key: K, [min, initial, max]: readonly [number, number, number], description: string) =>
  setting(key, number().integer().min(min).max(max).default(initial), description)

export const settings = {
  lock: flag('account_lock_on_login_fail', true, 'Lock an account after too many failed log-ins'),
  lockThreshold: whole('account_lock_fail_threshold', [1, 5, 100], 'Failed log-ins that lock an account'),
  lockDuration: whole('account_lock_duration', [1, 60, 900], 'Seconds of the first lock; each further one is twice as long, up to 900'),
  minLength: whole('account_password_min_length', [8, 8, 64], 'Characters that a password must have at least'),
  maxLength: whole('account_password_max_length', [8, 64, 72], 'Characters that a password may have at most'),
  minScore: whole('account_password_min_score', [0, 3, 4], 'How hard to guess a password must be: 0 anything, 1 a thousand guesses, 2 a million, 3 a hundred million, 4 ten thousand million'),
  upperCase: flag('account_password_must_have_uppercase', false, 'A password must have an upper-case letter'),
  lowerCase: flag('account_password_must_have_lowercase', false, 'A password must have a lower-case letter'),
  digit: flag('account_password_must_have_digit', false, 'A password must have a digit'),
  special: flag('account_password_must_have_special_char', false, 'A password must have a character that is neither a letter nor a digit'),
  expire: flag('account_password_expire', false, 'Passwords expire'),
  expireAfter: whole('account_password_expire_after', [1, 90, 3650], 'Days after which a password expires'),
  warningDays: whole('account_password_expire_warning_days', [0, 7, 90], 'Days before the expiry from which the user is warned'),
  reauthenticateAfter: whole('account_reauthenticate_after', [1, 15, 1440], 'Minutes after a log-in or a proof of the password in which API tokens are made and second factors changed'),
  history: whole('account_password_history_count', [0, 5, 24], 'Former passwords that cannot be used again; 0 turns it off'),
} as const

export const reasons = defineReasons({
  reauthenticate: ['unauthenticated', 'Prove your password again with auth-reauthenticate, or log in anew'],
  'auth.own_password': ['forbidden', 'Your own password is changed by auth-change-password', ['user-update']],
  'auth.token': ['forbidden', 'API tokens cannot do this: log in', ['user-update']],
})

/** Put together by index.ts. */
export interface AuthParts {
  readonly settings: Settings
  readonly directory: Directory
  readonly jobs: Jobs
  readonly keys: Keys
  readonly limits: SessionLimits
  readonly accounts: Accounts
  readonly hashing: Hashing
  readonly policy: Policy
  readonly lockout: Lockout
  /** How many mails an address may ask for. */
  readonly mailLimit: RequestLimit
  readonly tokens: AccessTokens
  readonly resets: ResetTokens
  readonly mails: Mails
  /** At most one. */
  readonly factors: ReadonlyMap<string, SecondFactor>
}
