// A change of the account's status voids what a log-in or an enrolment under way has proved, whoever writes it.
import type { Knex } from 'knex'

export const up = async (knex: Knex): Promise<void> => {
  await knex.raw(`
    create function sovrane_void_challenges() returns trigger language plpgsql as $$
    begin
      update mfa_challenges set consumed_at = now() where user_id = new.id and consumed_at is null;
      update mfa_factors set pending_type = null, pending_secret = null where user_id = new.id and pending_type is not null;
      return null;
    end $$`)
  await knex.raw('create trigger f_challenges after update on users for each row when (old.status is distinct from new.status) execute function sovrane_void_challenges()')
}

export const down = async (knex: Knex): Promise<void> => {
  await knex.raw('drop trigger f_challenges on users')
  await knex.raw('drop function sovrane_void_challenges()')
}
