// Second factors: TOTP and codes by mail, recovery codes, and the duty to have one.
import { boolean, object, string } from 'yup'
import { definePlugin } from '../../core/define/index.ts'
import { auth } from '../auth/index.ts'
import { mail } from '../mail/index.ts'
import { createEnrolment } from './enrolment.ts'
import { enable, setup as setupOperation } from './enrol.ts'
import { disable, manageKey, recoveryCodes, reset } from './manage.ts'
import type { MfaParts } from './parts.ts'
import { createSealing } from './sealing.ts'
import { settings as own } from './settings.ts'
import { demand, expiredHook, remark, verify } from './verify.ts'

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
    const code = use.mail.template<{ readonly code: string }>('mfa.code', {
      en: { subject: () => 'Your code', text: ({ code: digits }) => `Your code is ${digits}. It is good for five minutes.\n\nIf you did not just log in, somebody knows your password: change it.` },
      fr: { subject: () => 'Votre code', text: ({ code: digits }) => `Votre code est ${digits}. Il est valable cinq minutes.\n\nSi vous ne venez pas de vous connecter, quelqu'un connaît votre mot de passe : changez-le.` },
    })
    const parts: MfaParts = {
      settings,
      keys,
      sealing: createSealing(keys),
      mailCode: (call, to, digits) => use.mail.queue(call, { to: to.email, locale: to.locale, template: code, values: { code: digits }, usefulFor: 300 }),
      sessionOf: use.auth.sessionOf,
      requireFresh: use.auth.requireFresh,
      accountOf: use.auth.accountOf,
      lockAccount: use.auth.lockAccount,
      complete: use.auth.complete,
      endSessions: use.auth.endSessions,
    }
    use.auth.useSecondFactor({ demand: demand(parts), remark: remark(parts) })
    const enrolment = createEnrolment(settings)
    return {
      extend: { user: userFields },
      settings: Object.values(own),
      operations: [setupOperation(parts), enable(parts), disable(parts), recoveryCodes(parts), reset(parts), verify(parts)],
      hooks: [enrolment.hook, expiredHook],
      mayListen: (db, { actorId }) => enrolment.mayListen(db, actorId),
      onChange: ({ id }) => enrolment.forget(id),
      onReset: () => enrolment.forget(),
    }
  },
})
