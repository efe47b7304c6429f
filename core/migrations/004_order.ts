// The order and the folding of text that people recognise, the same on every database: ICU's, whatever locale the database was made with.
import type { Knex } from 'knex'

export const up = async (knex: Knex): Promise<void> => {
  // Without ICU, or in an encoding that it does not know, the database's own order must do; the server says so when it starts.
  await knex.raw(`
    do $$ begin
      create collation sovrane_text (provider = icu, locale = 'und');
    exception when others then
      execute format('create collation sovrane_text (provider = libc, locale = %L)',
        (select datcollate from pg_database where datname = current_database()));
    end $$`)
}

export const down = async (knex: Knex): Promise<void> => {
  await knex.raw('drop collation sovrane_text')
}
