// Failed attempts, counted in the database by one atomic statement each, the lock that too many of them put on an
// account, and requests of an address.
import { isIPv6 } from 'node:net'
import type { Knex } from 'knex'
import { AppError, foldAddress, type Settings } from '../../core/define/index.ts'
import { createFairQueues, type Shares } from './fair-queue.ts'
import { settings as own } from './settings.ts'

/** Seconds: the longest lock, and after which without a failure all is forgotten. */
const maxLock = 900
const forgetAfter = 43_200

interface Attempt {
  /** Whether the secret may be compared at all. */
  readonly allowed: boolean
  /** Set when this very failure, should it be one, has locked the account. */
  readonly locksNow: boolean
}

export interface Lockout {
  /**
   * Counts an attempt before anything is compared, so that no two can slip through together. `succeeded` takes it back.
   */
  begin(db: Knex, account: string): Promise<Attempt>
  succeeded(db: Knex, account: string): Promise<void>
  /** Takes back an attempt in which nothing could be compared. */
  undo(db: Knex, account: string, attempt: Attempt): Promise<void>
  /** @throws AppError rate_limited when the address has failed too often within a minute */
  requireAddress(db: Knex, ip: string | undefined): Promise<void>
  addressFailed(db: Knex, ip: string | undefined): Promise<void>
  /**
   * Runs attempts on one account one after another on this node, and only so many of one address at once as may fail.
   * @throws AppError unavailable when too many wait, which counts as no attempt
   */
  inTurn<T>(account: string, ip: string | undefined, task: () => Promise<T>): Promise<T>
}

/** An IPv6 customer has a /64, within which they choose their address. */
export const addressKey = (ip: string): string => {
  if (!isIPv6(ip)) return `address:${ip}`
  const [head = '', tail] = ip.split('%')[0]?.split('::') ?? []
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = tail === undefined ? left : [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  return `address:${groups.slice(0, 4).map((group) => Number.parseInt(group || '0', 16).toString(16)).join(':')}::/64`
}

/** The key of an account's attempts; it is the address that counts, so that unknown ones are treated alike. */
export const accountKey = (email: string): string => `account:${foldAddress(email)}`

/** On whose account the work of an attempt goes. */
export const sharesOf = (account: string, { ip }: { readonly ip?: string }): Shares =>
  (ip === undefined ? [account] : [account, addressKey(ip)])

const count = `
  insert into attempts as a (key, failures) values (:key, 1)
  on conflict (key) do update set
    failures = case when a.locked_until > now() then a.failures + 1
                    when a.locked_until is not null or a.since < now() - make_interval(secs => :forget) then 1 else a.failures + 1 end,
    locks = case when a.since < now() - make_interval(secs => :forget) then 0 else a.locks end,
    locked_until = case when a.locked_until > now() then a.locked_until end,
    since = now()
  returning failures, locks, locked_until > now() as locked`

const lock = `
  update attempts set locks = locks + 1, locked_until = now() + make_interval(secs => least(:duration * power(2, locks), :longest)::int)
  where key = :key and (locked_until is null or locked_until <= now()) returning key`

/** How many attempts may wait for one account or one address, and for how many milliseconds. */
const maxQueue = 512
const patience = { address: 3000, account: 5000 }

export const createLockout = (settings: Settings, loginsPerMinute: number): Lockout => {
  // Both are fair to each other: an account's line is no longer for those who come from elsewhere, nor an address's for other accounts.
  const slots = createFairQueues({ atOnce: loginsPerMinute, most: maxQueue, patience: patience.address })
  const turns = createFairQueues({ atOnce: 1, most: maxQueue, patience: patience.account })
  return {
    async begin(db, account) {
      const result: { rows: { failures: number; locked: boolean | null }[] } = await db.raw(count, { key: account, forget: forgetAfter })
      const [row] = result.rows
      if (!row || !settings.get(own.lock)) return { allowed: true, locksNow: false }
      const threshold = settings.get(own.lockThreshold)
      if (row.locked === true || row.failures > threshold) return { allowed: false, locksNow: false }
      if (row.failures < threshold) return { allowed: true, locksNow: false }
      // The last attempt before the lock: the lock is put on now and taken off again if it succeeds.
      const locked: { rows: unknown[] } = await db.raw(lock, { key: account, duration: settings.get(own.lockDuration), longest: maxLock })
      return { allowed: locked.rows.length > 0, locksNow: locked.rows.length > 0 }
    },
    async succeeded(db, account) {
      await db('attempts').where({ key: account }).delete()
    },
    async undo(db, account, { locksNow }) {
      await db.raw(`update attempts set failures = greatest(failures - 1, 0), locks = greatest(locks - ?, 0),
          locked_until = case when ? then null else locked_until end
        where key = ?`, [locksNow ? 1 : 0, locksNow, account])
    },
    async requireAddress(db, ip) {
      if (ip === undefined || loginsPerMinute === 0) return
      const row: { left: number } | undefined = await db('attempts').where({ key: addressKey(ip) }).where('failures', '>=', loginsPerMinute)
        .whereRaw("since > now() - interval '1 minute'").first(db.raw("ceil(extract(epoch from since + interval '1 minute' - now()))::int as left"))
      if (row) throw new AppError('rate_limited', { retryAfter: Math.max(1, row.left) })
    },
    async addressFailed(db, ip) {
      if (ip === undefined || loginsPerMinute === 0) return
      await db.raw(`insert into attempts as a (key, failures) values (?, 1) on conflict (key) do update set
        failures = case when a.since < now() - interval '1 minute' then 1 else a.failures + 1 end,
        since = case when a.since < now() - interval '1 minute' then now() else a.since end`, [addressKey(ip)])
    },
    inTurn(account, ip, task) {
      const address = addressKey(ip ?? '')
      const inTurn = () => turns(account, [address], task)
      return ip === undefined || loginsPerMinute === 0 ? inTurn() : slots(address, [account], inTurn)
    },
  }
}

/** So many requests of one key within a minute, counted in this process: what is too much costs no statement. */
export interface RequestLimit {
  /** @throws AppError rate_limited when the key had its share within the last minute */
  take(key: string): void
}

/** Milliseconds. */
const minute = 60_000
/** Keys that are kept before those whose minute is over are dropped. */
const maxKeys = 10_000

/** @param most in a minute; 0: no limit */
export const createRequestLimit = (most: number): RequestLimit => {
  const counts = new Map<string, { count: number; readonly since: number }>()
  return {
    take(key) {
      if (most === 0) return
      const now = Date.now()
      const found = counts.get(key)
      const entry = found && now - found.since < minute ? found : { count: 0, since: now }
      if (entry.count >= most)
        throw new AppError('rate_limited', { retryAfter: Math.max(1, Math.ceil((entry.since + minute - now) / 1000)) })
      entry.count += 1
      counts.set(key, entry)
      if (counts.size > maxKeys) for (const [each, { since }] of counts) if (now - since >= minute) counts.delete(each)
    },
  }
}
