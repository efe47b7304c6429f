// Every statement of limit, by name: each connection parses and plans it once.
export interface Statement {
  readonly name: string
  readonly text: string
}

const user =
  `u.id, u.version, u.created_at as "createdAt", u.updated_at as "updatedAt", u.first_name as "firstName", u.last_name as "lastName",
  u.email, u.status, u.picture, u.metadata, u.site_id as "siteId", u.department_id as "departmentId", u.locale,
  u.email_verified as "emailVerified",
  array(select r.role_id from user_roles r where r.user_id = u.id) as roles`
const site = 's.id, s.version, s.created_at as "createdAt", s.updated_at as "updatedAt", s.label'

export const statements = {
  getUser: { name: 'user-get', text: `select ${user} from users u where u.id = $1` },
  getUserWithRelations: {
    name: 'user-get-with-relations',
    text: `select ${user}, to_jsonb(s) as site, to_jsonb(d) as department,
      (select jsonb_agg(to_jsonb(r)) from user_roles l join roles r on r.id = l.role_id where l.user_id = u.id) as "embeddedRoles"
      from users u left join sites s on s.id = u.site_id left join departments d on d.id = u.department_id where u.id = $1`,
  },
  countUsers: { name: 'users-count', text: 'select count(*)::int as total from users' },
  listUsers: {
    name: 'users-list',
    // The page first, then its roles: else they would be looked up for every row that the offset skips.
    text: `select ${user} from (select * from users order by created_at, id limit $1 offset $2) u order by u.created_at, u.id`,
  },
  countSites: { name: 'sites-count', text: 'select count(*)::int as total from sites' },
  listSites: { name: 'sites-list', text: `select ${site} from sites s order by s.created_at, s.id limit $1 offset $2` },
  createUser: {
    name: 'user-create',
    text: `insert into users as u (id, first_name, last_name, email, status, picture, metadata, site_id, department_id, locale)
      values ($1, $2, $3, lower($4), coalesce($5, 'active'), $6, $7, $8, $9, $10) returning ${user}`,
  },
  account: {
    name: 'account',
    text: `select u.id, c.password_hash as hash from users u join credentials c on c.user_id = u.id where lower(u.email) = lower($1)`,
  },
  admit: { name: 'admit', text: "select 1 from users where id = $1 and status = 'active'" },
} as const satisfies Record<string, Statement>

const columns: Readonly<Record<string, string>> = {
  firstName: 'first_name', lastName: 'last_name', email: 'email', status: 'status', picture: 'picture', metadata: 'metadata',
  siteId: 'site_id', departmentId: 'department_id', locale: 'locale', label: 'label',
}

const updates = new Map<string, Statement>()

/** The statement that updates these fields: one for each set of them. */
export const updating = (table: 'users' | 'sites', fields: readonly string[]): Statement => {
  const name = `${table}-update-${fields.join('-')}`
  const known = updates.get(name)
  if (known) return known
  const set = fields.map((field, index) => `${columns[field]} = $${index + 2}`).join(', ')
  const [alias, returned] = table === 'users' ? ['u', user] : ['s', site]
  const made = {
    name,
    text: `update ${table} ${alias} set ${set}, version = ${alias}.version + 1, updated_at = now()
      where ${alias}.id = $1 returning ${returned}`,
  }
  updates.set(name, made)
  return made
}
