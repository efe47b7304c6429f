// What the server does by itself: at its start the first administrator, when no one holds `root` yet, with a password that only they see;
// by the clock the warnings before passwords expire, and removing what is no longer needed.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Knex } from 'knex'
import { AppError, type Call, type Infer, type Log, type Runtime } from '#sovrane'
import type { Directory } from '../../resources/directory.ts'
import { storePassword } from './passwords.ts'
import { settings as own, type AuthParts, type environment } from './parts.ts'
import { randomPassword, wordsOf } from './policy.ts'

const root = 'root'
/** The role that grants it. */
const roleId = 'administrators'
/** What anyone would try for the first account of a server. */
const obviousWords = ['first', 'administrator', 'admin', 'root']

const ensureRole = async (call: Call, directory: Directory): Promise<void> => {
  const permissionId = (await directory.permissionIds(call.db, [root])).get(root)
  if (permissionId === undefined) throw new Error(`The permission "${root}" is missing`)
  if (await directory.keep(call.db, 'role', roleId)) await call.call('role-add-permission', { id: roleId, permissionId }, { as: 'system' })
  else await call.call('role-create', { id: roleId, label: 'Administrators', permissions: [permissionId] }, { as: 'system' })
}

/** Creates the administrator; false when someone has `root` already. */
const createAdmin = async (call: Call, directory: Directory, email: string, hash: string): Promise<boolean> => {
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

/** Makes sure that someone can administer. */
export const ensureAdmin = async (
  runtime: Runtime, { ADMIN_EMAIL: email, ADMIN_PASSWORD: given }: Infer<typeof environment>, dataDir: string,
  { directory, policy, hashing }: AuthParts,
): Promise<void> => {
  // Where someone can, ADMIN_PASSWORD is not looked at, whatever the policy has become.
  if (await runtime.run(({ db }) => directory.isGranted(db, root))) return
  const words = [...wordsOf([email]), ...obviousWords]
  const shares = ['system']
  const fault = given === undefined ? undefined : policy.faults(given)[0] ?? await policy.easy(given, { words, shares })
  if (fault !== undefined) throw new Error(`ADMIN_PASSWORD: ${fault}`)
  const password = given ?? randomPassword(policy.describe())
  // Hashed before the transaction: other nodes may be waiting for its lock.
  const stored = await hashing.hash(password, shares)
  if (!(await runtime.run((call) => createAdmin(call, directory, email, stored)))) return
  if (given === undefined) handOver(runtime, dataDir, email, password)
  else runtime.print(`Administrator ${email}, with the password of ADMIN_PASSWORD`)
}

/** Mails written in one transaction. */
const batch = 100

/** Those who are due are marked as warned in the same statement, so that no two nodes and no two runs warn twice. */
const markDue = `
  update credentials c set expiry_warned_at = now() from (?) a
  where a.id = c.user_id and c.user_id in (
    select c2.user_id from credentials c2 join (?) a2 on a2.id = c2.user_id
    where a2.status = 'active' and c2.expiry_warned_at is null
      and c2.password_changed_at <= now() - make_interval(days => ?) and c2.password_changed_at > now() - make_interval(days => ?)
    order by c2.user_id limit ${batch} for update of c2 skip locked)
  returning a.id, a.email, a.locale,
    ceil(extract(epoch from c.password_changed_at + make_interval(days => ?) - now()) / 86400)::int as days`

/** Queues the warnings that are due, one for each password, to active users; true when there may be more. */
export const warnOfExpiry = async (call: Call, log: Log, { settings, directory, mails }: AuthParts): Promise<boolean> => {
  if (!settings.get(own.expire)) return false
  const after = settings.get(own.expireAfter)
  const accounts = directory.accounts(call.db)
  const result: { rows: { id: string; email: string; locale: string | null; days: number }[] } =
    await call.db.raw(markDue, [accounts, accounts, Math.max(0, after - settings.get(own.warningDays)), after, after])
  for (const { days, ...account } of result.rows) {
    try {
      await mails.expiry(call, account, days)
    } catch (error) {
      // An address to which no mail can be written: the others must have theirs.
      if (!(error instanceof AppError) || error.code !== 'invalid_payload') throw error
      log.warn({ userId: account.id }, 'an account has an address to which no warning can be sent')
    }
  }
  return result.rows.length === batch
}

/** Days that an ended session or API token stays, for anyone who looks into what happened. */
const keepEnded = 90

export const removeExpired = async (db: Knex): Promise<void> => {
  await db('sessions').whereRaw(`least(expires_at, coalesce(ended_at, expires_at)) < now() - interval '${keepEnded} days'`).delete()
  await db('attempts').whereRaw("since < now() - interval '1 day' and (locked_until is null or locked_until < now())").delete()
  await db('password_resets').whereRaw("expires_at < now() - interval '1 day'").delete()
  await db('email_changes').whereRaw("expires_at < now() - interval '1 day'").delete()
  await db('api_tokens').whereRaw(`coalesce(revoked_at, expires_at) < now() - interval '${keepEnded} days'`).delete()
}
