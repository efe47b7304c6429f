// What ends a session or an API token ends it for good, whoever writes: decided by triggers, in the writer's own transaction; and every
// end is heard.
import type { Knex } from 'knex'

/** What a row must differ in for its user's open sockets to be looked at again. */
const watched = {
  sessions: ['id', 'user_id', 'ended_at', 'ended_by', 'expires_at'],
  api_tokens: ['id', 'user_id', 'token_hash', 'permissions', 'expires_at', 'revoked_at'],
} as const

/** Rows that had ended before are no news when they go. */
const standing = { sessions: 'old.ended_at is null', api_tokens: 'old.revoked_at is null' } as const

const tables = ['sessions', 'api_tokens'] as const

const row = (name: 'old' | 'new', columns: readonly string[]): string => `(${columns.map((column) => `${name}.${column}`).join(', ')})`

const announceEnds = async (knex: Knex): Promise<void> => {
  await knex.raw(`
    create function sovrane_announce_access() returns trigger language plpgsql as $$
    begin
      if tg_op = 'TRUNCATE' then
        execute format('select sovrane_note(''~rights'', t.user_id, ''update'', 0) from (select distinct user_id from %I) t',
          tg_table_name);
        return null;
      end if;
      perform sovrane_note('~rights', old.user_id, 'update', 0);
      if tg_op = 'UPDATE' and new.user_id <> old.user_id then perform sovrane_note('~rights', new.user_id, 'update', 0); end if;
      return null;
    end $$`)
  for (const table of tables) {
    const columns = watched[table]
    await knex.raw('drop trigger e_announce_rights on ??', [table])
    await knex.raw(`create trigger e_access_update after update of ${columns.join(', ')} on ?? for each row
      when (${row('old', columns)} is distinct from ${row('new', columns)}) execute function sovrane_announce_access()`, [table])
    await knex.raw(`create trigger e_access_delete after delete on ?? for each row when (${standing[table]}) execute function sovrane_announce_access()`, [table])
    // Before: whose rows they are can still be read.
    await knex.raw('create trigger e_access_truncate before truncate on ?? for each statement execute function sovrane_announce_access()', [table])
  }
}

const endByTriggers = async (knex: Knex): Promise<void> => {
  await knex.raw(`
    create function sovrane_end_access(who text, why text) returns void language sql as $$
      update sessions set ended_at = now(), ended_by = why where user_id = who and ended_at is null;
      update api_tokens set revoked_at = now() where user_id = who and revoked_at is null;
    $$`)
  await knex.raw(`
    create function sovrane_void_links(who text) returns void language sql as $$
      update password_resets set used_at = now() where user_id = who and used_at is null;
      delete from email_changes where user_id = who;
    $$`)
  // A status that changes and changes back has been changed: whatever was handed out before is void.
  await knex.raw(`
    create function sovrane_account_changed() returns trigger language plpgsql as $$
    begin
      perform sovrane_void_links(new.id);
      if new.status is distinct from old.status then
        perform sovrane_end_access(new.id, case when new.status = 'active' then old.status else new.status end);
        update credentials set era = era + 1 where user_id = new.id;
      end if;
      return null;
    end $$`)
  await knex.raw(`create trigger f_account after update on users for each row
    when (old.status is distinct from new.status or old.email is distinct from new.email) execute function sovrane_account_changed()`)
  // Whoever changes a password of their own keeps the session and the API tokens. A stronger hash of the same password, stored by a log-in,
  // leaves the time of the change alone; outside of the server, where the actor was never set, any other hash is another password.
  await knex.raw(`
    create function sovrane_password_replaced() returns trigger language plpgsql as $$
    begin
      if coalesce(current_setting('sovrane.actor', true), '') <> new.user_id then
        perform sovrane_end_access(new.user_id, 'password_changed');
      end if;
      return null;
    end $$`)
  await knex.raw(`create trigger f_password after update on credentials for each row
    when (old.password_hash is distinct from new.password_hash
      and (old.password_changed_at is distinct from new.password_changed_at or current_setting('sovrane.actor', true) is null))
    execute function sovrane_password_replaced()`)
}

export const up = async (knex: Knex): Promise<void> => {
  // Counts the changes of the account's status: proofs that are stored nowhere are made for one era.
  await knex.schema.alterTable('credentials', (table) => table.integer('era').notNullable().defaultTo(0))
  await announceEnds(knex)
  await endByTriggers(knex)
  await knex.raw("select sovrane_end_access(id, status), sovrane_void_links(id) from users where status <> 'active'")
}

export const down = async (knex: Knex): Promise<void> => {
  await knex.raw('drop trigger f_password on credentials')
  await knex.raw('drop trigger f_account on users')
  for (const name of ['password_replaced()', 'account_changed()', 'void_links(text)', 'end_access(text, text)'])
    await knex.raw(`drop function sovrane_${name}`)
  for (const [table, column] of [['sessions', 'ended_at'], ['api_tokens', 'revoked_at']] as const) {
    for (const event of ['update', 'delete', 'truncate']) await knex.raw('drop trigger ?? on ??', [`e_access_${event}`, table])
    await knex.raw(`create trigger e_announce_rights after update of ${column} on ?? for each row execute function sovrane_announce('~rights', 'user_id')`, [table])
  }
  await knex.raw('drop function sovrane_announce_access()')
  await knex.schema.alterTable('credentials', (table) => table.dropColumn('era'))
}
