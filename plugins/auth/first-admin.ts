// The first administrator: created when no one holds `root` yet, with a password that only they see.
import { randomInt } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Call, Runtime } from '../../core/define/index.ts'
import type { Directory } from '../../resources/directory.ts'
import { storePassword } from './accounts.ts'
import { wordsOf, type Policy } from './policy.ts'

interface FirstAdminEnvironment {
  readonly ADMIN_EMAIL: string
  readonly ADMIN_PASSWORD?: string | undefined
}

const root = 'root'

/** What anyone would try for the first account of a server. */
const obviousWords = ['first', 'administrator', 'admin', 'root']

const roleId = 'administrators'

/** A role that grants `root`. */
const ensureRole = async (call: Call, directory: Directory): Promise<void> => {
  const permissionId = (await directory.permissionIds(call.db, [root])).get(root)
  if (permissionId === undefined) throw new Error(`The permission "${root}" is missing`)
  if (await directory.keep(call.db, 'role', roleId)) await call.call('role-add-permission', { id: roleId, permissionId }, { as: 'system' })
  else await call.call('role-create', { id: roleId, label: 'Administrators', permissions: [permissionId] }, { as: 'system' })
}

/** Creates the administrator; false when someone has `root` already. */
const create = async (call: Call, directory: Directory, email: string, hash: string): Promise<boolean> => {
  // Two nodes may start at once, and one of them slowly.
  await call.db.raw('set local statement_timeout = 0')
  await call.db.raw("select pg_advisory_xact_lock(hashtext('sovrane:first-admin'))")
  if (await directory.isGranted(call.db, root)) return false
  await ensureRole(call, directory)
  const known = await directory.byEmail(call.db, email)
  const user = known
    ? await call.call('user-update', { id: known.id, status: 'active', roles: [roleId] }, { as: 'system' })
    : await call.call('user-create', { firstName: 'First', lastName: 'Administrator', email, roles: [roleId] }, { as: 'system' })
  await storePassword(call.db, String(user['id']), hash)
  return true
}

const handOver = (runtime: Runtime, dataDir: string, email: string, password: string): void => {
  if (runtime.interactive) {
    runtime.print(`\n  Administrator  ${email}\n  Password       ${password}   (shown this once; change it)\n`)
    return
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const file = join(dataDir, 'first-password')
  writeFileSync(file, `${password}\n`, { mode: 0o600 })
  runtime.print(`Administrator ${email}; the password is in ${file}. Delete the file once you have it.`)
}

/** Without characters that look like others. */
const alphabets = ['abcdefghijkmnopqrstuvwxyz', 'ABCDEFGHJKLMNPQRSTUVWXYZ', '23456789', '-_.+=']
const usualLength = 20

const pick = (from: string): string => from.charAt(randomInt(from.length))

/** For someone who has no password: one character of each kind at least, in random places, and as long as the policy asks for. */
export const randomPassword = ({ minLength, maxLength }: { readonly minLength: number; readonly maxLength: number }): string => {
  const length = Math.min(Math.max(usualLength, minLength), maxLength)
  const letters = [...alphabets, ...Array<string>(length - alphabets.length).fill(alphabets.join(''))].map(pick)
  for (let last = letters.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1)
    const [a = '', b = ''] = [letters[last], letters[other]]
    letters[last] = b
    letters[other] = a
  }
  return letters.join('')
}

interface AdminParts {
  readonly directory: Directory
  readonly policy: Pick<Policy, 'faults' | 'easy' | 'describe'>
  readonly dataDir: string
  readonly hash: (password: string) => Promise<string>
}

/** Makes sure that someone can administer. */
export const ensureAdmin = async (
  runtime: Runtime, { ADMIN_EMAIL: email, ADMIN_PASSWORD: given }: FirstAdminEnvironment, { directory, policy, dataDir, hash }: AdminParts,
): Promise<void> => {
  // Where someone can, ADMIN_PASSWORD is not looked at, whatever the policy has become.
  if (await runtime.run(({ db }) => directory.isGranted(db, root))) return
  const words = [...wordsOf([email]), ...obviousWords]
  const fault = given === undefined ? undefined : policy.faults(given)[0] ?? await policy.easy(given, { words, shares: ['system'] })
  if (fault !== undefined) throw new Error(`ADMIN_PASSWORD: ${fault}`)
  const password = given ?? randomPassword(policy.describe())
  // Hashed before the transaction: other nodes may be waiting for its lock.
  const stored = await hash(password)
  const created = await runtime.run((call) => create(call, directory, email, stored))
  if (!created) return
  if (given === undefined) handOver(runtime, dataDir, email, password)
  else runtime.print(`Administrator ${email}, with the password of ADMIN_PASSWORD`)
}
