// What a log-in ends with: a session and its tokens, or the demand for a second factor.
import type { Knex } from 'knex'
import { AppError, extensionPoint, type Call, type Payload, type Settings } from '../../core/define/index.ts'
import type { AccessTokens } from './access-token.ts'
import { accountOf, lockAccount, type Account } from './credentials.ts'
import type { ResetTokens } from './reset-tokens.ts'
import { openSession, type SessionLimits } from './sessions.ts'
import { settings as own } from './settings.ts'

/** Another plugin's say in a log-in whose password was proved. */
export interface SecondFactor {
  /** What the client is told in place of tokens; undefined when the account has no second factor. */
  demand(call: Call, userId: string): Promise<Payload | undefined>
  /** What is added to the reply of a log-in that needed none. */
  remark(call: Call, userId: string): Promise<Payload>
}

/** At most one plugin provides it. */
export const secondFactor = extensionPoint<SecondFactor>({ plugin: 'auth', kind: 'second factor' })

export interface HandOutParts {
  readonly tokens: AccessTokens
  readonly limits: SessionLimits
  readonly settings: Settings
  readonly resets: ResetTokens
  readonly factors: ReadonlyMap<string, SecondFactor>
}

export interface HandOut {
  /** After the password: the second factor's demand, or the log-in. */
  readonly afterPassword: (call: Call, account: Account) => Promise<Payload>
  /** After everything. @throws AppError password_expired */
  readonly complete: (call: Call, account: Account, options: { readonly factorPassed: boolean }) => Promise<Payload>
}

const remember = async (db: Knex, userId: string): Promise<void> => {
  await db('logins').insert({ user_id: userId, last_login_at: db.fn.now() }).onConflict('user_id').merge(['last_login_at'])
}

export const createHandOut = ({ tokens, limits, settings, resets, factors }: HandOutParts): HandOut => {
  const second = (): SecondFactor | undefined => [...factors.values()][0]
  const daysLeft = (account: Account): number =>
    settings.get(own.expire) && account.age !== null ? settings.get(own.expireAfter) - account.age : Number.POSITIVE_INFINITY

  const complete: HandOut['complete'] = async (call, account, { factorPassed }) => {
    await lockAccount(call.db, account.id, 'share')
    const now = await accountOf(call.db, account.id)
    if (now?.status !== 'active' || now.password_hash !== account.password_hash) throw new AppError('unauthenticated')
    const left = daysLeft(account)
    if (left <= 0) {
      throw new AppError('password_expired', { details: { resetToken: await resets.forExpired(call.db, account.id) } })
    }
    const session = await openSession(call.db, account.id, call.connection, limits)
    if (factorPassed) await call.db('sessions').where({ id: session.id }).update({ factor_passed_at: call.db.fn.now() })
    await remember(call.db, account.id)
    return {
      ...tokens.issue(account.id, session.id, limits.absolute),
      refreshToken: session.refreshToken,
      user: await call.call('user-get', { id: account.id }, { as: 'system' }),
      passwordWillExpireSoon: left <= settings.get(own.warningDays),
      ...(factorPassed ? {} : await second()?.remark(call, account.id)),
    }
  }
  return {
    complete,
    afterPassword: async (call, account) => (await second()?.demand(call, account.id)) ?? complete(call, account, { factorPassed: false }),
  }
}
