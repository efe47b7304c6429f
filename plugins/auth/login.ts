// auth-login and auth-refresh: a password or a refresh token in, tokens out.
import { object, string } from 'yup'
import { AppError, email, operation, verbatim } from '../../core/define/index.ts'
import type { AccessTokens } from './access-token.ts'
import { accountOf, lockAccount, rehash, type Account } from './credentials.ts'
import type { HandOut } from './hand-out.ts'
import { isOutdated, type Hashing } from './hashing.ts'
import { sharesOf } from './lockout.ts'
import { accountKey, type Prover } from './prove.ts'
import { endSession, rotate, type SessionLimits } from './sessions.ts'

export interface LoginParts {
  readonly tokens: AccessTokens
  readonly hashing: Hashing
  readonly prover: Prover
  readonly handOut: HandOut
  readonly limits: SessionLimits
  readonly keys: readonly Buffer[]
}

const refused = () => new AppError('unauthenticated', { message: 'The address or the password is wrong' })

const login = ({ prover, hashing, handOut }: LoginParts) => operation({
  event: 'auth-login',
  secret: true,
  kind: 'mutation',
  access: 'public',
  input: object({ email: email().required(), password: verbatim(1024).required() }),
  async prepare(call): Promise<{ account: Account; stronger: string | undefined }> {
    const { email, password } = call.input
    const account = await prover.prove(call, email, password)
    if (!account) throw refused()
    const shares = sharesOf(accountKey(email), call.connection)
    const outdated = account.password_hash !== null && await isOutdated(hashing, password, account.password_hash, shares)
    return { account, stronger: outdated ? await hashing.hash(password, shares) : undefined }
  },
  async handle(call, { account, stronger }) {
    // The account may have changed while the hash was compared, and a second factor be just about to be enabled.
    await lockAccount(call.db, account.id, 'share')
    const now = await accountOf(call.db, account.id)
    if (now?.status !== 'active' || now.password_hash !== account.password_hash) throw refused()
    if (stronger !== undefined && account.password_hash !== null) await rehash(call.db, account.id, account.password_hash, stronger)
    return handOut.afterPassword(call, stronger === undefined ? account : { ...account, password_hash: stronger })
  },
})

interface Renewal {
  readonly accessToken: string
  readonly refreshToken: string
  readonly expiresIn: number
  readonly reused: boolean
}

const refresh = ({ tokens, limits, keys }: LoginParts) => operation({
  event: 'auth-refresh',
  secret: true,
  kind: 'mutation',
  access: 'public',
  input: object({ refreshToken: string().max(256).required() }),
  async handle(call) {
    const rotation = await rotate(call.db, call.input.refreshToken, keys, limits)
    const { sessionId, userId } = rotation
    const { principal } = call.connection
    if (rotation.kind === 'reused') {
      // It must stay ended although this call is refused; whoever shows the token.
      await endSession(call.db, userId, sessionId, 'reuse')
      call.notes.set('audit', { targetType: 'user', targetId: userId, reason: 'reuse', failure: 'unauthenticated' })
      return { reused: true } satisfies Partial<Renewal>
    }
    if (principal && principal.sessionId !== sessionId) throw new AppError('unauthenticated', { message: 'This token belongs to another session' })
    const account = await accountOf(call.db, userId)
    if (account?.status !== 'active') throw new AppError('unauthenticated')
    const issued = tokens.issue(userId, sessionId, rotation.left)
    const { accessToken } = issued
    if (principal) call.afterCommit(() => call.connection.renew?.({ ...principal, expiresAt: tokens.verify(accessToken).expiresAt }))
    return { ...issued, refreshToken: rotation.refreshToken }
  },
})

/** The operations, and the hook that turns the end of a stolen session into a refusal once it is committed. */
export const loginContribution = (parts: LoginParts) => ({
  operations: [login(parts), refresh(parts)],
  hooks: [{
    on: 'auth-refresh',
    async around(_call: unknown, next: () => Promise<Readonly<Record<string, unknown>>>) {
      const output = await next()
      if (output['reused'] === true) throw new AppError('unauthenticated')
      return output
    },
  }],
})
