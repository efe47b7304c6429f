// The first administrator: made when nobody holds `root` yet, with a password that only he sees.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { foldAddress, type Call, type Runtime } from '../../core/define/index.ts'
import { wordsOf } from './context.ts'
import { storePassword } from './credentials.ts'
import { characters, type Policy } from './policy.ts'
import { randomPassword } from './random-password.ts'

export interface FirstAdminConfig {
  readonly ADMIN_EMAIL: string
  readonly ADMIN_PASSWORD?: string | undefined
}

const shortest = 10

/** Why a password given by the environment is too weak to start with. */
export const adminPasswordFault = (password: string): string | undefined => {
  if (characters(password) < shortest) return `must be at least ${shortest} characters long`
  if (new Set(password).size < 5) return 'repeats itself'
  if (/password|admin|123456|qwerty|letmein|changeme/i.test(password) && password.length < 20) return 'is easy to guess'
  return undefined
}

/** What everybody would try for the first account of a server. */
const roleWords = ['first', 'administrator', 'admin', 'root']

const rootHolder = async (call: Call): Promise<boolean> => {
  const found: unknown = await call.db('permissions as p')
    .leftJoin('role_permissions as rp', 'rp.permission_id', 'p.id').leftJoin('user_roles as ur', 'ur.role_id', 'rp.role_id')
    .leftJoin('user_permissions as up', 'up.permission_id', 'p.id')
    .where('p.permission_key', 'root').where((either) => void either.whereNotNull('ur.user_id').orWhereNotNull('up.user_id')).first('p.id')
  return found !== undefined
}

const rootRole = async (call: Call): Promise<string> => {
  const permission: { id: string } | undefined = await call.db('permissions').where({ permission_key: 'root' }).first('id')
  if (!permission) throw new Error('The permission "root" is missing')
  const role: unknown = await call.db('roles').where({ id: 'administrators' }).first('id')
  if (role === undefined) await call.call('role-create', { id: 'administrators', label: 'Administrators', permissions: [permission.id] }, { as: 'system' })
  else await call.call('role-add-permission', { id: 'administrators', permissionId: permission.id }, { as: 'system' })
  return 'administrators'
}

/** Creates the administrator; false when somebody holds `root` already. */
const create = async (call: Call, email: string, hash: string): Promise<boolean> => {
  // Two nodes may start at once, and one of them slowly.
  await call.db.raw('set local statement_timeout = 0')
  await call.db.raw("select pg_advisory_xact_lock(hashtext('sovrane:first-admin'))")
  if (await rootHolder(call)) return false
  const role = await rootRole(call)
  const known: { id: string } | undefined = await call.db('users').whereRaw('lower(email) = ?', [foldAddress(email)]).first('id')
  const user = known
    ? await call.call('user-update', { id: known.id, status: 'active', roles: [role] }, { as: 'system' })
    : await call.call('user-create', { firstName: 'First', lastName: 'Administrator', email, roles: [role] }, { as: 'system' })
  await storePassword(call.db, String(user['id']), hash)
  return true
}

const handOver = (runtime: Runtime, email: string, password: string): void => {
  if (runtime.interactive) {
    runtime.print(`\n  Administrator  ${email}\n  Password       ${password}   (shown this once; change it)\n`)
    return
  }
  mkdirSync(runtime.dataDir, { recursive: true, mode: 0o700 })
  const file = join(runtime.dataDir, 'first-password')
  writeFileSync(file, `${password}\n`, { mode: 0o600 })
  runtime.print(`Administrator ${email}; the password is in ${file}. Delete the file once you have it.`)
}

export interface AdminParts extends Pick<Policy, 'faults' | 'easy' | 'describe'> {
  readonly hash: (password: string) => Promise<string>
}

/** Makes sure that somebody can administer. */
export const ensureAdmin = async (runtime: Runtime, { ADMIN_EMAIL: email, ADMIN_PASSWORD: given }: FirstAdminConfig, { faults, easy, hash, describe }: AdminParts): Promise<void> => {
  // Somebody can administer already: ADMIN_PASSWORD is not looked at, whatever the policy has become.
  if (await runtime.run(rootHolder)) return
  const fault = given === undefined ? undefined : faults(given)[0] ?? await easy(given, { words: [...wordsOf([email]), ...roleWords], shares: ['system'] })
  if (fault !== undefined) throw new Error(`ADMIN_PASSWORD: ${fault}`)
  const password = given ?? randomPassword(describe())
  // Hashed before the transaction: other nodes may be waiting for its lock.
  const stored = await hash(password)
  const created = await runtime.run((call) => create(call, email, stored))
  if (!created) return
  if (given === undefined) handOver(runtime, email, password)
  else runtime.print(`Administrator ${email}, with the password of ADMIN_PASSWORD`)
}
