// The advisory lock of whoever seals or drops entries. Any user of the database can hold it: nobody waits for it, and who holds it is told.
import type { Knex } from 'knex'

const key = "hashtext('sovrane:audit-seal')"

/** Takes it for the transaction; false while another has it. */
export const takeSealLock = async (db: Knex): Promise<boolean> => {
  const lock: { rows: { taken: boolean }[] } = await db.raw(`select pg_try_advisory_xact_lock(${key}) as taken`)
  return lock.rows[0]?.taken === true
}

/** A session that holds it, as far as this database user may see it. */
export interface Holder {
  readonly pid: number
  readonly user: string | null
  readonly application: string | null
  readonly address: string | null
  /** ISO 8601: when its session began. */
  readonly since: Date | null
}

export const holdersOfSealLock = async (db: Knex): Promise<Holder[]> => {
  const found: { rows: Holder[] } = await db.raw(`
    select l.pid, a.usename::text as "user", a.application_name as application, host(a.client_addr) as address, a.backend_start as since
    from pg_locks l left join pg_stat_activity a on a.pid = l.pid
    where l.locktype = 'advisory' and l.granted and l.objsubid = 1 and l.database = (select oid from pg_database where datname = current_database())
      and l.objid::bigint = (${key}::bigint & 4294967295) and l.classid::bigint = ((${key}::bigint >> 32) & 4294967295)`)
  return found.rows
}
