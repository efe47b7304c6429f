// The target "sovrane": the built server with everything on but the limits of rates, which would be what is measured.
import { randomBytes } from 'node:crypto'
import { hash } from 'bcryptjs'
import { fill, idOf, password, settle, withPasswords, type Size } from '../database/organisation.ts'
import { environmentOf, runSql, type Place } from '../database/place.ts'
import { build, root } from './compile.ts'
import { sovraneDialect } from './events.ts'
import { launch, type Launched } from './launch.ts'
import { directory } from './scratch.ts'
import type { Target } from './target.ts'

const key = (): string => randomBytes(48).toString('base64')
/** The same at every start on one database. */
const keys = { JWT_SECRET: key(), MFA_ENCRYPTION_KEY: key(), AUDIT_KEY: key() }

const environment = {
  ...keys, PORT: '0', SEED: 'none', RATE_LIMIT_EVENTS: '0', JWT_ACCESS_TOKEN_DURATION: '6h', ADMIN_EMAIL: 'admin@example.com',
  ADMIN_PASSWORD: 'Plum-Kettle-41-Orbit',
}

/** `SOVRANE_CACHE_ROWS=0 npm run bench -- --targets sovrane` measures it with another environment. */
const others = Object.fromEntries(Object.entries(process.env).flatMap(([name, value = '']) =>
  (name.startsWith('SOVRANE_') ? [[name.slice('SOVRANE_'.length), value]] : [])))

/** What everyone may read, and what the first user may do beyond it: not everything, so that rights are asked of every request. */
const reading = ['user', 'department', 'group', 'site', 'role'].flatMap((resource) => [`read-${resource}`, `read-${resource}s`])
const writing = [
  'create-user', 'update-user', 'delete-user', 'manage-sites', 'manage-department-users', 'manage-department-hierarchy', 'update-department',
  'update-role',
]

const grants = (keysOfRole: readonly string[], condition: string): string =>
  `insert into role_permissions (role_id, permission_id) select r.id, p.id from roles r, permissions p
     where r.id like '01900000-%' and ${condition} and p.permission_key in (${keysOfRole.map((each) => `'${each}'`).join(', ')})`

const tables = ['roles', 'sites', 'departments', 'users', 'user_roles', 'role_permissions', 'credentials']

/** Rows as they would be after years: written without the triggers, whose entries would have been told and forgotten by then. */
const statements = async (size: Size): Promise<string[]> => [
  `create temp table kept as
     select tgrelid::regclass::text as place, tgname as name from pg_trigger where tgenabled = 'A' and not tgisinternal`,
  ...tables.map((table) => `alter table ${table} disable trigger user`),
  ...fill(size),
  "insert into scopes select id, 'site' from sites",
  "insert into scopes select id, 'department' from departments",
  grants(reading, 'true'),
  grants(writing, `r.id = '${idOf('role', 1)}'`),
  // One hash for all, at the cost that the server has by default: what it costs to compare is the same.
  `insert into credentials (user_id, password_hash) select id, '${await hash(password, 10)}' from users where ${withPasswords}`,
  // As they were: some fire for writers in the role of a replica too.
  ...tables.map((table) => `alter table ${table} enable trigger user`),
  `do $$ declare t record; begin
     for t in select * from kept loop execute format('alter table %s enable always trigger %I', t.place, t.name); end loop;
   end $$`,
  ...settle,
]

/** Starts the server. Beside PostgreSQL it gets a directory of its own. */
const start = async (place: Place): Promise<Launched> =>
  launch([`${root}dist/main.js`], { ...environment, DATA_DIR: await directory('data'), ...environmentOf(place), ...others })

export const sovrane: Target = {
  name: 'sovrane',
  dialect: sovraneDialect,
  build,
  async prepare(place, size) {
    // The first start makes the schema, the permissions and the first administrator.
    const first = await start(place)
    await first.stop()
    await runSql(place, await statements(size))
    return first.startTime
  },
  start,
}
