// The tables of limit: those of the directory that the operations need, with the keys and indexes that they need.
const stamp = 'timestamptz(3) not null default now()'
const columns = `id text primary key, version integer not null default 1, created_at ${stamp}, updated_at ${stamp}`

export const limitSchema = [
  `create table roles (${columns}, label text not null)`,
  `create table sites (${columns}, label text not null)`,
  `create table departments (${columns}, label text not null, site_id text references sites (id),
     parent_id text references departments (id))`,
  `create table users (${columns}, first_name text not null, last_name text not null, email text not null,
     status text not null default 'active', picture text, metadata jsonb, site_id text references sites (id),
     department_id text references departments (id), locale text, email_verified boolean not null default false)`,
  `create table user_roles (user_id text not null references users (id) on delete cascade,
     role_id text not null references roles (id), primary key (user_id, role_id))`,
  'create table credentials (user_id text primary key references users (id) on delete cascade, password_hash text not null)',
]

/** Made after the rows: that is quicker. */
export const limitIndexes = [
  'create unique index users_email on users (lower(email))',
  'create index users_created on users (created_at, id)',
  'create index sites_created on sites (created_at, id)',
  'create index users_site on users (site_id)',
  'create index users_department on users (department_id)',
]
