// A server of an app inside the test's own process, on a database of its own, with a log that can be read.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assemble, type Assembly } from '../core/boot/assemble.ts'
import { startServer, type Server } from '../core/boot/server.ts'
import type { MigrationDirectory } from '../core/define/app.ts'
import type { AnyPlugin, Log } from '../core/define/plugin.ts'
import type { AnyResource } from '../core/define/resource.ts'
import type { Authority } from '../core/define/rights.ts'
import { freshPlace, type State } from './place.ts'
import type { Kind, Ready } from './ready.ts'

/** Any app, whatever its types. */
export interface AnyApp {
  readonly resources: readonly AnyResource[]
  readonly plugins: readonly AnyPlugin[]
  readonly authority: Authority
  readonly migrations: readonly MigrationDirectory[]
}

export type Environment = Readonly<Record<string, string>>

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
  /** Stops the server and takes its database away. */
  stop(): Promise<void>
}

/** What a server is started on. */
export interface Ground {
  readonly ready: Ready
  readonly kind: Kind
  readonly state?: State
}

/** Starts an app on a database of its own; what further migrations it has run at the start. `more`: further variables. */
export const startOn = async ({ ready, kind, state }: Ground, app: AnyApp, more: Environment = {}): Promise<RunningApp> => {
  const log = recordingLog()
  const { environment, remove } = await freshPlace(ready, kind, state)
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
