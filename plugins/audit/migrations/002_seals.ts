// Entries are written once: seals have a table of their own, by months as the entries, and entries that wait for theirs a queue.
import type { Knex } from 'knex'

const tables = async (knex: Knex): Promise<void> => {
  await knex.raw(`
    create table audit_seals (at timestamptz(3) not null, id text not null, pos bigint not null, seal text not null)
      partition by range (at)`)
  await knex.raw('create table audit_unsealed (at timestamptz(3) not null, id text not null, primary key (at, id))')
}

/** Both tables of a month, each made when it is missing: the rest is as in the first migration. */
const partitions = (knex: Knex) => knex.raw(`
  create or replace function audit_partition(moment timestamptz) returns text
    language plpgsql security definer set search_path from current as $$
  declare
    starts timestamp := date_trunc('month', moment at time zone 'UTC');
    whole text;
    name name;
  begin
    foreach whole in array array['audit_seals', 'audit_entries'] loop
      name := whole || '_' || to_char(starts, 'YYYYMM');
      if to_regclass(name::text) is null then
        perform pg_advisory_xact_lock(hashtext('sovrane:audit-partition'));
        -- By a query: to_regclass may still answer from before the wait.
        if not exists (select 1 from pg_class c join pg_class p on p.relnamespace = c.relnamespace
                       where c.relname = name and p.oid = whole::regclass) then
          execute format('create table %I (like %I including all)', name, whole);
          execute format('create trigger no_truncate before truncate on %I for each statement execute function audit_guard()', name);
          execute format('alter table %I attach partition %I for values from (%L) to (%L)',
            whole, name, starts at time zone 'UTC', (starts + interval '1 month') at time zone 'UTC');
        end if;
      end if;
    end loop;
    return name;
  end $$`)

/** What was sealed and what waits; the indexes come after the rows. What someone left without a seal at its position stays evidence. */
const move = async (knex: Knex): Promise<void> => {
  await knex.raw(`
    select audit_partition(to_date(right(c.relname, 6), 'YYYYMM')::timestamp at time zone 'UTC')
    from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'audit_entries'::regclass and c.relname ~ '_[0-9]{6}$'`)
  await knex.raw("insert into audit_seals select at, id, seal_pos, coalesce(seal, '') from audit_entries where seal_pos is not null")
  await knex.raw('insert into audit_unsealed select at, id from audit_entries where seal_pos is null')
  // By id first: it tells ids that come twice, for which the entries need no index.
  await knex.raw('alter table audit_seals add primary key (id, at)')
  await knex.raw('create index audit_seals_pos on audit_seals (pos, id)')
  for (const index of ['seal', 'unsealed', 'id']) await knex.raw('drop index ??', [`audit_entries_${index}`])
  await knex.raw('alter table audit_entries drop column seal_pos, drop column seal')
}

const guards = async (knex: Knex): Promise<void> => {
  await knex.raw(`
    create or replace function audit_guard() returns trigger language plpgsql as $$
    begin
      raise exception 'audit entries and their seals are append-only' using errcode = 'restrict_violation';
    end $$`)
  await knex.raw('create trigger append_only before update or delete on audit_seals for each row execute function audit_guard()')
  await knex.raw('create trigger no_truncate before truncate on audit_seals for each statement execute function audit_guard()')
  // Whoever inserts it: an entry that the writers' function has not appended gets its seal, too.
  await knex.raw(`
    create function audit_queue() returns trigger language plpgsql as $$
    begin
      insert into audit_unsealed values (new.at, new.id);
      return null;
    end $$`)
  await knex.raw('create trigger queued after insert on audit_entries for each row execute function audit_queue()')
}

/** Decides which entries are recorded, stamps them by the database's clock, and makes the month's partitions when they are missing. */
const append = async (knex: Knex): Promise<void> => {
  await knex.raw(`
    create function audit_append(entries jsonb) returns void language plpgsql as $$
    declare moment timestamptz(3) := clock_timestamp();
    begin
      if to_regclass('audit_entries_' || to_char(moment at time zone 'UTC', 'YYYYMM')) is null then perform audit_partition(moment); end if;
      insert into audit_entries (
        at, id, actor_id, actor_type, action, level, category, target_type, target_id, details, ip_address, user_agent, request_id, mac)
        select moment, e.id, e."actorId", e."actorType", e.action, e.level, e.category, e."targetType", e."targetId", e.details,
          e."ipAddress", e."userAgent", e."requestId", e.mac
        from jsonb_to_recordset(entries) as e(
          id text, "actorId" text, "actorType" text, action text, level text, category text, "targetType" text, "targetId" text,
          details jsonb, "ipAddress" text, "userAgent" text, "requestId" text, mac text, always boolean)
        where e.always or not exists (select 1 from audit_config c
          where not ((c.levels = '{}' or e.level = any(c.levels)) and (c.categories = '{}' or e.category = any(c.categories))));
    end $$`)
  // Servers of before append by this while they are replaced one after another.
  await knex.raw(`
    create or replace function audit_append(e jsonb, always boolean) returns timestamptz language plpgsql as $$
    begin
      perform audit_append(jsonb_build_array(e || jsonb_build_object('always', always)));
      return clock_timestamp();
    end $$`)
}

export const up = async (knex: Knex): Promise<void> => {
  await tables(knex)
  await partitions(knex)
  await move(knex)
  await guards(knex)
  await append(knex)
}

/** Seals in the entries' rows again, with the indexes that go with them. */
const moveBack = async (knex: Knex): Promise<void> => {
  await knex.raw('drop trigger queued on audit_entries')
  await knex.raw('drop trigger append_only on audit_entries')
  await knex.raw('alter table audit_entries add column seal_pos bigint, add column seal text')
  await knex.raw('update audit_entries e set seal_pos = s.pos, seal = s.seal from audit_seals s where s.at = e.at and s.id = e.id')
  await knex.raw('create trigger append_only before update or delete on audit_entries for each row execute function audit_guard()')
  await knex.raw('create index audit_entries_id on audit_entries (id)')
  await knex.raw('create index audit_entries_seal on audit_entries (seal_pos, id)')
  await knex.raw('create index audit_entries_unsealed on audit_entries (at, id) where seal_pos is null')
  for (const table of ['audit_seals', 'audit_unsealed']) await knex.schema.dropTable(table)
  await knex.raw('drop function audit_queue()')
  await knex.raw('drop function audit_append(jsonb)')
}

/** As the first migration has them. */
const formerFunctions = async (knex: Knex): Promise<void> => {
  await knex.raw(`
    create or replace function audit_guard() returns trigger language plpgsql as $$
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
  await knex.raw(`
    create or replace function audit_partition(moment timestamptz) returns text
    language plpgsql security definer set search_path from current as $$
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
  await knex.raw(`
    create or replace function audit_append(e jsonb, always boolean) returns timestamptz language plpgsql as $$
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

export const down = async (knex: Knex): Promise<void> => {
  await moveBack(knex)
  await formerFunctions(knex)
}
