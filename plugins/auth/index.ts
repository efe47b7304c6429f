// Authentication: passwords, log-in, sessions, refresh, lockout, resets and API tokens.
import { date, object } from 'yup'
import { definePlugin, verbatim, type Call, type Runtime } from '../../core/define/index.ts'
import { every, job, jobs } from '../jobs/index.ts'
import { mail, mailTemplate } from '../mail/index.ts'
import { createAccessTokens } from './access-token.ts'
import { apiTokenEnd, apiTokenEnds, apiTokenOperations, authenticateApiToken, isApiToken } from './api-tokens.ts'
import { changeEmailOperations } from './change-email.ts'
import { config, seconds } from './config.ts'
import { wordsAbout, wordsOf, type Known } from './context.ts'
import { warnOfExpiry } from './expiry.ts'
import { ensureAdmin } from './first-admin.ts'
import { accountOf, findAccount, lockAccount, storePassword } from './credentials.ts'
import { createRequireFresh, reauthenticate } from './fresh-proof.ts'
import { createHandOut, secondFactor } from './hand-out.ts'
import { createHashing } from './hashing.ts'
import { createLockout, sharesOf } from './lockout.ts'
import { loginContribution } from './login.ts'
import { templates } from './mails.ts'
import { sessionOperations, sessionOf } from './own-sessions.ts'
import { changePassword, passwordHooks, passwordPolicy } from './passwords.ts'
import { createPolicy } from './policy.ts'
import { accountKey, createProver } from './prove.ts'
import { mailReset, resetOperations, type ResetParts } from './reset.ts'
import { createResetTokens } from './reset-tokens.ts'
import { endSessions, sessionEnd, sessionEnds } from './sessions.ts'
import { settings as own } from './settings.ts'
import { trimAuth } from './trim.ts'
import { createWindow } from './window.ts'

export { secondFactor, type SecondFactor } from './hand-out.ts'
export type { Account } from './credentials.ts'

const resetJob = 'auth.reset'
const lockedJob = 'auth.locked'
const hour = 3600
/** Requests for a reset that an address may make for each failed log-in that it may. */
const resetsPerLogin = 3
const day = 86_400

const userFields = {
  schema: object({ password: verbatim(1024).optional(), lastLoginAt: date().nullable().default(null), passwordChangedAt: date().nullable().default(null) }),
  writeOnly: ['password'],
  stored: {
    lastLoginAt: { table: 'logins', key: 'user_id', column: 'last_login_at' },
    passwordChangedAt: { table: 'credentials', key: 'user_id', column: 'password_changed_at' },
  },
} as const

