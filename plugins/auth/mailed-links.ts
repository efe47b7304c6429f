// What a link in a mail proves. auth-request-reset and auth-reset: a new password without the old one, by a mailed token or that of an
// expired password. auth-change-email and auth-confirm-email: a new address counts once a mail to it was answered.
import { createHmac } from 'node:crypto'
import type { Knex } from 'knex'
import { object, string } from 'yup'
import { AppError, done, email, isSame, operation, randomToken, tokenHash, verbatim, type Call } from '#sovrane'
import { accountKey, addressKey, sharesOf } from './lockout.ts'
import type { AuthParts } from './parts.ts'
import { hashNew, proveOwn, storePassword, wrongPassword } from './passwords.ts'
import { endSessions } from './sessions.ts'

/** Minutes that a reset may take. Source: docs/protocol.md §4.1. */
const lifetime = 30
/** Seconds between two reset mails to one account. */
const mailPause = 60

const expiredPrefix = 'expired.'

/** @param key a server key */
export const createResetTokens = (key: Buffer) => {
  const sign = async (db: Knex, userId: string, body: string): Promise<string> => {
    const stored: { hash: string; era: number } | undefined =
      await db('credentials').where({ user_id: userId }).first({ hash: 'password_hash', era: 'era' })
    const signed = JSON.stringify([body, stored?.hash, stored?.era])
    return createHmac('sha256', key).update('expired-password').update(signed).digest('base64url')
  }

  const ownerOfExpired = async (db: Knex, token: string): Promise<string | undefined> => {
    const [body = '', signature = '', ...rest] = token.slice(expiredPrefix.length).split('.')
    const [userId = '', until = ''] = Buffer.from(body, 'base64url').toString('utf8').split(' ')
    if (rest.length > 0 || !(Number(until) > Date.now() / 1000)) return undefined
    return isSame(signature, await sign(db, userId, body)) ? userId : undefined
  }
  const live = (db: Knex, token: string) =>
    db('password_resets').where({ token_hash: tokenHash(token) }).whereNull('used_at').whereRaw('expires_at > now()')

  /** The user of a token that could be spent now; undefined when there is no such token, or no more. */
  const ownerOf = async (db: Knex, token: string): Promise<string | undefined> => {
    if (token.startsWith(expiredPrefix)) return ownerOfExpired(db, token)
    const row: { user_id: string } | undefined = await live(db, token).first('user_id')
    return row?.user_id
  }

  return {
    /** A token to mail, the newest, which kills the older; undefined when one was mailed within the last minute. */
    async forMail(db: Knex, userId: string): Promise<string | undefined> {
      const token = randomToken()
      const result: { rows: unknown[] } = await db.raw(`
        insert into password_resets as r (user_id, token_hash, expires_at, mailed_at)
        values (?, ?, now() + interval '${lifetime} minutes', now())
        on conflict (user_id) do update set token_hash = excluded.token_hash, expires_at = excluded.expires_at,
          used_at = null, mailed_at = now()
          where r.mailed_at < now() - interval '${mailPause} seconds' or r.used_at is not null
        returning user_id`, [userId, tokenHash(token)])
      return result.rows.length > 0 ? token : undefined
    },
    /** For a password that was proved but has expired. Nothing is stored: it dies with the password, or a change of the status. */
    async forExpired(db: Knex, userId: string): Promise<string> {
      const body = Buffer.from(`${userId} ${Math.floor(Date.now() / 1000) + lifetime * 60}`).toString('base64url')
      return `${expiredPrefix}${body}.${await sign(db, userId, body)}`
    },
    ownerOf,
    /** Spends a token of a user who is held; false when it is no longer theirs. That of an expired password is spent with the password. */
    spend: async (db: Knex, userId: string, token: string): Promise<boolean> => (token.startsWith(expiredPrefix)
      ? (await ownerOfExpired(db, token)) === userId
      : (await live(db, token).where({ user_id: userId }).update({ used_at: db.fn.now() })) > 0),
  }
}

export type ResetTokens = ReturnType<typeof createResetTokens>

/** What the queue does with a request. */
export const resetJob = 'auth.reset'

