// Second factors: TOTP and codes by mail, recovery codes, and the duty to have one.
import { boolean, object, string } from 'yup'
import { createSeal, definePlugin, tagged } from '#sovrane'
import { auth, secondFactor } from '../auth/index.ts'
import { mail, mailTemplate, template } from '../mail/index.ts'
import { createDuty } from './duty.ts'
import { manageKey, manageOperations } from './manage.ts'
import { reasons, settings as own, type MfaParts } from './parts.ts'
import { createSecondFactor, verify } from './verify.ts'

const codeMail = template<{ readonly code: string }>('mfa.code', {
  en: {
    subject: () => 'Your code',
    text: ({ code: digits }) =>
      `Your code is ${digits}. It is good for five minutes.\n\nIf you did not just log in, someone knows your password: change it.`,
  },
  fr: {
    subject: () => 'Votre code',
    text: ({ code: digits }) =>
      `Votre code est ${digits}. Il est valable cinq minutes.\n\nSi vous ne venez pas de vous connecter, quelqu'un connaît votre mot de passe : changez-le.`,
  },
})

const userFields = {
  schema: object({ mfaEnabled: boolean().default(false), mfaType: string().nullable().default(null) }),
  readKeys: { mfaEnabled: manageKey, mfaType: manageKey },
  stored: {
    mfaEnabled: { table: 'mfa_factors', key: 'user_id', column: 'enabled' },
    mfaType: { table: 'mfa_factors', key: 'user_id', column: 'type' },
  },
} as const

export const mfa = definePlugin({
  name: 'mfa',
  requires: { auth, mail },
  migrations: new URL('migrations/', import.meta.url),
  setup({ use, settings, secret }) {
    const keys = secret('MFA_ENCRYPTION_KEY')
    const parts: MfaParts = {
      auth: use.auth,
      settings,
      keys,
      seal: createSeal({ secrets: keys, purpose: 'mfa-secrets' }),
      mailCode: (call, to, digits) =>
        use.mail.queue(call, { to: to.email, locale: to.locale, template: codeMail, values: { code: digits }, usefulFor: 300 }),
    }
    return {
      provides: [mailTemplate.of(codeMail), secondFactor.of(createSecondFactor(parts))],
      extend: { user: userFields },
      settings: Object.values(own),
      reasons,
      operations: tagged('authentication', tagged('essential', [...manageOperations(parts), verify(parts)])),
      ...createDuty(settings),
    }
  },
})
