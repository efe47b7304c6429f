// Accounts with their passwords: found, held, proved, and given another password, by their users or by an administrator.
import type { Knex } from 'knex'
import { object } from 'yup'
import {
  AppError, done, foldAddress, invalidPayload, note, operation, statement, verbatim, type Call, type Payload, type TargetedHook,
} from '#sovrane'
import type { Directory, DirectoryAccount } from '../../resources/directory.ts'
import type { Jobs } from '../jobs/index.ts'
import type { Shares } from './fair-queue.ts'
import type { Hashing } from './hashing.ts'
import { accountKey, sharesOf } from './lockout.ts'
import { reasons, settings as own, type AuthParts } from './parts.ts'
import { wordsAbout } from './policy.ts'
import { endSessions, sessionOf } from './sessions.ts'

export interface Account extends DirectoryAccount {
  readonly passwordHash: string | null
  /** Days since the password was set. */
  readonly passwordAge: number | null
}

/** An account whose password was proved, against this hash. */
type Proved = Account & { readonly passwordHash: string }

export const createAccounts = (directory: Directory) => {
  const find = async (db: Knex, condition: string, value: string): Promise<Account | undefined> => {
    const rows: Account[] =
      await db.from(directory.accounts(db).as('a')).leftJoin('credentials as c', 'c.user_id', 'a.id').whereRaw(condition, [value])
      .select('a.*', { passwordHash: 'c.password_hash' }, db.raw('extract(epoch from now() - c.password_changed_at)::float8 / 86400 as "passwordAge"'))
    return rows[0]
  }
  const byId = (db: Knex, id: string): Promise<Account | undefined> => find(db, 'a.id = ?', id)
  /** The account as it is now, which it stays until the transaction ends; the strengths are those of `directory.lock`. */
  const hold = async (db: Knex, id: string, strength: 'share' | 'change'): Promise<Account | undefined> => {
    await directory.lock(db, id, strength)
    // By a statement of its own: one that had waited for the lock would see the password of before.
    return byId(db, id)
  }
  return {
    byId,
    hold,
    /** Whatever the spelling of the address. */
    byEmail: (db: Knex, email: string): Promise<Account | undefined> => find(db, 'lower(a.email) = ?', foldAddress(email)),
    /** Whether it is active still, and its password the one that was proved; it stays so until the transaction ends. */
    async holdProved(db: Knex, { id, passwordHash }: Proved): Promise<boolean> {
      // Both rows are locked, so that what this had to wait for is looked at as it then is. Of two log-ins at once each may store a
      // stronger hash: they come one after another.
      const held: { rows: unknown[] } = await db.raw(`
        select 1 from ? a join credentials c on c.user_id = a.id where a.id = ? and a.status = 'active' and c.password_hash = ?
        for share of a for no key update of c`, [directory.accounts(db), id, passwordHash])
      return held.rows.length > 0
    },
  }
}

export type Accounts = ReturnType<typeof createAccounts>

type ProvingCall = Pick<Call, 'db' | 'connection' | 'notes' | 'afterCommit'>

interface ProvingParts extends Pick<AuthParts, 'accounts' | 'lockout'> {
  readonly hashing: Pick<Hashing, 'compare'>
  readonly jobs: Pick<Jobs, 'enqueue'>
}

/** Tells the owner of an address of a lock. */
export const lockedJob = 'auth.locked'

/**
 * The account with this address, if the password is its own, it is active and not locked: as it was when its hash was compared.
 * @throws AppError unavailable, which counts as no attempt
 */
export const prove = async (
  { accounts, hashing, lockout, jobs }: ProvingParts, call: ProvingCall, email: string, password: string,
): Promise<Proved | undefined> => {
  const { db, connection } = call
  const key = accountKey(email)
  const { account, hash, isRight, locks } = await lockout.attempt(db, key, connection.ip, async (mayBeRight) => {
    const found = await accounts.byEmail(db, email)
    const against = mayBeRight && found?.status === 'active' ? found.passwordHash ?? undefined : undefined
    return { account: found, hash: against, isRight: await hashing.compare(password, against, sharesOf(key, connection)) }
  })
  if (isRight && account && hash !== undefined) return { ...account, passwordHash: hash }
  // Plugins that keep records of failures are told whose this was, and what it led to.
  if (account) call.notes.set(statement, { targetType: 'user', targetId: account.id, ...(locks ? { reason: 'locked' } : {}) })
  // Whether or not an account has the address: all are treated alike, in the same time. Outside of a transaction: no refusal undoes it.
  if (locks) await jobs.enqueue(call, lockedJob, { email })
  return undefined
}

/** What is answered when the password of an open session is wrong, or was replaced meanwhile. */
export const wrongPassword = () => new AppError('unauthenticated', { message: 'The current password is wrong' })

/** The same for the user of a session. @throws AppError unauthenticated */
export const proveOwn = async (parts: AuthParts, call: ProvingCall, password: string): Promise<Proved> => {
  const account = await parts.accounts.byId(call.db, sessionOf(call).actorId)
  const proved = account && await prove(parts, call, account.email, password)
  if (!proved) throw wrongPassword()
  return proved
}

/** How many former hashes are kept; the setting asks for fewer. */
const keptHistory = 24

