// The tables of the Feathers application, as its generator's migrations make them, and the same organisation in them.
import { withPassword, type Size } from './organisation.ts'

const columns = '"id" serial primary key, "createdAt" timestamptz not null default now(), "updatedAt" timestamptz not null default now()'

export const feathersSchema = [
  `create table roles (${columns}, label varchar(255))`,
  `create table sites (${columns}, label varchar(255))`,
  `create table departments (${columns}, label varchar(255), "siteId" integer references sites (id),
     "parentId" integer references departments (id))`,
  `create table users (${columns}, "firstName" varchar(255), "lastName" varchar(255), email varchar(255) unique, password varchar(255),
     status varchar(255) default 'active', picture varchar(255), metadata jsonb, "siteId" integer references sites (id),
     "departmentId" integer references departments (id), locale varchar(255))`,
]

/** @param hash of the password of those who can log in */
export const fillFeathers = ({ users, sites, departments, roles }: Size, hash: string): string[] => [
  `insert into roles (label) select 'Role ' || n from generate_series(1, ${roles}) n`,
  `insert into sites (label) select 'Site ' || n from generate_series(1, ${sites}) n`,
  `insert into departments (label, "siteId", "parentId")
     select 'Department ' || n, n % 50 + 1, case when n > 10 then n / 10 end from generate_series(1, ${departments}) n`,
  `insert into users ("firstName", "lastName", email, password, picture, metadata, "siteId", "departmentId", locale)
     select 'First' || n % 997, 'Last' || n % 7919, 'person.' || n || '@example.com', case when n <= ${withPassword} then '${hash}' end,
       'https://example.com/pictures/' || n || '.png', jsonb_build_object('title', 'Engineer', 'floor', n % 12),
       n % 50 + 1, n % ${departments} + 1, case when n % 3 = 0 then 'fr' else 'en' end
     from generate_series(1, ${users}) n`,
]
