// invitation-fetch and invitation-accept: what somebody without an account can do with a token.
import { object, string } from 'yup'
import { label, notFound, operation, verbatim, type Call, type Payload } from '../../core/define/index.ts'
import type { Account } from '../auth/index.ts'
import { ended } from './ending.ts'
import { findStanding, holdStanding, type Standing } from './standing.ts'

export interface AcceptParts {
  /** @throws AppError invalid_payload at `path` when the policy does not allow it */
  readonly hashNew: (password: string, options: { readonly path: string; readonly about: Payload; readonly connection: Call['connection'] }) => Promise<string>
  readonly accountOf: (db: Call['db'], userId: string) => Promise<Account | undefined>
  readonly storePassword: (db: Call['db'], userId: string, hash: string) => Promise<void>
  readonly complete: (call: Call, account: Account, options: { readonly factorPassed: boolean }) => Promise<Payload>
}

const token = () => string().max(256).required()

/** What the form needs, and nothing else. */
export const fetch = operation({
  event: 'invitation-fetch',
  kind: 'query',
  access: 'public',
  input: object({ token: token() }),
  async handle(call) {
    const found = await findStanding(call, call.input.token)
    if (!found) throw notFound()
    return { email: found.email, firstName: found.first_name, lastName: found.last_name, role: found.role_label, expiresAt: found.expires_at.toISOString() }
  },
})

/** The new user, as the invitation describes him. @throws AppError conflict when somebody else has the address by now */
const makeUser = async (call: Pick<Call, 'db' | 'call'>, invitation: Standing, names: Names): Promise<string> => {
  const { id } = await call.call('user-create', {
    email: invitation.email, ...names,
    siteId: invitation.site_id, departmentId: invitation.department_id, roles: invitation.role === null ? [] : [invitation.role],
  }, { as: 'system' })
  const userId = String(id)
  // Only who has read the mail has proved the address; the other token was given to the author.
  if (invitation.mailed) await call.db('users').where({ id: userId }).update({ email_verified: true })
  return userId
}

interface Names {
  readonly firstName?: string | undefined
  readonly lastName?: string | undefined
}

const namesIn = (given: Names, invitation: Standing): Names =>
  ({ firstName: given.firstName ?? invitation.first_name ?? undefined, lastName: given.lastName ?? invitation.last_name ?? undefined })

export const accept = ({ hashNew, storePassword, accountOf, complete }: AcceptParts) => operation({
  event: 'invitation-accept',
  kind: 'mutation',
  access: 'public',
  secret: true,
  input: object({ token: token(), password: verbatim(1024).required(), firstName: label(100).optional(), lastName: label(100).optional() }),
  async prepare(call) {
    // Who has no token learns nothing of the policy, and costs no hash.
    const standing = await findStanding(call, call.input.token)
    if (!standing) throw notFound()
    return hashNew(call.input.password, { path: 'password', about: { email: standing.email, ...namesIn(call.input, standing) }, connection: call.connection })
  },
  async handle(call, hash): Promise<Payload> {
    const invitation = await holdStanding(call, call.input.token)
    if (!invitation) throw notFound()
    const userId = await makeUser(call, invitation, namesIn(call.input, invitation))
    // Not as `password` of the user: that would be hashed in the transaction.
    await storePassword(call.db, userId, hash)
    await call.db('invitations').where({ id: invitation.id }).update(ended('accepted'))
    call.notes.set('audit', { targetType: 'invitation', targetId: invitation.id, before: { status: 'pending' }, after: { status: 'accepted', userId } })
    const account = await accountOf(call.db, userId)
    if (!account) throw new Error('The user is gone within his own transaction')
    return complete(call, account, { factorPassed: false })
  },
})
