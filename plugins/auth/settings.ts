// What an administrator can set about passwords and lockout. Source: docs/protocol.md §7.
import { boolean, number } from 'yup'
import { setting } from '../../core/define/index.ts'

const flag = (key: string, initial: boolean, description: string) => setting(key, boolean().default(initial), description)
const whole = (key: string, [min, initial, max]: readonly [number, number, number], description: string) =>
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
  special: flag('account_password_must_have_special_char', false, 'A password must have a character that is no letter and no digit'),
  expire: flag('account_password_expire', false, 'Passwords expire'),
  expireAfter: whole('account_password_expire_after', [1, 90, 3650], 'Days after which a password expires'),
  warningDays: whole('account_password_expire_warning_days', [0, 7, 90], 'Days before the expiry from which the user is warned'),
  reauthenticateAfter: whole('account_reauthenticate_after', [1, 15, 1440], 'Minutes after a log-in or a proof of the password in which API tokens are made and second factors changed'),
  history: whole('account_password_history_count', [0, 5, 24], 'Former passwords that cannot be used again; 0 turns it off'),
} as const
