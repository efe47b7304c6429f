// The extension by which texts are searched for parts of theirs, where the database has it and lets us: slower without it, never wrong.
import type { Knex } from 'knex'

export const up = async (knex: Knex): Promise<void> => {
  await knex.raw(`
    do $$ begin
      if exists (select 1 from pg_available_extensions where name = 'pg_trgm') then create extension if not exists pg_trgm; end if;
    exception when insufficient_privilege then null;
    end $$`)
}

/** It stays: others may use it. */
export const down = (): Promise<void> => Promise.resolve()
