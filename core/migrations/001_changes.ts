// The change feed: outbox, feed, tombstones, scopes, and the trigger functions that fill them in the writer's transaction.
import type { Knex } from 'knex'

export const up = async (knex: Knex): Promise<void> => {
  await knex.raw(`
    create table outbox (
      seq bigserial primary key, resource text not null, id text not null, action text not null,
      version bigint not null, request_id text, actor text, at timestamptz(3) not null default clock_timestamp())`)
  await knex.raw(`
    create table feed (
      pos bigint primary key, resource text not null, id text not null, action text not null,
      version bigint not null, request_id text, actor text, at timestamptz(3) not null)`)
  await knex.raw('create index feed_at on feed (at)')
  // pos: the last position given out. floor: the last position that retention has removed.
  await knex.raw(`
    create table feed_state (
      one boolean primary key default true check (one), epoch text not null default gen_random_uuid()::text,
      pos bigint not null default 0, floor bigint not null default 0)`)
  await knex.raw('insert into feed_state default values')
  await knex.raw('create table tombstones (resource text not null, id text not null, version bigint not null, primary key (resource, id))')
  await knex.raw('create table scopes (id text primary key, resource text not null)')

  await knex.raw(`
    create function sovrane_note(resource text, id text, action text, version bigint) returns void language sql as $$
      insert into outbox (resource, id, action, version, request_id, actor) values (
        resource, id, action, version,
        nullif(current_setting('sovrane.request_id', true), ''), nullif(current_setting('sovrane.actor', true), ''))
    $$`)
  // Argument: the resource. A row made again with a deleted row's id goes on from its version.
  await knex.raw(`
    create function sovrane_stamp() returns trigger language plpgsql as $$
    declare actor text := nullif(current_setting('sovrane.actor', true), '');
    begin
      if tg_op = 'INSERT' then
        -- Waits for a delete of the same id that is not committed yet: its tombstone is seen by the next statement.
        execute format('select 1 from %I where id = $1 for key share', tg_table_name) using new.id;
        new.version := coalesce((select t.version from tombstones t where t.resource = tg_argv[0] and t.id = new.id), 0) + 1;
        new.created_at := now();
        new.created_by := actor;
      else
        if new is not distinct from old then return null; end if;
        if new.id <> old.id then raise exception 'an id never changes' using errcode = 'integrity_constraint_violation'; end if;
        -- One version a transaction: nobody else has seen what this one wrote before.
        new.version := case when old.xmin::text = (pg_current_xact_id()::text::bigint & 4294967295)::text
          then old.version else old.version + 1 end;
        new.created_at := old.created_at;
        new.created_by := old.created_by;
      end if;
      new.updated_at := now();
      new.updated_by := actor;
      return new;
    end $$`)
  await knex.raw(`
    create function sovrane_record() returns trigger language plpgsql as $$
    begin
      if tg_op = 'INSERT' then
        -- A row that came and went in one transaction could not be waited for above.
        if exists (select 1 from tombstones t where t.resource = tg_argv[0] and t.id = new.id and t.version >= new.version) then
          raise exception 'the id was deleted meanwhile' using errcode = 'serialization_failure';
        end if;
        perform sovrane_note(tg_argv[0], new.id, 'create', new.version);
      elsif tg_op = 'UPDATE' then
        if new.version <> old.version then perform sovrane_note(tg_argv[0], new.id, 'update', new.version); end if;
      else
        insert into tombstones values (tg_argv[0], old.id, old.version + 1)
          on conflict (resource, id) do update set version = greatest(tombstones.version, excluded.version);
        perform sovrane_note(tg_argv[0], old.id, 'delete', old.version + 1);
      end if;
      return null;
    end $$`)
  // Arguments: the owner's table, the column here that names the owner, the columns whose change counts ('' : any).
  // Owners are locked in the order of their ids, so that two writers cannot wait for each other.
  await knex.raw(`
    create function sovrane_touch() returns trigger language plpgsql as $$
    declare source text; owners text[];
    begin
      if tg_op = 'INSERT' then source := format('select %I as id from new_rows', tg_argv[1]);
      elsif tg_op = 'DELETE' then source := format('select %I as id from old_rows', tg_argv[1]);
      elsif tg_argv[2] = '' then source := format('select %1$I as id from new_rows union select %1$I from old_rows', tg_argv[1]);
      else source := format(
        'select unnest(array[o.%1$I, n.%1$I]) as id from old_rows o join new_rows n on n.%2$I = o.%2$I
          where o.%3$I is distinct from n.%3$I',
        tg_argv[1], tg_argv[3], tg_argv[2]);
      end if;
      execute format('select array_agg(s.id) from (%s) s where s.id is not null', source) into owners;
      -- A statement that touches nobody must not run: on a table that owns itself it would fire this trigger for ever.
      if owners is not null then
        execute format(
          'with locked as (select t.id from %1$I t where t.id = any($1) order by t.id for no key update)
           update %1$I t set version = t.version + 1 from locked where t.id = locked.id', tg_argv[0]) using owners;
      end if;
      return null;
    end $$`)
  // Arguments: the topic, the column with the id.
  await knex.raw(`
    create function sovrane_announce() returns trigger language plpgsql as $$
    begin
      perform sovrane_note(tg_argv[0], r.id, 'update', 0)
        from (select distinct to_jsonb(x) ->> tg_argv[1] as id from (select (case when tg_op = 'DELETE' then old else new end).*) x) r;
      return null;
    end $$`)
  await knex.raw(`
    create function sovrane_scope() returns trigger language plpgsql as $$
    begin
      if tg_op = 'INSERT' then insert into scopes values (new.id, tg_argv[0]);
      else delete from scopes where id = old.id; end if;
      return null;
    end $$`)
}

export const down = async (knex: Knex): Promise<void> => {
  for (const name of ['scope', 'announce', 'touch', 'record', 'stamp']) await knex.raw(`drop function sovrane_${name}()`)
  await knex.raw('drop function sovrane_note(text, text, text, bigint)')
  for (const table of ['scopes', 'tombstones', 'feed_state', 'feed', 'outbox']) await knex.schema.dropTable(table)
}
