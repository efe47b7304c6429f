// Authentication: passwords, log-in, sessions and access tokens.
import { date, object, string } from 'yup'
import { definePlugin } from '../../core/define/index.ts'
import { createAccessTokens } from './access-token.ts'
import { config, seconds } from './config.ts'
import { ensureAdmin } from './first-admin.ts'
import { createHashing } from './hashing.ts'
import { loginContribution } from './login.ts'
import { passwordHooks } from './passwords.ts'
import { sessionEnd } from './sessions.ts'

export const auth = definePlugin({
  name: 'auth',
  config,
  migrations: new URL('migrations/', import.meta.url),
  setup({ config: { ADMIN_EMAIL, ADMIN_PASSWORD, BCRYPT_COST, ...durations }, secret }) {
    const tokens = createAccessTokens(secret('JWT_SECRET'), seconds(durations.JWT_ACCESS_TOKEN_DURATION))
    const hashing = createHashing(BCRYPT_COST)
    const { operations, hooks } = loginContribution({ tokens, hashing, sessionLifetime: seconds(durations.JWT_REFRESH_TOKEN_DURATION) })
    return {
      extend: {
        user: {
          schema: object({ password: string().max(1024).optional(), lastLoginAt: date().nullable().default(null), passwordChangedAt: date().nullable().default(null) }),
          writeOnly: ['password'],
          stored: {
            lastLoginAt: { table: 'logins', key: 'user_id', column: 'last_login_at' },
            passwordChangedAt: { table: 'credentials', key: 'user_id', column: 'password_changed_at' },
          },
        },
      },
      operations,
      hooks: [...hooks, ...passwordHooks(hashing)],
      authenticator: {
        authenticate: (token: unknown) => Promise.resolve(tokens.verify(token)),
        ended: (db, { sessionId, actorId }) => sessionEnd(db, sessionId, actorId),
      },
      start: (runtime) => ensureAdmin(runtime, { ADMIN_EMAIL, ADMIN_PASSWORD }),
      stop: () => hashing.stop(),
    }
  },
})
