// What the server relies on of a connection, set as its first statement: the defaults of a database, a role or a pooler count for nothing.

import { literal } from '../define/statement.ts'

interface SessionLimits {
  /** Milliseconds a statement may run; 0: no limit. */
  readonly statementTimeout: number
  /** Milliseconds a statement may wait for a lock; 0: as long as it may run. */
  readonly lockTimeout?: number
  /** Milliseconds a transaction may wait for its client: one that is paused or cut off must not keep its locks. 0: no limit. */
  readonly idleInTransaction?: number
}

/**
 * Values that change what statements mean, how values are written, or whether a connection and its work last. Not
 * `default_transaction_read_only`: providers set it when the disk is full, and operators during upkeep, and mean it.
 */
const fixed: Readonly<Record<string, string>> = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  client_encoding: 'UTF8',
  bytea_output: 'hex',
  extra_float_digits: '1',
  xmlbinary: 'base64',
  xmloption: 'content',
  standard_conforming_strings: 'on',
  backslash_quote: 'safe_encoding',
  array_nulls: 'on',
  transform_null_equals: 'off',
  quote_all_identifiers: 'off',
  timezone_abbreviations: 'Default',
  lc_monetary: 'C',
  lc_numeric: 'C',
  lc_time: 'C',
  row_security: 'on',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  gin_fuzzy_search_limit: '0',
  exit_on_error: 'off',
  idle_session_timeout: '0',
  transaction_timeout: '0',
  // Compiling costs more than our short statements run.
  jit: 'off',
  // A pooler or a network that swallows packets: the server notices too.
  tcp_keepalives_idle: '10',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
  // Those that only a superuser may set; for others they are as they are.
  session_replication_role: 'origin',
  lc_messages: 'C',
}

/**
 * The schema of our tables first, whatever stands before it in the path: by the path itself, else in `public`, else where they
 * are found at all. An empty database is filled where the path leads, or in `public`.
 */
const searchPath = `(select quote_ident(coalesce(
    (select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relname = 'sovrane_migrations' and c.relkind in ('r', 'p') and n.nspname !~ '^pg_temp'
      order by c.oid = to_regclass('sovrane_migrations') desc nulls last, n.nspname = 'public' desc limit 1),
    current_schema()::name, 'public')::text) || ', ' || current_setting('search_path'))`

/** The statement that makes a new connection ours. Settings that a server does not know, or that its role may not set, are left. */
export const sessionStatement = ({ statementTimeout, lockTimeout = 0, idleInTransaction = 0 }: SessionLimits): string => {
  const values = {
    ...fixed,
    statement_timeout: String(statementTimeout),
    lock_timeout: String(lockTimeout),
    idle_in_transaction_session_timeout: String(idleInTransaction),
  }
  const rows = Object.entries(values).map(([name, value]) => `(${literal(name)}, ${literal(value)})`).join(', ')
  return `select set_config('search_path', ${searchPath}, false), (select count(set_config(s.name, v.value, false))
    from (values ${rows}) v (name, value) join pg_settings s on s.name = v.name
    where s.context = 'user' or (s.context = 'superuser' and current_setting('is_superuser') = 'on'))`
}
