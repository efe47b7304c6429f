// What an administrator can set about second factors. Source: docs/protocol.md §7.
import { boolean } from 'yup'
import { setting } from '../../core/define/index.ts'

export const settings = {
  allow: setting('account_allow_mfa', boolean().default(true), 'Users may set up a second factor'),
  require: setting('account_require_mfa', boolean().default(false), 'Users must set up a second factor before they can do anything else'),
  confirm: setting('account_mfa_confirm', boolean().default(false), 'Enabling a second factor needs a code of it'),
} as const