/** Stores a new password. What it replaces goes into the history; links that were mailed before it are void. */
export const storePassword = async (db: Knex, userId: string, hash: string): Promise<void> => {
  await db.raw('insert into password_history (user_id, password_hash) select user_id, password_hash from credentials where user_id = ?', [userId])
  await db.raw(`delete from password_history where user_id = ? and id not in (select id from password_history where user_id = ? order by id desc limit ${keptHistory})`, [userId, userId])
  await db('credentials').insert({ user_id: userId, password_hash: hash, password_changed_at: db.fn.now(), expiry_warned_at: null })
    .onConflict('user_id').merge(['password_hash', 'password_changed_at', 'expiry_warned_at'])
  // A change of the address or the status voids them by a trigger, whatever makes it.
  await db('password_resets').where({ user_id: userId }).whereNull('used_at').update({ used_at: db.fn.now() })
  await db('email_changes').where({ user_id: userId }).delete()
}

/** A stronger hash of a password that is held as proved: no change of it. */
export const replaceHash = async (db: Knex, userId: string, hash: string): Promise<void> => {
  await db('credentials').where({ user_id: userId }).update({ password_hash: hash })
}

interface NewPassword {
  /** Where the client has it. */
  readonly path: string
  /** What anyone may know of the account. */
  readonly about: Parameters<typeof wordsAbout>[0]
  readonly shares: Shares
  /** Whose it must not have been lately. */
  readonly ofUser?: string
}

/** Hashes a password that the policy allows for an account. @throws AppError invalid_payload, unavailable */
export const hashNew = async (
  { policy, hashing, settings }: AuthParts, db: Knex, password: string, { path, about, shares, ofUser }: NewPassword,
): Promise<string> => {
  await policy.require(password, path, { words: wordsAbout(about), shares })
  const count = ofUser === undefined ? 0 : settings.get(own.history)
  // The present one first.
  const former: { password_hash: string }[] = count === 0 ? [] : await db('credentials').where({ user_id: ofUser })
    .select('password_hash', db.raw('null as id'))
    .unionAll(db('password_history').where({ user_id: ofUser }).select('password_hash', 'id'))
    .orderByRaw('id desc nulls first').limit(count)
  for (const { password_hash: hash } of former) {
    if (await hashing.compare(password, hash, shares))
      throw invalidPayload([{ path, message: `must not be one of the last ${count} passwords` }])
  }
  return hashing.hash(password, shares)
}

const hashNote = note<string>('auth.password-hash')

/** Hashing takes some 50 ms: it is done before the transaction begins, so that none is held open for it. */
const hashFirst = (parts: AuthParts, key: string) => async (call: Call): Promise<void> => {
  const { password } = call.input
  if (typeof password !== 'string' || !(call.system || call.rights.holds(key))) return
  const shares = sharesOf(`user:${call.actor?.id ?? ''}`, call.connection)
  call.notes.set(hashNote, await hashNew(parts, call.db, password, { path: 'password', about: call.input, shares }))
}

const store = ({ policy }: AuthParts) => async ({ db, input, before, notes }: Call, output: Payload): Promise<void> => {
  const hash = notes.get(hashNote)
  if (typeof input['password'] !== 'string' || hash === undefined) return
  // After every decision over the change: a refusal must not tell an account's name to people who may not set its password.
  if (before) policy.requireOwn(input['password'], 'password', wordsAbout(before))
  const userId = String(output['id'])
  await storePassword(db, userId, hash)
  if (before) await endSessions(db, userId, 'password_changed')
}

/** Fields that give the account away: on its own row an API token of few rights would become the whole account. */
const opening = ['email', 'status', 'roles']

const guardOwnRow: TargetedHook = {
  on: 'user-update',
  around(call, next) {
    const isOwn = !call.system && call.actor !== undefined && call.input['id'] === call.actor.id
    // Anyone at an open session must not get the account by it, whatever its user holds.
    if (isOwn && call.input['password'] !== undefined) throw reasons['auth.own_password']()
    if (isOwn && opening.some((field) => call.input[field] !== undefined)) sessionOf(call)
    return next()
  },
}

/** The hooks by which `password` in user-create and user-update becomes a stored hash. */
export const passwordHooks = (parts: AuthParts): TargetedHook[] => [
  guardOwnRow,
  ...['create', 'update'].map((action) => ({ on: `user-${action}`, prepare: hashFirst(parts, `${action}-user`), after: store(parts) })),
]

/** auth-change-password: ends the user's other sessions. */
export const changePassword = (parts: AuthParts) => operation({
  event: 'auth-change-password',
  about: 'Changes your own password, and ends your other sessions',
  errors: ['auth.token'],
  kind: 'mutation',
  access: 'session',
  input: object({ currentPassword: verbatim(1024).required(), newPassword: verbatim(1024).required() }),
  output: done(),
  async prepare(call) {
    const { currentPassword, newPassword } = call.input
    sessionOf(call)
    parts.policy.requireSound(newPassword, 'newPassword')
    const account = await proveOwn(parts, call, currentPassword)
    const shares = sharesOf(accountKey(account.email), call.connection)
    const hash = await hashNew(parts, call.db, newPassword, { path: 'newPassword', about: account, shares, ofUser: account.id })
    return { former: account.passwordHash, hash }
  },
  async handle(call, { former, hash }) {
    const { actorId, sessionId } = sessionOf(call)
    const account = await parts.accounts.hold(call.db, actorId, 'change')
    if (account?.passwordHash !== former) throw wrongPassword()
    await storePassword(call.db, actorId, hash)
    await endSessions(call.db, actorId, 'password_changed', sessionId)
    return { success: true }
  },
})