const request = ({ accounts, jobs, mailLimit }: AuthParts) => operation({
  event: 'auth-request-reset',
  about: 'Mails a link to set a new password, if there is such an account',
  kind: 'mutation',
  access: 'public',
  input: object({ email: email().required() }),
  output: done(),
  prepare({ connection: { ip } }) {
    if (ip !== undefined) mailLimit.take(addressKey(ip))
    return Promise.resolve()
  },
  async handle(call) {
    // The same statements in the same time whether there is such an account or not; without one no job is left of them.
    const account = await accounts.byEmail(call.db, call.input.email)
    const id = await jobs.enqueue(call, resetJob, { email: call.input.email })
    await jobs.withdraw(call, resetJob, account?.status === 'active' ? '' : id)
    return { success: true }
  },
})

export const mailReset = async (call: Call, address: string, { accounts, resets, mails }: AuthParts): Promise<void> => {
  const account = await accounts.byEmail(call.db, address)
  if (account?.status !== 'active') return
  const token = await resets.forMail(call.db, account.id)
  if (token !== undefined) await mails.reset(call, account, token)
}

const tokenRefused = () => new AppError('unauthenticated', { message: 'This token is invalid or has expired' })

const reset = (parts: AuthParts) => operation({
  event: 'auth-reset',
  about: 'Sets a new password by the token of a mailed link',
  errors: ['unauthenticated'],
  kind: 'mutation',
  access: 'public',
  input: object({ token: string().max(512).required(), password: verbatim(1024).required() }),
  output: done(),
  async prepare(call) {
    const { token, password } = call.input
    parts.policy.requireSound(password, 'password')
    const userId = await parts.resets.ownerOf(call.db, token)
    const account = userId === undefined ? undefined : await parts.accounts.byId(call.db, userId)
    if (!account) throw tokenRefused()
    const { id: ofUser } = account
    const shares = sharesOf(`user:${ofUser}`, call.connection)
    return { userId: ofUser, hash: await hashNew(parts, call.db, password, { path: 'password', about: account, shares, ofUser }) }
  },
  async handle(call, { userId, hash }) {
    const account = await parts.accounts.hold(call.db, userId, 'change')
    if (account?.status !== 'active' || !(await parts.resets.spend(call.db, userId, call.input.token))) throw tokenRefused()
    // First, for its reason: a password that is replaced ends them anyway, and the API tokens.
    await endSessions(call.db, userId, 'password_reset')
    await storePassword(call.db, userId, hash)
    await parts.lockout.lift(call.db, accountKey(account.email))
    return { success: true }
  },
})

/** Hours that the proof of an address may take. */
const proofLifetime = 24

const change = (parts: AuthParts) => operation({
  event: 'auth-change-email',
  about: 'Mails a link to your new address, which proves it',
  errors: ['auth.token'],
  kind: 'mutation',
  access: 'session',
  input: object({ email: email().required(), password: verbatim(1024).required() }),
  output: done(),
  prepare: (call) => proveOwn(parts, call, call.input.password),
  async handle(call, account) {
    // Links that are on their way are void once the password is replaced: this one must not come after it.
    if (!(await parts.accounts.holdProved(call.db, account))) throw wrongPassword()
    const address = call.input.email
    const token = randomToken()
    const end = call.db.raw(`now() + interval '${proofLifetime} hours'`)
    await call.db('email_changes').insert({ user_id: account.id, email: address, token_hash: tokenHash(token), expires_at: end })
      .onConflict('user_id').merge()
    // An address that is taken gets no mail; the reply does not tell.
    const isTaken = await parts.directory.byEmail(call.db, address)
    if (!isTaken) await parts.mails.confirm(call, { email: address, locale: account.locale }, token)
    return { success: true }
  },
})

const confirm = ({ directory }: AuthParts) => operation({
  event: 'auth-confirm-email',
  about: 'Makes a new address yours by the token of a mailed link',
  errors: ['unauthenticated', 'conflict'],
  changes: ['user'],
  kind: 'mutation',
  access: 'public',
  input: object({ token: string().max(256).required() }),
  output: done(),
  async handle(call) {
    const rows: { user_id: string; email: string }[] = await call.db('email_changes')
      .where({ token_hash: tokenHash(call.input.token) }).whereRaw('expires_at > now()').delete().returning(['user_id', 'email'])
    const [proved] = rows
    if (!proved) throw tokenRefused()
    await directory.changeEmail(call, proved.user_id, proved.email)
    return { success: true }
  },
})

export const mailedLinkOperations = (parts: AuthParts) => [request(parts), reset(parts), change(parts), confirm(parts)]
