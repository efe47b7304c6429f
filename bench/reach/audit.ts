// Ten million entries of the audit log over eleven months, and the ways in which it may be asked.
import { idOf, million } from '../database/organisation.ts'
import { perPage, type Question } from './questions.ts'

export const entries = 10_000_000

/** Seconds between two entries: eleven months of them, which retention keeps. */
const step = 2.85

const actions = [
  'user-update', 'user-create', 'auth-login', 'site-update', 'role-update', 'group-add-user', 'config-set', 'department-update',
]

const text = (values: readonly string[], number: string): string =>
  `(array[${values.map((value) => `'${value}'`).join(', ')}])[(1 + ${number} % ${values.length})::integer]`

/**
 * SQL that fills the log. Their seals are left out, which no list reads, and so is the queue of those that wait for one. The indexes are
 * made afterwards, which takes minutes in place of an hour.
 */
export const fillAudit = (): string[] => [
  `select audit_partition(now() - n * interval '1 month') from generate_series(0, 11) n`,
  `create temp table kept_indexes as select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
     from pg_index where indrelid = 'audit_entries'::regclass and not indisprimary`,
  `do $$ declare i record; begin for i in select * from kept_indexes loop execute 'drop index ' || i.name; end loop; end $$`,
  'set session_replication_role = replica',
  `insert into audit_entries (
     at, id, actor_id, actor_type, action, level, category, target_type, target_id, details, ip_address, user_agent, request_id, mac)
   select now() - (${entries} - n) * interval '${step} seconds', '01900000-0000-7000-8000-e' || lpad(to_hex(n), 11, '0'),
     '01900000-0000-7000-8000-a' || lpad(to_hex(n * 7919 % 10000 + 1), 11, '0'), 'user', ${text(actions, 'n')},
     case when n % 1000 = 0 then 'critical' when n % 100 = 0 then 'warning' else 'info' end,
     ${text(['directory', 'auth', 'access', 'config'], 'n / 7')}, ${text(['user', 'site', 'role', 'group'], 'n / 3')},
     '01900000-0000-7000-8000-a' || lpad(to_hex(n * 104729 % 1000000 + 1), 11, '0'),
     '{"fields": ["firstName", "lastName"]}', '192.0.2.' || n % 250, null, null, repeat('m', 43)
   from generate_series(1, ${entries}::bigint) n`,
  `do $$ declare i record; begin
     for i in select * from kept_indexes loop execute replace(i.definition, ' ON ONLY ', ' ON '); end loop;
   end $$`,
  'reset session_replication_role',
  'vacuum analyze audit_entries',
]

const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)

const filters: Readonly<Record<string, (turn: number) => Readonly<Record<string, unknown>>>> = {
  'no filter': () => ({}),
  actorId: (turn) => ({ actorId: idOf('user', turn * 997 + 1) }),
  action: (turn) => ({ action: actions[turn % actions.length] }),
  targetType: (turn) => ({ targetType: ['user', 'site', 'role', 'group'][turn % 4] }),
  targetId: (turn) => ({ targetId: idOf('user', turn * 99_991 % million.users + 1) }),
  category: (turn) => ({ category: ['directory', 'auth', 'access', 'config'][turn % 4] }),
  'level info': () => ({ level: 'info' }),
  'level critical': () => ({ level: 'critical' }),
  'a day': (turn) => ({ dateFrom: daysAgo(20 + turn), dateTo: daysAgo(20 + turn) }),
  'a month': (turn) => ({ dateFrom: daysAgo(80 + turn), dateTo: daysAgo(50 + turn) }),
  'actorId, action and a month': (turn) =>
    ({ actorId: idOf('user', turn * 997 + 3), action: actions[turn % actions.length], dateFrom: daysAgo(80), dateTo: daysAgo(50) }),
  'action and level critical': (turn) => ({ action: actions[turn % actions.length], level: 'critical' }),
  'targetType and category': (turn) => ({ targetType: ['user', 'site'][turn % 2], category: ['auth', 'config'][turn % 2] }),
  'nothing has it': (turn) => ({ actorId: `nobody-${turn}` }),
}

/** All questions of the log. */
export const auditQuestions = (): Question[] => Object.entries(filters).flatMap(([title, filter]) => [
  { title: `${title}, first pages`, ask: (turn: number) => ({ ...filter(turn), page: 1 + turn, limit: perPage }) },
  { title: `${title}, page 4,000`, ask: (turn: number) => ({ ...filter(turn), page: 4000 + turn, limit: perPage }) },
])
