// The commands that `sovrane` has of its own, whatever the app: one line each.
import { describe, describeUsage, start, startUsage } from './start.ts'
import type { AppSource } from './program.ts'
import { initialise, initUsage } from './init.ts'
import { migrate, migrateUsage } from './migrate.ts'
import { newUsage, writeSomethingNew } from './new.ts'

export interface OwnCommand {
  /** What it does, in a line of `sovrane --help`. */
  readonly about: string
  readonly usage: string
  /** What a failure means, as the beginning of a sentence. */
  readonly trouble: string
  /** @throws ArgumentError when it was called wrongly */
  readonly run: (argv: readonly string[], source: AppSource) => Promise<void>
}

export const ownCommands: Readonly<Record<string, OwnCommand>> = {
  start: { about: 'starts the server', usage: startUsage, trouble: 'The app cannot be loaded', run: start },
  migrate: {
    about: 'runs, undoes, lists and makes migrations', usage: migrateUsage, trouble: 'The database cannot be migrated', run: migrate,
  },
  new: { about: 'writes a new resource or plugin', usage: newUsage, trouble: 'Nothing new can be written', run: writeSomethingNew },
  describe: {
    about: 'shows what an event does, and what a resource or a plugin has', usage: describeUsage,
    trouble: 'The app cannot be described', run: describe,
  },
  init: { about: 'makes a new project', usage: initUsage, trouble: 'The project cannot be made', run: initialise },
}
