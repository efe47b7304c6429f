// What a link in a mail proves. auth-request-reset and auth-reset: a new password without the old one, by a mailed token or that of an
// expired password. auth-change-email and auth-confirm-email: a new address counts once a mail to it was answered.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Knex } from 'knex'
import { object, string } from 'yup'
import { AppError, email, operation, randomToken, tokenHash, verbatim, type Call } from '../../core/define/index.ts'
import type { Directory } from '../../resources/directory.ts'
import { storePassword, type Account, type Accounts } from './accounts.ts'
import type { Hashing } from './hashing.ts'
import { accountKey, addressKey, sharesOf, type Lockout, type RequestLimit } from './lockout.ts'
import { wordsAbout, type Policy } from './policy.ts'
import { requireOwnPassword, type Prover } from './proof.ts'
import { endSessions } from './sessions.ts'

/** Minutes that a reset may take. Source: docs/protocol.md §4.1. */
const lifetime = 30
/** Seconds between two reset mails to one account. */
const mailPause = 60

export interface ResetTokens {
  /** A token to mail, the newest, which kills the older; undefined when one was mailed within the last minute. */
  forMail(db: Knex, userId: string): Promise<string | undefined>
  /**
   * For an account whose password was proved but has expired. Nothing is stored: it dies with the password that it
   * replaces, or a change of the status.
   */
  forExpired(db: Knex, userId: string): Promise<string>
  /** The user of a token, which is spent by it. Undefined: there is no such token, or no more. */
  redeem(db: Knex, token: string): Promise<string | undefined>
  /** The user of a token that could be redeemed now; nothing is spent. */
  peek(db: Knex, token: string): Promise<string | undefined>
}

const expiredPrefix = 'expired.'

interface Stored {
  readonly user_id: string
  readonly password_hash: string
  readonly era: number
}

const columns = ['user_id', 'password_hash', 'era'] as const

