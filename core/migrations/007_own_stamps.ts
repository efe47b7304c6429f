// What a transaction raises of its own actor's stamp is no one else's change of their rights: a log-out is not undone for ending its
// session.
import type { Knex } from 'knex'

const raise = 'insert into rights_stamps as s values (who, 1) on conflict (actor) do update set stamp = s.stamp + 1'

export const up = async (knex: Knex): Promise<void> => {
  // sovrane.raised: how often this transaction has raised a stamp that its own actor's rights are compared with.
  await knex.raw(`
    create or replace function sovrane_restamp(who text) returns void language plpgsql as $$
    begin
      ${raise};
      if who in ('', current_setting('sovrane.actor', true)) then
        perform set_config('sovrane.raised', (coalesce(nullif(current_setting('sovrane.raised', true), ''), '0')::bigint + 1)::text, true);
      end if;
    end $$`)
  // What others raised before this transaction is in the sum as well: each raises the row that it then holds until it ends.
  await knex.raw(`
    create or replace function sovrane_close(who text[], expected bigint) returns text language plpgsql as $$
    declare own bigint := coalesce(nullif(current_setting('sovrane.raised', true), ''), '0')::bigint;
    begin
      if expected is not null and expected + own <> (select coalesce(sum(s.stamp), 0) from rights_stamps s where s.actor = any(who)) then
        raise exception 'the rights of the actor have changed' using errcode = 'SV001';
      end if;
      return current_setting('sovrane.noted', true);
    end $$`)
}

export const down = async (knex: Knex): Promise<void> => {
  await knex.raw(`create or replace function sovrane_restamp(who text) returns void language sql as $$ ${raise} $$`)
  await knex.raw(`
    create or replace function sovrane_close(who text[], expected bigint) returns text language plpgsql as $$
    begin
      if expected is not null and expected <> (select coalesce(sum(s.stamp), 0) from rights_stamps s where s.actor = any(who)) then
        raise exception 'the rights of the actor have changed' using errcode = 'SV001';
      end if;
      return current_setting('sovrane.noted', true);
    end $$`)
}
