// The invitation behind a token, if it can be accepted now. All that cannot be are alike: there is nothing.
import type { Call } from '../../core/define/index.ts'
import { authorHolds } from './author.ts'
import { hashOf } from './tokens.ts'

export interface Standing {
  readonly id: string
  readonly email: string
  readonly first_name: string | null
  readonly last_name: string | null
  readonly role: string | null
  readonly role_label: string | null
  readonly site_id: string | null
  readonly department_id: string | null
  readonly expires_at: Date
  readonly author_id: string
  /** The author's language. */
  readonly locale: string | null
  /** Whether the token is the mail's: then the address is proved. */
  readonly mailed: boolean
}

type Asking = Pick<Call, 'db' | 'rightsOf'>

// An author who is younger than his invitation is another, with the id of one who was deleted.
const byToken = `
  select i.id, i.email, i.first_name, i.last_name, i.role, r.label as role_label, i.site_id, i.department_id, i.expires_at,
    u.id as author_id, u.locale, coalesce(i.mail_token_hash = :hash, false) as mailed
  from invitations i
  join users u on u.id = i.created_by and u.status = 'active' and u.created_at <= i.created_at
  left join roles r on r.id = i.role
  where (i.token_hash = :hash or i.mail_token_hash = :hash) and i.status = 'pending' and i.expires_at > now()`

/** The invitation with this token, pending, in time, and from somebody active who still holds all that it gives. */
export const findStanding = async (call: Asking, token: string): Promise<Standing | undefined> => {
  const result: { rows: Standing[] } = await call.db.raw(byToken, { hash: hashOf(token) })
  const [found] = result.rows
  return found && (await authorHolds(call, found.author_id, found.role)) ? found : undefined
}

/** The same, held until the transaction ends: nobody else accepts or ends it, nor takes anything from its author. */
export const holdStanding = async (call: Asking, token: string): Promise<Standing | undefined> => {
  const { db } = call
  const found = await findStanding(call, token)
  if (!found) return undefined
  // Users before roles before invitations, as whoever deletes one of them locks.
  await db.raw('select 1 from users where id = ? for share', [found.author_id])
  await db.raw('select 1 from roles where id = ? or id in (select role_id from user_roles where user_id = ?) order by id for share', [found.role, found.author_id])
  await db.raw('select 1 from invitations where id = ? for no key update', [found.id])
  // What was read before the wait may be over.
  return findStanding(call, token)
}
