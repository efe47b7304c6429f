// Setting passwords: by an administrator through the user's row, and by the users themselves.
import { object } from 'yup'
import { AppError, note, operation, verbatim, type Call, type TargetedHook } from '../../core/define/index.ts'
import { storePassword, type Accounts } from './accounts.ts'
import type { Hashing } from './hashing.ts'
import { accountKey, sharesOf } from './lockout.ts'
import { wordsAbout, type Policy } from './policy.ts'
import type { Prover } from './proof.ts'
import { endSessions, sessionOf } from './sessions.ts'
import { reasons } from './settings.ts'

export interface PasswordParts {
  readonly accounts: Accounts
  readonly hashing: Hashing
  readonly policy: Policy
  readonly prover: Prover
}

const hashNote = note<string>('auth.password-hash')

/** Hashing takes some 50 ms: it is done before the transaction begins, so that none is held open for it. */
const hashFirst = ({ hashing, policy }: PasswordParts, key: string) => async (call: Call): Promise<void> => {
  const { password } = call.input
  const mayAsk = call.system || call.rights.holds(key)
  if (typeof password === 'string' && mayAsk) {
    policy.requireSound(password, 'password')
    const shares = sharesOf(`user:${call.actor?.id ?? ''}`, call.connection)
    await policy.require(password, 'password', { words: wordsAbout(call.input), shares })
    call.notes.set(hashNote, await hashing.hash(password, shares))
  }
}

const store = ({ policy }: PasswordParts) =>
  async ({ db, input, before, notes }: Call, output: Readonly<Record<string, unknown>>): Promise<void> => {
  const hash = notes.get(hashNote)
  if (typeof input['password'] !== 'string' || hash === undefined) return
  // After every decision over the change: a refusal must not tell an account's name to people who may not set its password.
  if (before) policy.requireOwn(input['password'], 'password', wordsAbout({
    email: before['email'], firstName: before['firstName'], lastName: before['lastName'],
  }))
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
export const passwordHooks = (parts: PasswordParts): TargetedHook[] => [
  guardOwnRow,
  ...['create', 'update'].map((action) => ({ on: `user-${action}`, prepare: hashFirst(parts, `${action}-user`), after: store(parts) })),
]

const refused = () => new AppError('unauthenticated', { message: 'The current password is wrong' })

/** auth-change-password: ends the user's other sessions. */
export const changePassword = ({ accounts, hashing, policy, prover }: PasswordParts) => operation({
  event: 'auth-change-password',
  kind: 'mutation',
  access: 'session',
  input: object({ currentPassword: verbatim(1024).required(), newPassword: verbatim(1024).required() }),
  async prepare(call) {
    const { currentPassword, newPassword } = call.input
    const { actorId } = sessionOf(call)
    policy.requireSound(newPassword, 'newPassword')
    const account = await prover.proveOwn(call, actorId, currentPassword)
    if (!account) throw refused()
    const shares = sharesOf(accountKey(account.email), call.connection)
    await policy.require(newPassword, 'newPassword', { words: wordsAbout(account), shares })
    await policy.requireNew(call.db, actorId, newPassword, { path: 'newPassword', shares })
    return { former: account.passwordHash, hash: await hashing.hash(newPassword, shares) }
  },
  async handle(call, { former, hash }) {
    const { actorId, sessionId } = sessionOf(call)
    const account = await accounts.hold(call.db, actorId, 'change')
    if (account?.passwordHash !== former) throw refused()
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
