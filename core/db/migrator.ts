// What `sovrane migrate` does with the database: the migrator of knex, on the connection of a command.
import createKnex, { type Knex } from 'knex'
import type { MigrationFile } from './migration-source.ts'

export interface Migrator {
  /** Runs what has not run; answers the names. */
  latest(): Promise<string[]>
  /** Undoes the last batch, or all; answers the names. */
  rollback(all: boolean): Promise<string[]>
  /** Runs or undoes one, by its name or the next; answers the names. */
  up(name?: string): Promise<string[]>
  down(name?: string): Promise<string[]>
  /** The names of those that have run and of those that have not. */
  status(): Promise<{ readonly done: string[]; readonly pending: string[] }>
  /** Writes an empty migration; answers its path. */
  make(name: string): Promise<string>
  close(): Promise<void>
}

const namesOf = (answer: unknown): string[] => {
  const [, names] = answer as [number, unknown[]]
  return names.map(String)
}

/** By the configuration of `databaseConfig` or `makeConfig`. */
export const openMigrator = (config: Knex.Config): Migrator => {
  const knex = createKnex(config)
  const { migrate } = knex
  const one = (name: string | undefined): { readonly name?: string } => (name === undefined ? {} : { name })
  return {
    latest: async () => namesOf(await migrate.latest()),
    rollback: async (all) => namesOf(await migrate.rollback(undefined, all)),
    up: async (name) => namesOf(await migrate.up(one(name))),
    down: async (name) => namesOf(await migrate.down(one(name))),
    async status() {
      const [done, pending] = await migrate.list() as [{ readonly name: string }[], MigrationFile[]]
      return { done: done.map(({ name }) => name), pending: pending.map(({ file }) => file) }
    },
    make: (name) => migrate.make(name),
    close: () => knex.destroy(),
  }
}
