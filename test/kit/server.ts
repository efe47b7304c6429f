// A server of an app inside the test's own process, on a database that is ready for `app.ts`.
import { app as base } from '../../app.ts'
import { defineApp, type App } from '../../core/define/app.ts'
import type { AnyPlugin } from '../../core/define/plugin.ts'
import type { Kind } from '../../testing/ready.ts'
import { startOn, type AnyApp, type Environment, type RunningApp } from '../../testing/server.ts'
import type { State } from './place.ts'
import { ready } from './ready.ts'

export { compiled, recordingLog, type AnyApp, type Environment, type Recorded, type RunningApp } from '../../testing/server.ts'

/** The app of app.ts with further plugins; those that it has already are not taken twice. */
export const appWith = (...plugins: readonly AnyPlugin[]): App => defineApp({
  ...base,
  plugins: [...new Set<AnyPlugin>([...base.plugins, ...plugins])],
  migrations: new URL('../../resources/migrations/', import.meta.url),
})

/**
 * Starts an app on a database that is ready for app.ts; what further migrations it has run at the start. `stop` takes the database
 * away too. `more`: further variables of its environment.
 */
export const startApp = (app: AnyApp, kind: Kind, more: Environment = {}, state: State = 'ready'): Promise<RunningApp> =>
  startOn({ ready, kind, state }, app, more)
