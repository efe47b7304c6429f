// Authentication: passwords, log-in, sessions, refresh, lockout, resets and API tokens.
import { date, object } from 'yup'
import { definePlugin, tagged, verbatim, type Call, type Runtime } from '#sovrane'
import { directory } from '../../resources/directory.ts'
import { every, job, jobs } from '../jobs/index.ts'
import { mail, mailTemplate } from '../mail/index.ts'
import { apiTokenOperations } from './api-tokens.ts'
import { createHashing } from './hashing.ts'
import { accountKey, createLockout, createRequestLimit, sharesOf } from './lockout.ts'
import { enter, login, reauthenticate, secondFactor } from './login.ts'
import { otherOperations } from './others.ts'
import { createResetTokens, mailedLinkOperations, mailReset, resetJob } from './mailed-links.ts'
import { createMails, templates } from './mails.ts'
import { environment, reasons, seconds, settings as own, type AuthParts } from './parts.ts'
import { changePassword, createAccounts, hashNew, lockedJob, passwordHooks, storePassword, type Account } from './passwords.ts'
import { createPolicy, passwordPolicy, wordsOf, type Known } from './policy.ts'
import { endSessions, hasPassedFactor, passFactor, requireFresh, sessionOf, sessionOperations } from './sessions.ts'
import { createAccessTokens, createAuthenticator, refresh } from './tokens.ts'
import { ensureAdmin, removeExpired, warnOfExpiry } from './upkeep.ts'

export type { Account }
export { loginReply, secondFactor, type SecondFactor } from './login.ts'

/** Seconds. */
const hour = 3600
const day = 86_400
/** Requests for a reset that an address may make for each failed log-in that it may. */
const resetsPerLogin = 3

const userFields = {
  schema: object({
    password: verbatim(1024).optional(), lastLoginAt: date().nullable().default(null), passwordChangedAt: date().nullable().default(null),
  }),
  writeOnly: ['password'],
  stored: {
    lastLoginAt: { table: 'logins', key: 'user_id', column: 'last_login_at' },
    passwordChangedAt: { table: 'credentials', key: 'user_id', column: 'password_changed_at' },
  },
} as const

export const auth = definePlugin({
  name: 'auth',
  requires: { directory, jobs, mail },
  environment,
  migrations: new URL('migrations/', import.meta.url),
  commands: { admin: { about: 'lets an administrator in who is locked out', load: () => import('./command.ts') } },
  setup({ environment: env, use, settings, secret, log, provided, publicUrl, dataDir }) {
    const keys = secret('JWT_SECRET')
    const loginsPerMinute = env.RATE_LIMIT_EVENTS === 0 ? 0 : env.RATE_LIMIT_LOGINS
    const hashing = createHashing(env.BCRYPT_COST)
    const parts: AuthParts = {
      settings, directory: use.directory, jobs: use.jobs, keys, hashing,
      limits: { refresh: seconds(env.JWT_REFRESH_TOKEN_DURATION), absolute: seconds(env.SESSION_DURATION) },
      accounts: createAccounts(use.directory),
      policy: createPolicy({ settings, hashing, names: wordsOf(['Sovrane', new URL(publicUrl).hostname]) }),
      lockout: createLockout(settings, loginsPerMinute),
      mailLimit: createRequestLimit(loginsPerMinute * resetsPerLogin),
      tokens: createAccessTokens(keys, seconds(env.JWT_ACCESS_TOKEN_DURATION)),
      resets: createResetTokens(keys[0]),
      mails: createMails(use.mail),
      factors: provided(secondFactor),
    }
    const { accounts, mails } = parts
    return {
      provides: [
        ...Object.values(templates).map((template) => mailTemplate.of(template)),
        job(resetJob, ({ email }, { run }) => run((call) => mailReset(call, String(email), parts))),
        job(lockedJob, ({ email }, { run }) => run(async (call) => {
          const account = await use.directory.byEmail(call.db, String(email))
          if (account?.status === 'active') await mails.locked(call, account)
        })),
        every('auth.expiry-warnings', hour, async ({ run }) => {
          while (await run((call) => warnOfExpiry(call, log, parts)));
        }),
        every('auth.trim', day, ({ run }) => run(({ db }) => removeExpired(db))),
      ],
      extend: { user: userFields },
      settings: Object.values(own),
      metrics: [{
        name: 'sovrane_auth_hashing', kind: 'gauge', help: 'Passwords that are hashed or compared, or wait for it',
        read: () => hashing.waiting(),
      }],
      reasons,
      operations: tagged('authentication', [
        ...[login, refresh, reauthenticate, changePassword, passwordPolicy].map((make) => make(parts)),
        ...sessionOperations, ...mailedLinkOperations(parts), ...apiTokenOperations(parts), ...otherOperations,
      ]),
      hooks: passwordHooks(parts),
      authenticator: createAuthenticator(parts.tokens),
      services: {
        /** Lets an account in that is held and has proved all that it must. */
        enter: (call: Call, account: Account, proved: { readonly factorPassed: boolean }) => enter(parts, call, account, proved),
        sessionOf,
        requireFresh: (call: Pick<Call, 'db' | 'connection'>) => requireFresh(settings, call),
        endSessions,
        passFactor,
        hasPassedFactor,
        account: accounts.byId,
        holdAccount: accounts.hold,
        storePassword,
        /** Hashes a password that the policy allows for an account of which this is known. @throws AppError invalid_payload, unavailable */
        hashNew: ({ db, connection }: Pick<Call, 'db' | 'connection'>, password: string, path: string, about: Known): Promise<string> =>
          hashNew(parts, db, password, { path, about, shares: sharesOf(accountKey(String(about.email)), connection) }),
      },
      start: (runtime: Runtime) => ensureAdmin(runtime, env, dataDir, parts),
    }
  },
})
