// auth-change-email and auth-confirm-email: a new address counts once a mail to it was answered.
import type { Knex } from 'knex'
import { object, string } from 'yup'
import { email, operation, randomToken, tokenHash, verbatim, type Call } from '../../core/define/index.ts'
import type { Directory } from '../../resources/directory.ts'
import { requireOwnPassword, type Prover } from './proof.ts'
import { tokenRefused } from './reset.ts'

interface ChangeEmailParts {
  readonly directory: Directory
  readonly prover: Prover
  readonly mail: (call: Call, to: { readonly email: string; readonly locale: string | null }, token: string) => Promise<void>
}

/** Hours that the proof may take. */
const lifetime = 24

const store = (db: Knex, userId: string, address: string, token: string) =>
  db('email_changes')
    .insert({ user_id: userId, email: address, token_hash: tokenHash(token), expires_at: db.raw(`now() + interval '${lifetime} hours'`) })
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
    await store(call.db, account.id, address, token)
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
