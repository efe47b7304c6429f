// Finds the migrations of core, resources and plugins for knex, and names them so that the history fits sources and build alike.

import { readdir } from 'node:fs/promises'
import type { Knex } from 'knex'

/** A folder of migrations and whose they are. The owner becomes part of the recorded name: do not rename it. */
export interface MigrationFolder {
  readonly owner: string
  readonly directory: URL
}

export interface MigrationFile {
  /** `owner/name`, without extension. The command line prints `file` of what is pending. */
  readonly file: string
  readonly url: URL
}

const isMigration = (name: string): boolean => /\.[tj]s$/.test(name) && !name.endsWith('.d.ts')

const stem = (name: string): string => name.replace(/\.[tj]s$/, '')

/** The names in a directory; none when it does not exist, since an owner needs no migrations. */
const namesIn = async (directory: URL): Promise<string[]> => {
  try {
    return await readdir(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

const filesOf = async ({ owner, directory }: MigrationFolder): Promise<MigrationFile[]> => {
  const base = directory.href.endsWith('/') ? directory : new URL(`${directory.href}/`)
  // `.ts` after `.js`, so that of a source and its build in one folder the source stays.
  const names = (await namesIn(base)).filter(isMigration).toSorted()
  const byName = new Map(names.map((name) => [stem(name), new URL(encodeURIComponent(name), base)]))
  return [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, url]) => ({ file: `${owner}/${name}`, url }))
}

/** A knex source over the folders: owners in the given order, within an owner by file name. */
export const migrationSource = (folders: readonly MigrationFolder[]): Knex.MigrationSource<MigrationFile> => ({
  async getMigrations() {
    const files = (await Promise.all(folders.map(filesOf))).flat()
    const twice = files.find((file, at) => files.findIndex((other) => other.file === file.file) !== at)
    if (twice !== undefined) throw new Error(`Two migrations are called ${twice.file}: an owner is listed twice`)
    return files
  },

  // knex asks for undefined when the last batch holds a migration whose owner is no longer plugged in.
  getMigrationName(migration: MigrationFile | undefined) {
    if (migration === undefined) {
      throw new Error(
        'The last batch holds a migration whose owner is not plugged in, so nothing was rolled back. `npx knex migrate:status` ' +
          'lists what has run; plug the owner in again in app.ts, or undo single migrations with `npx knex migrate:down <owner/name>`.',
      )
    }
    return migration.file
  },

  getMigration: async ({ url }) => (await import(url.href)) as Knex.Migration,
})
