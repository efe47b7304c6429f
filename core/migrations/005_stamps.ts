// The stamp of rights, raised by whatever changes them, and what a transaction says of itself when it ends.
import type { Knex } from 'knex'

export const up = async (knex: Knex): Promise<void> => {
  // actor '': everyone. What an actor may do is the same for as long as the sum of both stamps is.
  await knex.raw('create table rights_stamps (actor text primary key, stamp bigint not null)')
  await knex.raw(`
    create function sovrane_restamp(who text) returns void language sql as $$
      insert into rights_stamps as s values (who, 1) on conflict (actor) do update set stamp = s.stamp + 1
    $$`)
  // Arguments: the column that names the actor; '' for a table that says something of everyone.
  await knex.raw(`
    create function sovrane_rights() returns trigger language plpgsql as $$
    declare old_actor text; new_actor text;
    begin
      if tg_argv[0] = '' or tg_op = 'TRUNCATE' then
        perform sovrane_restamp('');
        return null;
      end if;
      if tg_op <> 'INSERT' then
        old_actor := to_jsonb(old) ->> tg_argv[0];
        perform sovrane_restamp(old_actor);
      end if;
      if tg_op <> 'DELETE' then
        new_actor := to_jsonb(new) ->> tg_argv[0];
        if new_actor is distinct from old_actor then perform sovrane_restamp(new_actor); end if;
      end if;
      return null;
    end $$`)
  // sovrane.noted: the rows that the transaction has changed, for the caches of the node that commits it; '*' for too many.
  await knex.raw(`
    create or replace function sovrane_note(resource text, id text, action text, version bigint) returns void language plpgsql as $$
    declare noted text := current_setting('sovrane.noted', true);
    begin
      insert into outbox (resource, id, action, version, request_id, actor) values (
        resource, id, action, version,
        nullif(current_setting('sovrane.request_id', true), ''), nullif(current_setting('sovrane.actor', true), ''));
      if resource = '~rights' then perform sovrane_restamp(id);
      elsif resource = '~reset' then perform sovrane_restamp('');
      end if;
      if noted is distinct from '*' then
        perform set_config('sovrane.noted',
          case when length(noted) > 4000 then '*' else concat(noted, resource, E'\\x1f', id, E'\\x1e') end, true);
      end if;
    end $$`)
  // Before a commit: throws when the rights are no longer those by which was decided. Answers what was noted.
  await knex.raw(`
    create function sovrane_close(who text[], expected bigint) returns text language plpgsql as $$
    begin
      if expected is not null and expected <> (select coalesce(sum(s.stamp), 0) from rights_stamps s where s.actor = any(who)) then
        raise exception 'the rights of the actor have changed' using errcode = 'SV001';
      end if;
      return current_setting('sovrane.noted', true);
    end $$`)
}

export const down = async (knex: Knex): Promise<void> => {
  await knex.raw('drop function sovrane_close(text[], bigint)')
  await knex.raw(`
    create or replace function sovrane_note(resource text, id text, action text, version bigint) returns void language sql as $$
      insert into outbox (resource, id, action, version, request_id, actor) values (
        resource, id, action, version,
        nullif(current_setting('sovrane.request_id', true), ''), nullif(current_setting('sovrane.actor', true), ''))
    $$`)
  await knex.raw('drop function sovrane_rights() cascade')
  await knex.raw('drop function sovrane_restamp(text)')
  await knex.schema.dropTable('rights_stamps')
}
