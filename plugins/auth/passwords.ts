// Setting passwords: by an administrator through the user's row, and by the users themselves.
import { object } from 'yup'
import { AppError, operation, verbatim, type Call, type TargetedHook } from '../../core/define/index.ts'
import { lockAccount, storePassword, voidMailedLinks } from './credentials.ts'
import { wordsAbout, wordsOfUser } from './context.ts'
import type { Hashing } from './hashing.ts'
import { sharesOf } from './lockout.ts'
import { sessionOf } from './own-sessions.ts'
import type { Policy } from './policy.ts'
import { accountKey, type Prover } from './prove.ts'
import { endSessions } from './sessions.ts'

export interface PasswordParts {
  readonly hashing: Hashing
  readonly policy: Policy
  readonly prover: Prover
}

const hashNote = 'auth.password-hash'

/** Hashing takes some 50 ms: it is done before the transaction begins, so that none is held open for it. */
const hashFirst = ({ hashing, policy }: PasswordParts, key: string) => async (call: Call, next: () => Promise<Readonly<Record<string, unknown>>>) => {
  const { password } = call.input
  const mayAsk = call.system || call.rights.holds(key)
  if (typeof password === 'string' && mayAsk) {
    policy.requireSound(password, 'password')
    const shares = sharesOf(`user:${call.actor?.id ?? ''}`, call.connection)
    await policy.require(password, 'password', { words: wordsAbout(call.input), shares })
    call.notes.set(hashNote, await hashing.hash(password, shares))
  }
  return next()
}

/** After every decision over the change: a refusal does not tell what the account's name is to people who may not set its password. */
const lookAgain = ({ policy }: PasswordParts, { before, input: { password } }: Call): void => {
  if (typeof password !== 'string' || !before) return
  policy.requireOwn(password, 'password', wordsAbout({ email: before['email'], firstName: before['firstName'], lastName: before['lastName'] }))
}

const store = (parts: PasswordParts) => async (call: Call, output: Readonly<Record<string, unknown>>): Promise<void> => {
  lookAgain(parts, call)
  const hash = call.notes.get(hashNote)
  const userId = String(output['id'])
  if (call.before && call.input['email'] !== undefined && call.input['email'] !== call.before['email']) await voidMailedLinks(call.db, userId)
  if (typeof hash !== 'string') return
  await storePassword(call.db, userId, hash)
  if (call.before) await endSessions(call.db, userId, 'password_changed')
}

/**
 * Whoever sits at an open session must not get the account by it: one's own password asks for the old one, whatever one holds.
 * Nobody asks about one's own row: with the others on it an API token of few rights would become the whole account.
 */
const opening = ['email', 'password', 'status', 'roles']

const guardOwnRow: TargetedHook = {
  on: 'user-update',
  around(call, next) {
    const isOwn = !call.system && call.actor !== undefined && call.input['id'] === call.actor.id
    if (isOwn && call.input['password'] !== undefined) {
      throw new AppError('forbidden', { message: 'One\'s own password is changed by auth-change-password', details: { reason: 'auth.own_password' } })
    }
    if (isOwn && opening.some((field) => call.input[field] !== undefined)) sessionOf(call)
    return next()
  },
}

/** The hooks by which `password` in user-create and user-update becomes a stored hash. */
export const passwordHooks = (parts: PasswordParts): TargetedHook[] => [
  guardOwnRow,
  ...['create', 'update'].map((action) => ({ on: `user-${action}`, around: hashFirst(parts, `${action}-user`), after: store(parts) })),
]

/** auth-change-password: ends the user's other sessions. */
export const changePassword = ({ hashing, policy, prover }: PasswordParts) => operation({
  event: 'auth-change-password',
  kind: 'mutation',
  access: 'session',
  input: object({ currentPassword: verbatim(1024).required(), newPassword: verbatim(1024).required() }),
  async prepare(call) {
    const { actorId } = sessionOf(call)
    const { currentPassword, newPassword } = call.input
    policy.requireSound(newPassword, 'newPassword')
    const account = await prover.proveOwn(call, actorId, currentPassword)
    if (!account) throw new AppError('unauthenticated', { message: 'The current password is wrong' })
    const shares = sharesOf(accountKey(account.email), call.connection)
    await policy.require(newPassword, 'newPassword', { words: await wordsOfUser(call.db, actorId), shares })
    await policy.requireNew(call.db, actorId, newPassword, { path: 'newPassword', shares })
    return { former: account.password_hash, hash: await hashing.hash(newPassword, shares) }
  },
  async handle(call, { former, hash }) {
    const { actorId, sessionId } = sessionOf(call)
    await lockAccount(call.db, actorId, 'change')
    const locked: { password_hash: string } | undefined = await call.db('credentials').where({ user_id: actorId }).first('password_hash')
    if (locked?.password_hash !== former) throw new AppError('unauthenticated', { message: 'The current password is wrong' })
    await storePassword(call.db, actorId, hash)
    await endSessions(call.db, actorId, 'password_changed', sessionId)
    return { success: true }
  },
})

/** auth-password-policy: for forms. */
export const passwordPolicy = (policy: Policy) => operation({
  event: 'auth-password-policy',
  kind: 'query',
  access: 'public',
  input: object({}),
  handle: () => Promise.resolve(policy.describe()),
})
