// The feed under stress: the relay and the forgetting as one call each, and rows that go without a row's trigger being asked.
import type { Knex } from 'knex'

export const up = async (knex: Knex): Promise<void> => {
  // The last position before the batch that an entry was relayed with: within a batch changes of a row are told as one.
  await knex.raw('alter table feed add column batch bigint')
  // One call, one transaction, one message from the client: whatever becomes of the client, the lock is given back.
  // moved: how many entries; -1: another relay has the lock, and may not see our commit. upto: the last position given out.
  await knex.raw(`
    create function sovrane_relay(most int, out moved bigint, out upto bigint) language plpgsql as $$
    declare last bigint;
    begin
      if current_setting('transaction_isolation') <> 'read committed' then raise exception 'the relay needs read committed'; end if;
      if not pg_try_advisory_xact_lock(hashtext('sovrane:relay')) then moved := -1; return; end if;
      -- Each statement has its own snapshot: this one sees all that the last holder of the lock did.
      select max(s.seq) into last from (select o.seq from outbox o order by o.seq limit most) s;
      -- By a range, not by a list: the planner knows nothing of a table that is mostly empty, and a list it joined row by row.
      with batch as (delete from outbox o where o.seq <= last returning *),
           counted as (select count(*) as n from batch),
           state as (update feed_state f set pos = f.pos + counted.n from counted where counted.n > 0 returning f.pos - counted.n as start),
           told as (insert into feed (pos, batch, resource, id, action, version, request_id, actor, at)
             select state.start + row_number() over (order by batch.seq), state.start, batch.resource, batch.id, batch.action,
               batch.version, batch.request_id, batch.actor, batch.at
               from batch, state returning 1)
      select counted.n into moved from counted;
      select f.pos into upto from feed_state f;
      if moved > 0 then perform pg_notify('sovrane_feed', ''); end if;
    end $$`)
  // Forgets at most so many of the oldest entries that are older than so many hours, and remembers up to where. Answers how many.
  await knex.raw(`
    create function sovrane_forget(hours int, most int) returns bigint language plpgsql as $$
    declare kept bigint; last bigint; gone bigint;
    begin
      if not pg_try_advisory_xact_lock(hashtext('sovrane:forget')) then return 0; end if;
      select f.floor into kept from feed_state f;
      -- From the oldest position on, up to the first entry that is young: what is kept has no holes.
      select coalesce(min(s.pos) filter (where s.at >= now() - make_interval(hours => hours)) - 1, max(s.pos)) into last
        from (select f.pos, f.at from feed f where f.pos > kept order by f.pos limit most) s;
      if last is null or last <= kept then return 0; end if;
      delete from feed f where f.pos > kept and f.pos <= last;
      get diagnostics gone = row_count;
      update feed_state set floor = last where floor < last;
      return gone;
    end $$`)
  await knex.raw('drop index feed_at')

  // The triggers that note changes fire for writers in the role of a replica too: what such a writer changes without a new
  // version cannot be told row by row, and is told as the loss of the whole table's caches.
  await knex.raw(`
    create or replace function sovrane_record() returns trigger language plpgsql as $$
    declare replica boolean := current_setting('session_replication_role') = 'replica';
    begin
      if tg_op = 'INSERT' then
        -- A row that came and went in one transaction could not be waited for above.
        if not replica and exists (
          select 1 from tombstones t where t.resource = tg_argv[0] and t.id = new.id and t.version >= new.version
        ) then
          raise exception 'the id was deleted meanwhile' using errcode = 'serialization_failure';
        end if;
        perform sovrane_note(tg_argv[0], new.id, 'create', new.version);
      elsif tg_op = 'UPDATE' then
        if new.version <> old.version then perform sovrane_note(tg_argv[0], new.id, 'update', new.version);
        elsif replica and new is distinct from old then perform sovrane_note('~reset', tg_argv[0], 'update', 0); end if;
      else
        insert into tombstones values (tg_argv[0], old.id, old.version + 1)
          on conflict (resource, id) do update set version = greatest(tombstones.version, excluded.version);
        perform sovrane_note(tg_argv[0], old.id, 'delete', old.version + 1);
      end if;
      return null;
    end $$`)
  // Before: the versions are remembered, if the table has any (argument: the resource). After: all caches are to be dropped.
  await knex.raw(`
    create function sovrane_truncate() returns trigger language plpgsql as $$
    begin
      if tg_when = 'BEFORE' then
        execute format('insert into tombstones as t select $1, r.id, r.version + 1 from %I.%I r
          on conflict (resource, id) do update set version = greatest(t.version, excluded.version)', tg_table_schema, tg_table_name)
          using tg_argv[0];
      else
        if tg_argv[0] <> '' then delete from scopes s where s.resource = tg_argv[0]; end if;
        perform sovrane_note('~reset', coalesce(nullif(tg_argv[0], ''), tg_table_name), 'update', 0);
      end if;
      return null;
    end $$`)
  // The tables that are there already; those to come call trackChanges, touchOwner and announce.
  await knex.raw(`
    do $do$ declare t record; resource text;
    begin
      for t in select g.tgname, g.tgrelid::regclass as place, p.proname, g.tgargs from pg_trigger g join pg_proc p on p.oid = g.tgfoid
          where p.proname in ('sovrane_record', 'sovrane_touch', 'sovrane_announce')
            and p.pronamespace = current_schema()::regnamespace and not g.tgisinternal
      loop
        execute format('alter table %s enable always trigger %I', t.place, t.tgname);
        if t.proname = 'sovrane_record' then
          resource := split_part(encode(t.tgargs, 'escape'), '\\000', 1);
          execute format('create or replace trigger f_truncated_rows before truncate on %s
            for each statement execute function sovrane_truncate(%L)', t.place, resource);
          execute format('create or replace trigger f_truncated after truncate on %s
            for each statement execute function sovrane_truncate(%L)', t.place, resource);
          execute format('alter table %1$s enable always trigger f_truncated_rows, enable always trigger f_truncated', t.place);
        else
          execute format($f$create or replace trigger g_truncated after truncate on %s
            for each statement execute function sovrane_truncate('')$f$, t.place);
          execute format('alter table %s enable always trigger g_truncated', t.place);
        end if;
      end loop;
    end $do$`)
}

export const down = async (knex: Knex): Promise<void> => {
  await knex.raw('drop function sovrane_truncate() cascade')
  await knex.raw('create index feed_at on feed (at)')
  await knex.raw('drop function sovrane_forget(int, int)')
  await knex.raw('drop function sovrane_relay(int)')
  await knex.raw('alter table feed drop column batch')
}
