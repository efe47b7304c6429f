// auth-login: password in, session and tokens out.
import { object, string } from 'yup'
import { AppError, operation, type Call, type Payload, type TargetedHook } from '../../core/define/index.ts'
import type { AccessTokens } from './access-token.ts'
import type { Hashing } from './hashing.ts'
import { openSession } from './sessions.ts'

export interface LoginParts {
  readonly tokens: AccessTokens
  readonly hashing: Hashing
  /** Seconds that a session lives. */
  readonly sessionLifetime: number
}

interface Account {
  readonly id: string
  readonly status: string
  readonly password_hash: string | null
}

const findAccount = async (call: Call, email: string): Promise<Account | undefined> =>
  call.db('users as u').leftJoin('credentials as c', 'c.user_id', 'u.id').whereRaw('lower(u.email) = ?', [email.toLowerCase()])
    .first('u.id', 'u.status', 'c.password_hash') as Promise<Account | undefined>

const provedNote = 'auth.proved'

/** The comparison is made before the transaction, and alike for every account there is or is not. */
const prove = ({ hashing }: LoginParts): TargetedHook => ({
  on: 'auth-login',
  async around(call, next) {
    const { email, password } = call.input
    if (typeof email === 'string' && typeof password === 'string') {
      const account = await findAccount(call, email)
      const equal = await hashing.compare(password, account?.password_hash ?? undefined)
      if (equal && account?.status === 'active') call.notes.set(provedNote, account)
    }
    return next()
  },
})

/** What a log-in hands out. */
export const handOut = async (call: Call, userId: string, { tokens, sessionLifetime }: LoginParts): Promise<Payload> => {
  const session = await openSession(call.db, userId, call.connection, sessionLifetime)
  await call.db('logins').insert({ user_id: userId, last_login_at: call.db.fn.now() }).onConflict('user_id').merge(['last_login_at'])
  const user = await call.call('user-get', { id: userId }, { as: 'system' })
  return {
    accessToken: tokens.issue(userId, session.id),
    refreshToken: session.refreshToken,
    expiresIn: tokens.lifetime,
    user,
    passwordWillExpireSoon: false,
  }
}

const login = (parts: LoginParts) => operation({
  event: 'auth-login',
  kind: 'mutation',
  access: 'public',
  input: object({ email: string().max(254).required(), password: string().max(1024).required() }),
  async handle(call) {
    const proved = call.notes.get(provedNote) as Account | undefined
    // The account may have changed while the hash was compared.
    const now = proved && (await findAccount(call as Call, call.input.email))
    if (!proved || now?.id !== proved.id || now.status !== 'active' || now.password_hash !== proved.password_hash) {
      throw new AppError('unauthenticated', { message: 'The address or the password is wrong' })
    }
    return handOut(call as Call, proved.id, parts)
  },
})

/** The operation and its hook. */
export const loginContribution = (parts: LoginParts) => ({ operations: [login(parts)], hooks: [prove(parts)] })
