// What the rooms of this plugin share: its settings, its reasons, and what its operations are made of.
import { boolean } from 'yup'
import { defineReasons, setting, type Call, type Keys, type Seal, type Settings } from '#sovrane'
import type { auth } from '../auth/index.ts'

/** What an administrator can set. Source: docs/protocol.md §7. */
export const settings = {
  allow: setting('account_allow_mfa', boolean().default(true), 'Users may set up a second factor'),
  require: setting('account_require_mfa', boolean().default(false), 'Users must set up a second factor before they can do anything else'),
  confirm: setting('account_mfa_confirm', boolean().default(false), 'Enabling a second factor needs a code of it'),
} as const

export const reasons = defineReasons({
  mfa_enrolment: ['forbidden', 'Set up a second factor first', (event) => !event.public && !event.tags.includes('essential')],
  'mfa.no_setup': ['conflict', 'There is no pending set-up of this type'],
  'mfa.not_allowed': ['forbidden', 'Second factors are turned off'],
  'mfa.own': ['forbidden', 'Your own second factor ends with auth-mfa-disable'],
})

export interface MfaParts {
  readonly auth: ReturnType<typeof auth.setup>['services']
  readonly settings: Settings
  /** For secrets at rest, bound to the user: neither a dump of the database nor a swapped row opens an account. */
  readonly seal: Seal
  readonly keys: Keys
  readonly mailCode: (call: Call, to: { readonly email: string; readonly locale: string | null }, code: string) => Promise<void>
}