export const auth = definePlugin({
  name: 'auth',
  requires: { jobs, mail },
  config,
  migrations: new URL('migrations/', import.meta.url),
  setup({ config: env, use, settings, secret, log, provided }) {
    const keys = secret('JWT_SECRET')
    const [key] = keys
    if (!key) throw new Error('JWT_SECRET: is empty')
    const tokens = createAccessTokens(keys, seconds(env.JWT_ACCESS_TOKEN_DURATION))
    const limits = { refresh: seconds(env.JWT_REFRESH_TOKEN_DURATION), absolute: seconds(env.SESSION_DURATION) }
    const hashing = createHashing(env.BCRYPT_COST)
    const policy = createPolicy({ settings, hashing, names: wordsOf(['Sovrane', new URL(use.mail.link('/')).hostname]) })
    const lockout = createLockout(settings, env.RATE_LIMIT_EVENTS === 0 ? 0 : env.RATE_LIMIT_LOGINS)
    const resets = createResetTokens(key)
    const handOut = createHandOut({ tokens, limits, settings, resets, factors: provided(secondFactor) })
    const prover = createProver({
      hashing, lockout,
      onLock: async ({ db }, email) => void (await use.jobs.enqueue({ db, afterCommit: (task) => void task() }, lockedJob, { email })),
    })
    const requireFresh = createRequireFresh(settings)
    const resetting: ResetParts = {
      resets, hashing, policy, lockout,
      window: createWindow(env.RATE_LIMIT_EVENTS === 0 ? 0 : env.RATE_LIMIT_LOGINS * resetsPerLogin),
      async enqueue(call, email) {
        const id = await use.jobs.enqueue(call, resetJob, { email })
        return (really) => use.jobs.withdraw(call, resetJob, really ? id : '')
      },
      mail: (call, account, token) => use.mail.queue(call, {
        to: account.email, locale: account.locale, template: templates.reset, usefulFor: 1800,
        values: { link: use.mail.link('/reset-password', { token }), minutes: 30 },
      }),
    }
    const login = loginContribution({ tokens, hashing, prover, handOut, limits, keys })
    const passwords = { hashing, policy, prover }
    return {
      provides: [
        ...Object.values(templates).map((template) => mailTemplate.of(template)),
        job(resetJob, ({ email }, { run }) => run((call) => mailReset(call, String(email), resetting))),
        job(lockedJob, ({ email }, { run }) => run(async (call) => {
          const account = await findAccount(call.db, String(email))
          if (account?.status !== 'active') return
          await use.mail.queue(call, { to: account.email, locale: account.locale, template: templates.locked, values: { link: use.mail.link('/forgot-password') } })
        })),
        every('auth.expiry-warnings', hour, async ({ run }) => {
          const parts = { settings, mail: use.mail, template: templates.expiry, log }
          while (await run((call) => warnOfExpiry(call, parts)));
        }),
        every('auth.trim', day, ({ run }) => run(({ db }) => trimAuth(db))),
      ],
      extend: { user: userFields },
      settings: Object.values(own),
      operations: [
        ...login.operations,
        ...sessionOperations,
        ...resetOperations(resetting),
        ...apiTokenOperations(requireFresh),
        reauthenticate(prover),
        ...changeEmailOperations({
          prover,
          mail: (call, to, token) => use.mail.queue(call, {
            to: to.email, locale: to.locale, template: templates.confirm, values: { link: use.mail.link('/confirm-email', { token }), hours: 24 },
          }),
        }),
        changePassword(passwords),
        passwordPolicy(policy),
      ],
      hooks: [...login.hooks, ...passwordHooks(passwords)],
      authenticator: {
        authenticate: (db, token) => (isApiToken(token) ? authenticateApiToken(db, token) : Promise.resolve(tokens.verify(token))),
        ended: (db, principal) => (principal.sessionId.startsWith('token:') ? apiTokenEnd(db, principal) : sessionEnd(db, principal)),
        endedMany: async (db, principals) => {
          const ofTokens = principals.filter(({ sessionId }) => sessionId.startsWith('token:'))
          const sessions = principals.filter(({ sessionId }) => !sessionId.startsWith('token:'))
          return new Map([...(await apiTokenEnds(db, ofTokens)), ...(await sessionEnds(db, sessions))])
        },
      },
      services: {
        /** Completes a log-in whose second factor was passed. */
        complete: handOut.complete,
        sessionOf,
        requireFresh,
        endSessions,
        accountOf,
        lockAccount,
        storePassword,
        /** Hashes a password that the policy allows for an account of which this is known. @throws AppError invalid_payload at `path`, unavailable */
        hashNew: async (password: string, { path, about, connection }: { readonly path: string; readonly about: Known; readonly connection: Call['connection'] }): Promise<string> => {
          const shares = sharesOf(accountKey(String(about.email)), connection)
          await policy.require(password, path, { words: wordsAbout(about), shares })
          return hashing.hash(password, shares)
        },
      },
      start: (runtime: Runtime) => ensureAdmin(runtime, env, { ...policy, hash: (password) => hashing.hash(password, ['system']) }),
      stop: () => hashing.stop(),
    }
  },
})

