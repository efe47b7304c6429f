// A server of an app inside the test's own process, on a database of its own, with a log that can be read.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { app as base } from '../../app.ts'
import { assemble, type Assembly } from '../../core/boot/assemble.ts'
import { startServer, type Server } from '../../core/boot/server.ts'
import { defineApp, type App, type MigrationDirectory } from '../../core/define/app.ts'
import type { AnyPlugin, Log } from '../../core/define/plugin.ts'
import type { AnyResource } from '../../core/define/resource.ts'
import type { Authority } from '../../core/define/rights.ts'
import type { Kind } from './databases.ts'
import { freshPlace, type State } from './place.ts'

/** Any app, whatever its types. */
export interface AnyApp {
  readonly resources: readonly AnyResource[]
  readonly plugins: readonly AnyPlugin[]
  readonly authority: Authority
  readonly migrations: readonly MigrationDirectory[]
}

export type Environment = Readonly<Record<string, string>>

/** The app of app.ts with further plugins; those that it has already are not taken twice. */
export const appWith = (...plugins: readonly AnyPlugin[]): App => defineApp({
  ...base,
  plugins: [...new Set<AnyPlugin>([...base.plugins, ...plugins])],
  migrations: new URL('../../resources/migrations/', import.meta.url),
})

export interface Line {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly details: object
  readonly message: string
}

export interface Recorded extends Log {
  readonly lines: readonly Line[]
}

/** A log that only remembers. */
export const recordingLog = (): Recorded => {
  const lines: Line[] = []
  const at = (level: Line['level']) => (details: object, message: string): void => void lines.push({ level, details, message })
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

export interface RunningApp {
  readonly server: Server
  readonly log: Recorded
  stop(): Promise<void>
}

/**
 * Starts an app on a database that is ready for app.ts; what further migrations it has run at the start. `stop` takes the database
 * away too. `more`: further variables of its environment.
 */
export const startApp = async (app: AnyApp, kind: Kind, more: Environment = {}, state: State = 'ready'): Promise<RunningApp> => {
  const log = recordingLog()
  const { environment, remove } = await freshPlace(kind, state)
  try {
    const server = await startServer(app, { environment: { ...environment, ...more }, log, print: () => undefined, interactive: false })
    return {
      server,
      log,
      async stop() {
        await server.stop()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

const placeholder = 'k3Jv0Qz8sT1xW5yB7nM2pR4uF6hD9gLaCeXiOoZ'

/**
 * The app compiled without any database: what tests are generated from.
 * @throws BootError
 */
export const compiled = (app: AnyApp, more: Readonly<Record<string, string | undefined>> = {}): Assembly =>
  assemble(app, {
    DATA_DIR: join(tmpdir(), `sovrane-compiled-${process.pid}`), SEED: 'none',
    JWT_SECRET: `${placeholder}1`, MFA_ENCRYPTION_KEY: `${placeholder}2`, AUDIT_KEY: `${placeholder}3`,
    ...more,
  }, recordingLog())
