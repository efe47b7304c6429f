// The audit log: entries by month, what seals them, what retention leaves of them, and what is to be recorded.
import type { Knex } from 'knex'
import { resourceColumns, trackChanges } from '#sovrane'

const entries = async (knex: Knex): Promise<void> => {
  // No foreign keys: an entry outlives what it is about. `seal_pos` and `seal` are the sealer's, `mac` the writer's.
  await knex.raw(`
    create table audit_entries (
      at timestamptz(3) not null, id text not null, actor_id text, actor_type text not null, action text not null, level text not null,
      category text not null, target_type text, target_id text, details jsonb not null, ip_address text, user_agent text, request_id text,
      mac text not null, seal_pos bigint, seal text, primary key (at, id)) partition by range (at)`)
  for (const column of ['actor_id', 'action', 'target_type', 'target_id', 'category']) {
    await knex.raw('create index ?? on audit_entries (??, at desc, id desc)', [`audit_entries_${column}`, column])
  }
  // Nearly all entries are of the level info: to list those, the primary key serves.
  await knex.raw("create index audit_entries_level on audit_entries (level, at desc, id desc) where level <> 'info'")
  await knex.raw('create index audit_entries_id on audit_entries (id)')
  await knex.raw('create index audit_entries_seal on audit_entries (seal_pos, id)')
  await knex.raw('create index audit_entries_unsealed on audit_entries (at, id) where seal_pos is null')
}

const guards = async (knex: Knex): Promise<void> => {
  await knex.raw(`
    create function audit_guard() returns trigger language plpgsql as $$
    begin
      if tg_op = 'UPDATE' then
        if old.seal_pos is null and old.seal is null and new.seal_pos is not null and new.seal is not null
          and (new.at, new.id, new.actor_id, new.actor_type, new.action, new.level, new.category, new.target_type, new.target_id,
               new.details, new.ip_address, new.user_agent, new.request_id, new.mac)
            is not distinct from
              (old.at, old.id, old.actor_id, old.actor_type, old.action, old.level, old.category, old.target_type, old.target_id,
               old.details, old.ip_address, old.user_agent, old.request_id, old.mac)
        then return new; end if;
      end if;
      raise exception 'audit entries are append-only' using errcode = 'restrict_violation';
    end $$`)
  await knex.raw('create trigger append_only before update or delete on audit_entries for each row execute function audit_guard()')
  await knex.raw('create trigger no_truncate before truncate on audit_entries for each statement execute function audit_guard()')
}

const functions = async (knex: Knex): Promise<void> => {
  // As its owner: a role that may only append needs no right to create tables. Attaching locks no writer out, unlike `partition of`.
  await knex.raw(`
    create function audit_partition(moment timestamptz) returns text language plpgsql security definer set search_path from current as $$
    declare
      starts timestamp := date_trunc('month', moment at time zone 'UTC');
      name name := 'audit_entries_' || to_char(starts, 'YYYYMM');
    begin
      if to_regclass(name::text) is null then
        perform pg_advisory_xact_lock(hashtext('sovrane:audit-partition'));
        -- By a query: to_regclass may still answer from before the wait.
        if not exists (select 1 from pg_class c join pg_class p on p.relnamespace = c.relnamespace
                       where c.relname = name and p.oid = 'audit_entries'::regclass) then
          execute format('create table %I (like audit_entries including all)', name);
          execute format('create trigger no_truncate before truncate on %I for each statement execute function audit_guard()', name);
          execute format('alter table audit_entries attach partition %I for values from (%L) to (%L)',
            name, starts at time zone 'UTC', (starts + interval '1 month') at time zone 'UTC');
        end if;
      end if;
      return name;
    end $$`)
  // Decides whether the entry is recorded, stamps it by the database's clock, and makes the month's partition when it is missing.
  await knex.raw(`
    create function audit_append(e jsonb, always boolean) returns timestamptz language plpgsql as $$
    declare moment timestamptz(3) := clock_timestamp();
    begin
      if not always and exists (select 1 from audit_config c
        where not ((c.levels = '{}' or (e ->> 'level') = any(c.levels))
          and (c.categories = '{}' or (e ->> 'category') = any(c.categories))))
      then return null; end if;
      if to_regclass('audit_entries_' || to_char(moment at time zone 'UTC', 'YYYYMM')) is null then perform audit_partition(moment); end if;
      insert into audit_entries (
        at, id, actor_id, actor_type, action, level, category, target_type, target_id, details, ip_address, user_agent, request_id, mac)
        values (moment, e ->> 'id', e ->> 'actorId', e ->> 'actorType', e ->> 'action', e ->> 'level', e ->> 'category',
          e ->> 'targetType', e ->> 'targetId', e -> 'details', e ->> 'ipAddress', e ->> 'userAgent', e ->> 'requestId', e ->> 'mac');
      return moment;
    end $$`)
}

export const up = async (knex: Knex): Promise<void> => {
  await entries(knex)
  await guards(knex)
  await knex.schema.createTable('audit_config', (table) => {
    resourceColumns(table, knex)
    table.specificType('levels', 'text[]').notNullable().defaultTo('{}')
    table.specificType('categories', 'text[]').notNullable().defaultTo('{}')
  })
  await trackChanges(knex, 'audit_config', { resource: 'audit-config' })
  await knex('audit_config').insert({ id: 'audit-config' })
  // The head of the chain: the last position that was given out, and its seal; signed.
  await knex.raw('create table audit_head (one boolean primary key default true check (one), pos bigint not null, seal text not null, mac text not null)')
  // Runs of positions that retention has removed; signed.
  await knex.raw(`
    create table audit_anchors (
      from_pos bigint primary key, to_pos bigint not null, before_seal text not null, seal text not null,
      mac text not null, made_at timestamptz(3) not null default now())`)
  await functions(knex)
  await knex.raw('select audit_partition(now())')
}

export const down = async (knex: Knex): Promise<void> => {
  await knex.raw('drop function audit_append(jsonb, boolean)')
  await knex.raw('drop function audit_partition(timestamptz)')
  for (const table of ['audit_anchors', 'audit_head', 'audit_config', 'audit_entries']) await knex.schema.dropTable(table)
  await knex.raw('drop function audit_guard()')
}
