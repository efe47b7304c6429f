// The organisation that every target holds, as SQL over tables that have the same names and columns in Sovrane and in limit.

/** How much of everything there is. */
export interface Size {
  readonly users: number
  readonly sites: number
  readonly departments: number
  readonly roles: number
}

export const ordinary: Size = { users: 10_000, sites: 50, departments: 200, roles: 20 }
export const million: Size = { users: 1_000_000, sites: 1_000_000, departments: 200, roles: 20 }

/** Users that have a password; the first of them is who the requests come from. */
export const withPassword = 500
export const password = 'Quiet-River-52-Lantern'

type Kind = 'user' | 'site' | 'department' | 'role'
const digit: Record<Kind, string> = { user: 'a', site: 'b', department: 'c', role: 'd' }

/** The id of the n-th of its kind, from 1: as long as a UUID. */
export const idOf = (kind: Kind, number: number): string => `01900000-0000-7000-8000-${digit[kind]}${number.toString(16).padStart(11, '0')}`

export const emailOf = (number: number): string => `person.${number}@example.com`

const id = (kind: Kind, number: string): string => `'01900000-0000-7000-8000-${digit[kind]}' || lpad(to_hex(${number}), 11, '0')`
/** Each row is a second younger than the one before. */
const stamps = "1, timestamptz '2026-01-01' + n * interval '1 second', timestamptz '2026-01-01' + n * interval '1 second'"

/** The number of one row of so many, each as likely as any other. */
export const anyOf = (count: number): number => Math.floor(Math.random() * count) + 1

/** The condition under which a user has a password. */
export const withPasswords = `id between '${idOf('user', 1)}' and '${idOf('user', withPassword)}'`

/** Fills the tables of the directory. Triggers are the caller's business. */
export const fill = ({ users, sites, departments, roles }: Size): string[] => [
  `insert into roles (id, version, created_at, updated_at, label)
     select ${id('role', 'n')}, ${stamps}, 'Role ' || n from generate_series(1, ${roles}) n`,
  `insert into sites (id, version, created_at, updated_at, label)
     select ${id('site', 'n')}, ${stamps}, 'Site ' || n from generate_series(1, ${sites}) n`,
  `insert into departments (id, version, created_at, updated_at, label, site_id, parent_id)
     select ${id('department', 'n')}, ${stamps}, 'Department ' || n, ${id('site', 'n % 50 + 1')},
       case when n > 10 then ${id('department', 'n / 10')} end from generate_series(1, ${departments}) n`,
  `insert into users (
    id, version, created_at, updated_at, first_name, last_name, email, status, picture, metadata, site_id, department_id, locale)
     select ${id('user', 'n')}, ${stamps}, 'First' || n % 997, 'Last' || n % 7919, 'person.' || n || '@example.com', 'active',
       'https://example.com/pictures/' || n || '.png', jsonb_build_object('title', 'Engineer', 'floor', n % 12),
       ${id('site', 'n % 50 + 1')}, ${id('department', `n % ${departments} + 1`)}, case when n % 3 = 0 then 'fr' else 'en' end
     from generate_series(1, ${users}) n`,
  // The first role is that of the first user alone; everyone has two of the others.
  `insert into user_roles (user_id, role_id) select ${id('user', '1')}, ${id('role', '1')}`,
  `insert into user_roles (user_id, role_id)
     select ${id('user', 'n')}, ${id('role', `2 + (n + k * 7) % ${roles - 1}`)}
       from generate_series(1, ${users}) n, generate_series(0, 1) k`,
]

/** What makes the planner know the tables, and leaves no work to the autovacuum within the run. */
export const settle = ['vacuum analyze', 'checkpoint']