/** @param key a server key */
export const createResetTokens = (key: Buffer): ResetTokens => {
  const sign = (body: string, stored: Stored | undefined): Buffer =>
    createHmac('sha256', key).update('expired-password').update(JSON.stringify([body, stored?.password_hash, stored?.era])).digest()

  const expiredOwner = async (db: Knex, token: string, lock: boolean): Promise<string | undefined> => {
    const [body = '', signature = '', ...rest] = token.slice(expiredPrefix.length).split('.')
    const [userId = '', until = ''] = Buffer.from(body, 'base64url').toString('utf8').split(' ')
    if (rest.length > 0 || !(Number(until) > Date.now() / 1000)) return undefined
    const query = db('credentials').where({ user_id: userId })
    const row: Stored | undefined = await (lock ? query.forUpdate() : query).first(...columns)
    const given = Buffer.from(signature, 'base64url')
    const wanted = sign(body, row)
    return row && given.length === wanted.length && timingSafeEqual(given, wanted) ? row.user_id : undefined
  }
  const live = (db: Knex, token: string) =>
    db('password_resets').where({ token_hash: tokenHash(token) }).whereNull('used_at').whereRaw('expires_at > now()')

  return {
    async forMail(db, userId) {
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
    async forExpired(db, userId) {
      const body = Buffer.from(`${userId} ${Math.floor(Date.now() / 1000) + lifetime * 60}`).toString('base64url')
      const stored: Stored | undefined = await db('credentials').where({ user_id: userId }).first(...columns)
      return `${expiredPrefix}${body}.${sign(body, stored).toString('base64url')}`
    },
    async redeem(db, token) {
      if (token.startsWith(expiredPrefix)) return expiredOwner(db, token, true)
      const rows: { user_id: string }[] = await live(db, token).update({ used_at: db.fn.now() }).returning('user_id')
      return rows[0]?.user_id
    },
    async peek(db, token) {
      if (token.startsWith(expiredPrefix)) return expiredOwner(db, token, false)
      const row: { user_id: string } | undefined = await live(db, token).first('user_id')
      return row?.user_id
    },
  }
}

export interface ResetParts {
  readonly accounts: Accounts
  readonly resets: ResetTokens
  readonly hashing: Hashing
  readonly policy: Policy
  readonly lockout: Lockout
  /** How many requests an address may make. */
  readonly limit: RequestLimit
  /** Puts the work of a request into the queue; answers how to take it out again. */
  readonly enqueue: (call: Call, email: string) => Promise<(really: boolean) => Promise<void>>
  readonly mail: (call: Pick<Call, 'db' | 'afterCommit'>, account: Account, token: string) => Promise<void>
}

const request = ({ accounts, enqueue, limit }: ResetParts) => operation({
  event: 'auth-request-reset',
  kind: 'mutation',
  access: 'public',
  input: object({ email: email().required() }),
  prepare({ connection: { ip } }) {
    if (ip !== undefined) limit.take(addressKey(ip))
    return Promise.resolve()
  },
  async handle(call) {
    // The same statements in the same time whether there is such an account or not; without one no job is left of them.
    const account = await accounts.byEmail(call.db, call.input.email)
    const withdraw = await enqueue(call, call.input.email)
    await withdraw(account?.status !== 'active')
    return { success: true }
  },
})

/** What the queue does with a request. */
export const mailReset = async (call: Call, email: string, { accounts, resets, mail }: ResetParts): Promise<void> => {
  const account = await accounts.byEmail(call.db, email)
  if (account?.status !== 'active') return
  const token = await resets.forMail(call.db, account.id)
  if (token !== undefined) await mail(call, account, token)
}

const tokenRefused = () => new AppError('unauthenticated', { message: 'This token is invalid or has expired' })

const reset = ({ accounts, resets, hashing, policy, lockout }: ResetParts) => operation({
  event: 'auth-reset',
  kind: 'mutation',
  access: 'public',
  input: object({ token: string().max(512).required(), password: verbatim(1024).required() }),
  async prepare(call) {
    const { token, password } = call.input
    policy.requireSound(password, 'password')
    const userId = await resets.peek(call.db, token)
    const account = userId === undefined ? undefined : await accounts.byId(call.db, userId)
    if (!account) throw tokenRefused()
    const shares = sharesOf(`user:${account.id}`, call.connection)
    await policy.require(password, 'password', { words: wordsAbout(account), shares })
    await policy.requireNew(call.db, account.id, password, { path: 'password', shares })
    return hashing.hash(password, shares)
  },
  async handle(call, hash) {
    const owner = await resets.peek(call.db, call.input.token)
    const account = owner === undefined ? undefined : await accounts.hold(call.db, owner, 'change')
    if (account?.status !== 'active' || (await resets.redeem(call.db, call.input.token)) !== account.id) throw tokenRefused()
    // First, for its reason: a password that is replaced ends them anyway, and the API tokens.
    await endSessions(call.db, account.id, 'password_reset')
    await storePassword(call.db, account.id, hash)
    await lockout.succeeded(call.db, accountKey(account.email))
    return { success: true }
  },
})

export const resetOperations = (parts: ResetParts) => [request(parts), reset(parts)]

interface ChangeEmailParts {
  readonly directory: Directory
  readonly prover: Prover
  readonly mail: (call: Call, to: { readonly email: string; readonly locale: string | null }, token: string) => Promise<void>
}

/** Hours that the proof of an address may take. */
const proofLifetime = 24

const storeChange = (db: Knex, userId: string, address: string, token: string) =>
  db('email_changes')
    .insert({
      user_id: userId, email: address, token_hash: tokenHash(token), expires_at: db.raw(`now() + interval '${proofLifetime} hours'`),
    })
    .onConflict('user_id').merge()

const change = ({ directory, prover, mail }: ChangeEmailParts) => operation({
  event: 'auth-change-email',
  kind: 'mutation',
  access: 'session',
  input: object({ email: email().required(), password: verbatim(1024).required() }),
  prepare: (call) => requireOwnPassword(prover, call, call.input.password),
  async handle(call, account) {
    const address = call.input.email
    const token = randomToken()
    await storeChange(call.db, account.id, address, token)
    // An address that is taken gets no mail; the reply does not tell.
    if (!(await directory.byEmail(call.db, address))) await mail(call, { email: address, locale: account.locale }, token)
    return { success: true }
  },
})

const confirm = ({ directory }: ChangeEmailParts) => operation({
  event: 'auth-confirm-email',
  kind: 'mutation',
  access: 'public',
  input: object({ token: string().max(256).required() }),
  async handle(call) {
    const rows: { user_id: string; email: string }[] = await call.db('email_changes')
      .where({ token_hash: tokenHash(call.input.token) }).whereRaw('expires_at > now()').delete().returning(['user_id', 'email'])
    const [proved] = rows
    if (!proved) throw tokenRefused()
    await directory.changeEmail(call, proved.user_id, proved.email)
    return { success: true }
  },
})

export const changeEmailOperations = (parts: ChangeEmailParts) => [change(parts), confirm(parts)]
