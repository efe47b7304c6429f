// Statements that wait for a lock, seen from outside: a transaction that asks for the sessions is told of those of its first question.
import pg from 'pg'
import { eventually } from './wait.ts'

const waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"

/**
 * Waits until that many statements wait for a lock.
 * @param isOver what else ends the wait
 * @throws Error when it does not come about
 */
export const untilLocked = async (databaseUrl: string | undefined, count: number, isOver = (): boolean => false): Promise<void> => {
  const watcher = new pg.Client({ connectionString: databaseUrl })
  await watcher.connect()
  try {
    await eventually(async () => isOver() || (await watcher.query(waiting)).rows.length >= count, `${count} statements wait for a lock`)
  } finally {
    await watcher.end()
  }
}
