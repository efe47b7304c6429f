// auth-request-reset and auth-reset: a new password by mail. Everybody gets the same answer in the same time.
import { object, string } from 'yup'
import { AppError, email, operation, verbatim, type Call } from '../../core/define/index.ts'
import { accountOf, findAccount, lockAccount, storePassword, type Account } from './credentials.ts'
import { wordsOfUser } from './context.ts'
import type { Hashing } from './hashing.ts'
import { addressKey, sharesOf, type Lockout } from './lockout.ts'
import type { Policy } from './policy.ts'
import { accountKey } from './prove.ts'
import type { ResetTokens } from './reset-tokens.ts'
import { endSessions } from './sessions.ts'
import type { Window } from './window.ts'

export interface ResetParts {
  readonly resets: ResetTokens
  readonly hashing: Hashing
  readonly policy: Policy
  readonly lockout: Lockout
  /** How many requests an address may make. */
  readonly window: Window
  /** Puts the work of a request into the queue; answers how to take it out again. */
  readonly enqueue: (call: Call, email: string) => Promise<(really: boolean) => Promise<void>>
  readonly mail: (call: Pick<Call, 'db' | 'afterCommit'>, account: Account, token: string) => Promise<void>
}

const request = ({ enqueue, window }: ResetParts) => operation({
  event: 'auth-request-reset',
  kind: 'mutation',
  access: 'public',
  input: object({ email: email().required() }),
  prepare({ connection: { ip } }) {
    if (ip !== undefined) window.take(addressKey(ip))
    return Promise.resolve()
  },
  async handle(call) {
    // The same statements for everybody, in the same time; for nobody no job is left of them.
    const account = await findAccount(call.db, call.input.email)
    const withdraw = await enqueue(call, call.input.email)
    await withdraw(account?.status !== 'active')
    return { success: true }
  },
})

/** What the queue does with a request. */
export const mailReset = async (call: Call, email: string, { resets, mail }: ResetParts): Promise<void> => {
  const account = await findAccount(call.db, email)
  if (account?.status !== 'active') return
  const token = await resets.forMail(call.db, account.id)
  if (token !== undefined) await mail(call, account, token)
}

const refused = () => new AppError('unauthenticated', { message: 'This token is not valid, or not any more' })

const reset = ({ resets, hashing, policy, lockout }: ResetParts) => operation({
  event: 'auth-reset',
  kind: 'mutation',
  access: 'public',
  input: object({ token: string().max(512).required(), password: verbatim(1024).required() }),
  async prepare(call) {
    const { token, password } = call.input
    policy.requireSound(password, 'password')
    const userId = await resets.peek(call.db, token)
    if (userId === undefined) throw refused()
    const shares = sharesOf(`user:${userId}`, call.connection)
    await policy.require(password, 'password', { words: await wordsOfUser(call.db, userId), shares })
    await policy.requireNew(call.db, userId, password, { path: 'password', shares })
    return hashing.hash(password, shares)
  },
  async handle(call, hash) {
    const owner = await resets.peek(call.db, call.input.token)
    if (owner !== undefined) await lockAccount(call.db, owner, 'change')
    const userId = await resets.redeem(call.db, call.input.token)
    const account = userId === undefined ? undefined : await accountOf(call.db, userId)
    if (account?.status !== 'active') throw refused()
    // First, for its reason: a password that is replaced ends them anyway, and the API tokens.
    await endSessions(call.db, account.id, 'password_reset')
    await storePassword(call.db, account.id, hash)
    await lockout.succeeded(call.db, accountKey(account.email))
    return { success: true }
  },
})

export const resetOperations = (parts: ResetParts) => [request(parts), reset(parts)]
