// The categories there are: the owners of operations. Resources and plugins are known by what they left in the database.
import type { Knex } from 'knex'
import { trackedNames } from './tracked.ts'

export interface Categories {
  /** Notes an owner whose operation has run. */
  add(name: string): void
  known(db: Knex): Promise<ReadonlySet<string>>
}

export const createCategories = (): Categories => {
  const seen = new Set(['core', 'audit', 'alerts'])
  return {
    add: (name) => void seen.add(name),
    async known(db) {
      const migrated: { rows: { name: string }[] } = await db.raw("select distinct split_part(name, '/', 1) as name from sovrane_migrations")
      return new Set([...seen, ...(await trackedNames(db)), ...migrated.rows.map(({ name }) => name)])
    },
  }
}
