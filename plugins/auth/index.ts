// Authentication: passwords, log-in, sessions, refresh, lockout, resets and API tokens.
import { date, object } from 'yup'
import { definePlugin, tagged, verbatim, type Call, type Runtime } from '../../core/define/index.ts'
import { directory } from '../../resources/directory.ts'
import { every, job, jobs } from '../jobs/index.ts'
import { mail, mailTemplate } from '../mail/index.ts'
import { createAccounts, storePassword } from './accounts.ts'
import { ensureAdmin } from './first-admin.ts'
import { createHashing } from './hashing.ts'
import { accountKey, createLockout, createRequestLimit, sharesOf } from './lockout.ts'
import { createLogIn, secondFactor } from './login.ts'
import { changeEmailOperations, createResetTokens, mailReset, resetOperations } from './mailed-links.ts'
import { createMails, templates } from './mails.ts'
import { changePassword, passwordHooks, passwordPolicy } from './passwords.ts'
import { createPolicy, wordsAbout, wordsOf, type Known } from './policy.ts'
import { createProver, createRequireFresh, reauthenticate } from './proof.ts'
import { refresh } from './refresh.ts'
import { endSessions, hasPassedFactor, passFactor, sessionOf, sessionOperations } from './sessions.ts'
import { environment, reasons, seconds, settings as own } from './settings.ts'
import { apiTokenOperations, createAccessTokens, createAuthenticator } from './tokens.ts'
import { removeExpired, warnOfExpiry } from './upkeep.ts'

export type { Account } from './accounts.ts'
export { secondFactor, type SecondFactor } from './login.ts'

const resetJob = 'auth.reset'
const lockedJob = 'auth.locked'
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
  setup({ environment: env, use, settings, secret, log, provided, publicUrl, dataDir }) {
    const keys = secret('JWT_SECRET')
    const [key] = keys
    if (!key) throw new Error('JWT_SECRET: is empty')
    const limits = { refresh: seconds(env.JWT_REFRESH_TOKEN_DURATION), absolute: seconds(env.SESSION_DURATION) }
    const loginsPerMinute = env.RATE_LIMIT_EVENTS === 0 ? 0 : env.RATE_LIMIT_LOGINS
    const accounts = createAccounts(use.directory)
    const mails = createMails(use.mail)
    const tokens = createAccessTokens(keys, seconds(env.JWT_ACCESS_TOKEN_DURATION))
    const hashing = createHashing(env.BCRYPT_COST)
    const policy = createPolicy({ settings, hashing, names: wordsOf(['Sovrane', new URL(publicUrl).hostname]) })
    const lockout = createLockout(settings, loginsPerMinute)
    const prover = createProver({
      accounts, hashing, lockout,
      // Outside of a transaction: the refusal that follows does not undo it.
      onLock: async (call, email) => void (await use.jobs.enqueue(call, lockedJob, { email })),
    })
    const requireFresh = createRequireFresh(settings)
    const resets = createResetTokens(key)
    const resetting = {
      accounts, resets, hashing, policy, lockout,
      limit: createRequestLimit(loginsPerMinute * resetsPerLogin),
      async enqueue(call: Call, email: string) {
        const id = await use.jobs.enqueue(call, resetJob, { email })
        return (really: boolean) => use.jobs.withdraw(call, resetJob, really ? id : '')
      },
      mail: mails.reset,
    }
    const { login, complete } = createLogIn({
      accounts, prover, hashing, tokens, limits, settings, resets, factors: provided(secondFactor),
    })
    const passwords = { accounts, hashing, policy, prover }
    return {
      provides: [
        ...Object.values(templates).map((template) => mailTemplate.of(template)),
        job(resetJob, ({ email }, { run }) => run((call) => mailReset(call, String(email), resetting))),
        job(lockedJob, ({ email }, { run }) => run(async (call) => {
          const account = await use.directory.byEmail(call.db, String(email))
          if (account?.status === 'active') await mails.locked(call, account)
        })),
        every('auth.expiry-warnings', hour, async ({ run }) => {
          while (await run((call) => warnOfExpiry(call, { settings, directory: use.directory, mails, log })));
        }),
        every('auth.trim', day, ({ run }) => run(({ db }) => removeExpired(db))),
      ],
      extend: { user: userFields },
      settings: Object.values(own),
      reasons,
      operations: tagged('authentication', [
        login,
        refresh({ directory: use.directory, tokens, limits, keys }),
        reauthenticate(prover, accounts),
        ...sessionOperations,
        ...resetOperations(resetting),
        ...apiTokenOperations({ accounts, directory: use.directory, requireFresh }),
        ...changeEmailOperations({ directory: use.directory, prover, mail: mails.confirm }),
        changePassword(passwords),
        passwordPolicy(policy),
      ]),
      hooks: passwordHooks(passwords),
      authenticator: createAuthenticator(tokens),
      services: {
        complete,
        sessionOf,
        requireFresh,
        endSessions,
        passFactor,
        hasPassedFactor,
        account: accounts.byId,
        holdAccount: accounts.hold,
        storePassword,
        /**
         * Hashes a password that the policy allows for an account of which this is known.
         * @throws AppError invalid_payload at `path`, unavailable
         */
        hashNew: async (
          password: string,
          { path, about, connection }: { readonly path: string; readonly about: Known; readonly connection: Call['connection'] },
        ): Promise<string> => {
          const shares = sharesOf(accountKey(String(about.email)), connection)
          await policy.require(password, path, { words: wordsAbout(about), shares })
          return hashing.hash(password, shares)
        },
      },
      start: (runtime: Runtime) => ensureAdmin(runtime, env, {
        directory: use.directory, policy, dataDir, hash: (password) => hashing.hash(password, ['system']),
      }),
    }
  },
})
