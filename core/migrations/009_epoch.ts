// The epoch that clients are told: another one whenever the history of the database may be another.
import type { Knex } from 'knex'

/**
 * `feed_state.epoch`, then the timeline of the server, which a promoted standby and a recovery to a point in time raise, then the
 * place of the feed: a dump that is restored makes another table, in another database or cluster. The name of the WAL file has the
 * timeline at the very promotion, the control file only after its first checkpoint; managed servers may refuse the one or the other.
 * A standby has no epoch: it cannot know yet how its history goes on.
 */
export const up = async (knex: Knex): Promise<void> => {
  await knex.raw(`
    create function sovrane_epoch() returns text language plpgsql stable as $$
    declare
      line text;
      place text := '';
    begin
      if pg_is_in_recovery() then return null; end if;
      begin
        line := ltrim(substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), '0');
      exception when insufficient_privilege or feature_not_supported or undefined_function then
        begin
          select to_hex(c.timeline_id) into line from pg_control_checkpoint() c;
        exception when insufficient_privilege or feature_not_supported or undefined_function then
          line := '';
        end;
      end;
      begin
        select system_identifier::text into place from pg_control_system();
      exception when insufficient_privilege or feature_not_supported or undefined_function then
        null;
      end;
      select concat_ws(' ', place, d.oid, 'feed_state'::regclass::oid) into place from pg_database d where d.datname = current_database();
      return (select concat_ws('.', s.epoch, line, substr(md5(place), 1, 8)) from feed_state s);
    end $$`)
}

export const down = async (knex: Knex): Promise<void> => {
  await knex.raw('drop function sovrane_epoch()')
}
