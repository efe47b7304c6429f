// Failed attempts, counted in the database by one atomic statement each, the lock that too many of them put on an
// account, and requests of an address.
import { isIPv6 } from 'node:net'
import type { Knex } from 'knex'
import { AppError, ask, foldAddress, prepared, type Settings } from '#sovrane'
import { createFairQueues, type Shares } from './fair-queue.ts'
import { settings as own } from './parts.ts'

/** Seconds: the longest lock, and after which without a failure all is forgotten. */
const maxLock = 900
const forgetAfter = 43_200

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

/** What an address has failed too often counts for nothing. */
const count = prepared(`
  with over as (
    select greatest(1, ceil(extract(epoch from since + interval '1 minute' - now())))::int as wait from attempts
      where key = ? and failures >= ? and since > now() - interval '1 minute'),
  counted as (
    insert into attempts as a (key, failures) select ?, 1 where not exists (select 1 from over)
    on conflict (key) do update set
      failures = case when a.locked_until > now() then a.failures + 1
                      when a.locked_until is not null or a.since < now() - interval '${forgetAfter} seconds' then 1 else a.failures + 1 end,
      locks = case when a.since < now() - interval '${forgetAfter} seconds' then 0 else a.locks end,
      locked_until = case when a.locked_until > now() then a.locked_until end,
      since = now()
    returning failures, locked_until > now() as locked)
  select wait, 0 as failures, null as locked from over union all select null, failures, locked from counted`)

const lock = `
  update attempts set locks = locks + 1, locked_until = now() + make_interval(secs => least(:duration * power(2, locks), :longest)::int)
  where key = :key and (locked_until is null or locked_until <= now()) returning key`

/** How many attempts may wait for one account or one address, and for how many milliseconds. */
const maxQueue = 512
const patience = { address: 3000, account: 5000 }

export const createLockout = (settings: Settings, loginsPerMinute: number) => {
  // Both are fair to each other: an account's line is no longer for those who come from elsewhere, nor an address's for other accounts.
  const slots = createFairQueues({ atOnce: loginsPerMinute, most: maxQueue, patience: patience.address })
  const turns = createFairQueues({ atOnce: 1, most: maxQueue, patience: patience.account })

  const begin = async (db: Knex, account: string, address: string | undefined): Promise<{ may: boolean; locks: boolean }> => {
    const { rows: [row] } = await ask<{ wait: number | null; failures: number; locked: boolean | null }>(
      db, count, [address ?? '', address === undefined ? null : loginsPerMinute, account])
    if (typeof row?.wait === 'number') throw new AppError('rate_limited', { retryAfter: row.wait })
    if (!row || !settings.get(own.lock)) return { may: true, locks: false }
    const left = settings.get(own.lockThreshold) - row.failures
    if (row.locked === true || left !== 0) return { may: row.locked !== true && left > 0, locks: false }
    // The last attempt before the lock: the lock is put on now and taken off again if it succeeds.
    const locked: { rows: unknown[] } = await db.raw(lock, { key: account, duration: settings.get(own.lockDuration), longest: maxLock })
    return { may: locked.rows.length > 0, locks: locked.rows.length > 0 }
  }

  const undo = async (db: Knex, account: string, locked: boolean): Promise<void> => {
    await db.raw(`update attempts set failures = greatest(failures - 1, 0), locks = greatest(locks - ?, 0),
        locked_until = case when ? then null else locked_until end
      where key = ?`, [locked ? 1 : 0, locked, account])
  }

  const addressFailed = async (db: Knex, address: string): Promise<void> => {
    await db.raw(`insert into attempts as a (key, failures) values (?, 1) on conflict (key) do update set
      failures = case when a.since < now() - interval '1 minute' then 1 else a.failures + 1 end,
      since = case when a.since < now() - interval '1 minute' then now() else a.since end`, [address])
  }

  /** Forgets the failures of an account, and its lock. */
  const lift = async (db: Knex, account: string): Promise<void> => {
    await db('attempts').where({ key: account }).delete()
  }

  return {
    lift,
    /**
     * One attempt on an account, one after another on this node, and only so many of one address at once as may fail. It is counted
     * before anything is compared, so that no two slip through together, and taken back when it was right, or nothing could be compared.
     * @param compare is told whether the secret may be right at all: an attempt on a locked account takes its time all the same
     * @returns what it gives, and whether this very failure has locked the account
     * @throws AppError rate_limited when the address has failed too often within a minute; unavailable when too many wait. Neither counts.
     */
    attempt<R extends { readonly isRight: boolean }>(
      db: Knex, account: string, ip: string | undefined, compare: (mayBeRight: boolean) => Promise<R>,
    ): Promise<R & { readonly locks: boolean }> {
      const address = ip === undefined || loginsPerMinute === 0 ? undefined : addressKey(ip)
      const inTurn = () => turns(account, [address ?? addressKey(ip ?? '')], async () => {
        const { may, locks } = await begin(db, account, address)
        const ended = await compare(may).catch(async (error: unknown) => {
          await undo(db, account, locks)
          throw error
        })
        if (ended.isRight) await lift(db, account)
        else if (address !== undefined) await addressFailed(db, address)
        return { ...ended, locks: locks && !ended.isRight }
      })
      return address === undefined ? inTurn() : slots(address, [account], inTurn)
    },
  }
}

export type Lockout = ReturnType<typeof createLockout>

/** Milliseconds. */
const minute = 60_000
/** Keys that are kept before those whose minute is over are dropped. */
const maxKeys = 10_000

/**
 * So many requests of one key within a minute, counted in this process: what is too much costs no statement.
 * @param most in a minute; 0: no limit
 */
export const createRequestLimit = (most: number) => {
  const counts = new Map<string, { count: number; readonly since: number }>()
  return {
    /** @throws AppError rate_limited when the key had its share within the last minute */
    take(key: string): void {
      if (most === 0) return
      const now = performance.now()
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

export type RequestLimit = ReturnType<typeof createRequestLimit>
