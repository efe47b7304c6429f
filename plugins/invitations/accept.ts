// invitation-fetch and invitation-accept: what someone without an account can do with a token.
import { object, string } from 'yup'
import { dateTime, label, notFound, operation, statement, verbatim, type Call } from '#sovrane'
import type { Directory } from '../../resources/directory.ts'
import { loginReply, type auth } from '../auth/index.ts'
import { findAcceptable, holdAcceptable, type Acceptable } from './acceptable.ts'
import { ended } from './invitation.ts'

interface AcceptParts {
  readonly directory: Directory
  readonly auth: ReturnType<typeof auth.setup>['services']
}

const token = () => string().max(256).required()

/** What the form needs, and nothing else. */
export const fetch = (directory: Directory) => operation({
  event: 'invitation-fetch',
  about: 'Reads what the form for an invited person needs',
  errors: ['not_found'],
  kind: 'query',
  access: 'public',
  input: object({ token: token() }),
  output: object({
    email: string().required(), firstName: string().nullable().defined(), lastName: string().nullable().defined(),
    /** The label of the role. */
    role: string().nullable().defined(), expiresAt: dateTime().required(),
  }),
  async handle(call) {
    const found = await findAcceptable(call, directory, call.input.token)
    if (!found) throw notFound()
    const { email, firstName, lastName, expiresAt } = found
    const role = found.role === null ? null : String((await call.call('role-get', { id: found.role }, { as: 'system' }))['label'])
    return { email, firstName, lastName, role, expiresAt: expiresAt.toISOString() }
  },
})

interface Names {
  readonly firstName?: string | undefined
  readonly lastName?: string | undefined
}

const namesIn = (given: Names, invitation: Acceptable): Names =>
  ({ firstName: given.firstName ?? invitation.firstName ?? undefined, lastName: given.lastName ?? invitation.lastName ?? undefined })

/** The new user, as the invitation describes them. @throws AppError conflict when someone else has the address by now */
const makeUser = async (
  call: Pick<Call, 'db' | 'call'>, directory: Directory, { email, siteId, departmentId, role, mailed }: Acceptable, names: Names,
): Promise<string> => {
  const { id } = await call.call(
    'user-create', { email, ...names, siteId, departmentId, roles: role === null ? [] : [role] }, { as: 'system' },
  )
  // Only those who have read the mail have proved the address; the other token was given to the author.
  if (mailed) await directory.proveEmail(call, String(id))
  return String(id)
}

export const accept = ({ directory, auth: { hashNew, storePassword, account: accountOf, enter } }: AcceptParts) => operation({
  event: 'invitation-accept',
  about: 'Makes the account of an invited person, and logs in',
  errors: ['not_found', 'conflict'],
  changes: ['invitation', 'user'],
  kind: 'mutation',
  access: 'public',
  secret: true,
  input: object({ token: token(), password: verbatim(1024).required(), firstName: label(100).optional(), lastName: label(100).optional() }),
  output: loginReply,
  async prepare(call) {
    // Someone without a token learns nothing of the policy, and costs no hash.
    const invitation = await findAcceptable(call, directory, call.input.token)
    if (!invitation) throw notFound()
    return hashNew(call, call.input.password, 'password', { email: invitation.email, ...namesIn(call.input, invitation) })
  },
  async handle(call, hash) {
    const invitation = await holdAcceptable(call, directory, call.input.token)
    if (!invitation) throw notFound()
    const userId = await makeUser(call, directory, invitation, namesIn(call.input, invitation))
    // Not as `password` of the user: that would be hashed in the transaction.
    await storePassword(call.db, userId, hash)
    await call.db('invitations').where({ id: invitation.id }).update(ended('accepted'))
    call.notes.set(statement, {
      targetType: 'invitation', targetId: invitation.id, before: { status: 'pending' }, after: { status: 'accepted', userId },
    })
    const account = await accountOf(call.db, userId)
    if (!account) throw new Error('The user is gone within the transaction that made them')
    return enter(call, account, { factorPassed: false })
  },
})
