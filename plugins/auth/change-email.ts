// auth-change-email and auth-confirm-email: a new address counts once a mail to it was answered.
import type { Knex } from 'knex'
import { object, string } from 'yup'
import { AppError, conflict, email, operation, verbatim, type Call } from '../../core/define/index.ts'
import { findAccount, voidMailedLinks, type Account } from './credentials.ts'
import { sessionOf } from './own-sessions.ts'
import type { Prover } from './prove.ts'
import { randomToken, tokenHash } from './sessions.ts'

export interface ChangeEmailParts {
  readonly prover: Prover
  readonly mail: (call: Call, to: { readonly email: string; readonly locale: string | null }, token: string) => Promise<void>
}

/** Hours that the proof may take. */
const lifetime = 24

const store = (db: Knex, userId: string, address: string, token: string) =>
  db('email_changes').insert({ user_id: userId, email: address, token_hash: tokenHash(token), expires_at: db.raw(`now() + interval '${lifetime} hours'`) })
    .onConflict('user_id').merge()

const change = ({ prover, mail }: ChangeEmailParts) => operation({
  event: 'auth-change-email',
  kind: 'mutation',
  access: 'session',
  input: object({ email: email().required(), password: verbatim(1024).required() }),
  async prepare(call): Promise<Account> {
    const account = await prover.proveOwn(call, sessionOf(call).actorId, call.input.password)
    if (!account) throw new AppError('unauthenticated', { message: 'The password is wrong' })
    return account
  },
  async handle(call, account) {
    const address = call.input.email
    const token = randomToken()
    await store(call.db, account.id, address, token)
    // An address that is taken gets no mail; the reply does not tell.
    if (!(await findAccount(call.db, address))) await mail(call, { email: address, locale: account.locale }, token)
    return { success: true }
  },
})

const confirm = operation({
  event: 'auth-confirm-email',
  kind: 'mutation',
  access: 'public',
  input: object({ token: string().max(256).required() }),
  async handle(call) {
    const rows: { user_id: string; email: string }[] = await call.db('email_changes')
      .where({ token_hash: tokenHash(call.input.token) }).whereRaw('expires_at > now()').delete().returning(['user_id', 'email'])
    const [proved] = rows
    if (!proved) throw new AppError('unauthenticated', { message: 'This token is not valid, or not any more' })
    if (await findAccount(call.db, proved.email)) throw conflict({ fields: ['email'] })
    await call.db('users').where({ id: proved.user_id }).update({ email: proved.email, email_verified: true })
    await voidMailedLinks(call.db, proved.user_id)
    return { success: true }
  },
})

export const changeEmailOperations = (parts: ChangeEmailParts) => [change(parts), confirm]
