// The triggers of each row without SQL that is built anew each time: planning it cost more than running it.
import type { Knex } from 'knex'

export const up = async (knex: Knex): Promise<void> => {
  // Nothing waits here for a delete of the same id any more: what it leaves behind, `sovrane_record` sees once the index has waited.
  await knex.raw(`
    create or replace function sovrane_stamp() returns trigger language plpgsql as $$
    declare actor text := nullif(current_setting('sovrane.actor', true), '');
    begin
      if tg_op = 'INSERT' then
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
  // Makes the function of one table that touches the rows of one owner; answers its name. when_column '': any change counts.
  await knex.raw(`
    create function sovrane_static_touch(place regclass, owner text, by_column text, when_column text, key_column text) returns text
      language plpgsql as $make$
    declare
      made text := 'sovrane_touch_' || substr(md5(concat_ws('/', place, owner, by_column, when_column, key_column)), 1, 16);
      moved text := case when when_column = '' then 'select n.%2$I as id from new_rows n union select o.%2$I from old_rows o'
        else 'select unnest(array[o.%2$I, n.%2$I]) as id from old_rows o join new_rows n on n.%5$I = o.%5$I
          where o.%4$I is distinct from n.%4$I' end;
    begin
      -- A statement that touches nobody must not run: on a table that owns itself it would fire this trigger for ever.
      execute format($body$
        create or replace function %1$I() returns trigger language plpgsql as $touch$
        declare owners text[];
        begin
          if tg_op = 'INSERT' then select array_agg(distinct n.%2$I) into owners from new_rows n;
          elsif tg_op = 'DELETE' then select array_agg(distinct o.%2$I) into owners from old_rows o;
          else select array_agg(distinct s.id) into owners from ($body$ || moved || $body$) s;
          end if;
          owners := array_remove(owners, null);
          if cardinality(owners) > 0 then
            with locked as (select t.id from %3$I t where t.id = any(owners) order by t.id for no key update)
              update %3$I t set version = t.version + 1 from locked where t.id = locked.id;
          end if;
          return null;
        end $touch$ $body$, made, by_column, owner, when_column, key_column);
      return made;
    end $make$`)
  // The triggers that are there already.
  await knex.raw(`
    do $do$ declare t record; args text[]; made text;
    begin
      for t in select g.oid, g.tgname, g.tgrelid::regclass as place, g.tgargs from pg_trigger g join pg_proc p on p.oid = g.tgfoid
          where p.proname = 'sovrane_touch' and p.pronamespace = current_schema()::regnamespace and not g.tgisinternal
      loop
        args := string_to_array(encode(t.tgargs, 'escape'), '\\000');
        made := sovrane_static_touch(t.place, args[1], args[2], args[3], args[4]);
        execute replace(replace(pg_get_triggerdef(t.oid), 'CREATE TRIGGER', 'CREATE OR REPLACE TRIGGER'), 'sovrane_touch(', made || '(');
        execute format('alter table %s enable always trigger %I', t.place, t.tgname);
      end loop;
    end $do$`)
  await knex.raw('drop function sovrane_touch()')
}

/** The functions of tables stay: what was made by the migrations of resources and plugins is gone by now. */
export const down = async (knex: Knex): Promise<void> => {
  await knex.raw('drop function sovrane_static_touch(regclass, text, text, text, text)')
}
