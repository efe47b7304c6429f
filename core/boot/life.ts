// How the parts of a server start and end: none for ever, and what one cannot do keeps no other from its end.
import type { Runtime } from '../define/plugin.ts'
import type { Database } from '../db/connection.ts'
import type { Contributor } from './set-up.ts'

/** Milliseconds in which what is under way is still answered by a server that stops. */
export const drainPatience = 4000
/** Milliseconds that one start and one end of a plugin may take. With all else that is waited for a stop takes less than 10 s. */
const patience = { start: 60_000, stop: 2500 }
/** Milliseconds between two looks whether the database answers. */
const lookPause = 100
/** Milliseconds after which a stop waits for the database no more, though it answers: for what it does there another may hold a lock. */
const databasePatience = 7000

const within = async (milliseconds: number, what: string, task: Promise<void> | undefined): Promise<void> => {
  if (!task) return
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${milliseconds / 1000} s`)), milliseconds)
  })
  await Promise.race([task, late]).finally(() => clearTimeout(timer))
}

/** A plugin's start; what goes wrong in it is told with its name. */
export const startPlugin = async ({ plugin, contribution }: Contributor, runtime: Runtime): Promise<void> => {
  try {
    await within(patience.start, 'it', contribution.start?.(runtime))
  } catch (error) {
    throw new Error(
      `The plugin "${plugin.name}" could not start: ${error instanceof Error ? error.message : String(error)}`, { cause: error },
    )
  }
}

export const stopPlugin = ({ plugin, contribution }: Contributor): Promise<void> =>
  within(patience.stop, `the end of the plugin "${plugin.name}"`, contribution.stop?.())

/**
 * Ends what was started, the last first, each once. Nothing waits meanwhile for a database that does not answer, or not in time: what was
 * committed is told, and sealed, by another node or by the next start.
 * @throws what one of them has thrown, when all are done: the last changes are told and the database is let go in any case
 */
export const endAll = async (closers: (() => unknown)[], database: Pick<Database, 'isSilent' | 'abandon'>): Promise<void> => {
  const failures: unknown[] = []
  const deadline = performance.now() + databasePatience
  const looking = setInterval(() => {
    if (database.isSilent() || performance.now() > deadline) database.abandon()
  }, lookPause)
  for (const close of closers.splice(0).toReversed()) {
    try {
      await close()
    } catch (error) {
      failures.push(error)
    }
  }
  clearInterval(looking)
  if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join('; '))
  if (failures.length === 1) throw failures[0]
}
