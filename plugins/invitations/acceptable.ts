// The invitation behind a token, if it can be accepted now. All that cannot be are alike: there is nothing.
import { tokenHash, type Call } from '#sovrane'
import type { Directory } from '../../resources/directory.ts'

/** An invitation that is pending, in time, and from someone active who still holds all that it gives. */
export interface Acceptable {
  readonly id: string
  readonly email: string
  readonly firstName: string | null
  readonly lastName: string | null
  readonly role: string | null
  readonly siteId: string | null
  readonly departmentId: string | null
  readonly expiresAt: Date
  readonly authorId: string
  /** The author's language. */
  readonly locale: string | null
  /** Whether the token is the mail's: then the address is proved. */
  readonly mailed: boolean
}

type Asking = Pick<Call, 'db' | 'rightsOf'>

export const findAcceptable = async ({ db, rightsOf }: Asking, directory: Directory, token: string): Promise<Acceptable | undefined> => {
  const hash = tokenHash(token)
  const [found]: Acceptable[] = await db.from('invitations as i')
    // An author who is younger than the invitation is another, with the id of one who was deleted.
    .join(directory.accounts(db).as('author'), (on) => void on.on('author.id', 'i.created_by')
      .andOn('author.createdAt', '<=', 'i.created_at'))
    .where({ 'author.status': 'active', 'i.status': 'pending' }).whereRaw('i.expires_at > now() and (i.token_hash = ? or i.mail_token_hash = ?)', [hash, hash])
    .select('i.id', 'i.email', 'i.role', {
      firstName: 'i.first_name', lastName: 'i.last_name', siteId: 'i.site_id', departmentId: 'i.department_id', expiresAt: 'i.expires_at',
      authorId: 'author.id', locale: 'author.locale',
    }, db.raw('coalesce(i.mail_token_hash = ?, false) as mailed', [hash]))
  if (!found?.role) return found
  const lacking = await directory.firstLacking(await rightsOf(found.authorId), await directory.grantsOfRoles(db, [found.role]))
  return lacking === undefined ? found : undefined
}

/** The same, held until the transaction ends: no one else accepts or ends it, nor takes anything from its author. */
export const holdAcceptable = async (call: Asking, directory: Directory, token: string): Promise<Acceptable | undefined> => {
  const found = await findAcceptable(call, directory, token)
  if (!found) return undefined
  // Users before roles before invitations, as a deletion of one of them locks.
  await directory.lockGrants(call.db, found.authorId, found.role)
  await call.db.raw('select 1 from invitations where id = ? for no key update', [found.id])
  // What was read before the wait may be over.
  return findAcceptable(call, directory, token)
}
