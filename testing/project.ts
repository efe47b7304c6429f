// The ready databases of any app: made by a server of it within this process, and named by all that decides what that leaves behind.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startServer } from '../core/boot/server.ts'
import { engineRoot, hashOf, readyDatabases, type Ready } from './ready.ts'
import { compiled, recordingLog, type AnyApp, type Environment } from './server.ts'

/** Folders of a project that no server reads: a change in them makes no other database. */
const unread = new Set(['node_modules', 'data', 'dist', 'build', 'coverage', 'test', 'tests', 'docs'])
const code = new Set(['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json', '.sql'])

/** The project's own sources, as paths from where it is. */
const sourcesOf = (root: string, folder = ''): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return unread.has(entry.name) || entry.name.startsWith('.') ? [] : sourcesOf(root, path)
    return code.has(extname(entry.name)) ? [path] : []
  })

const hashOfApp = (app: AnyApp, environment: Environment): string => {
  const { permissionKeys, contributors } = compiled(app, environment)
  const parts = [
    hashOf(engineRoot, ['core', 'plugins', 'resources', 'testing']),
    // A folder of migrations may have nothing yet.
    ...app.migrations.map(({ owner, directory }) =>
      `${owner} ${existsSync(directory) ? hashOf(fileURLToPath(directory), ['.']) : ''}`),
    hashOf(process.cwd(), [], sourcesOf(process.cwd())),
    permissionKeys, contributors.map(({ plugin }) => plugin.name), environment,
  ]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

const known = new WeakMap<AnyApp, Map<string, Ready>>()

/** The ready databases of an app, whose servers have these further variables. */
export const readyOf = (app: AnyApp, environment: Environment = {}): Ready => {
  const ofApp = known.get(app) ?? new Map<string, Ready>()
  known.set(app, ofApp)
  const key = JSON.stringify(environment)
  const found = ofApp.get(key) ?? readyDatabases({
    hash: () => hashOfApp(app, environment),
    async startOnce(place) {
      const log = recordingLog()
      const server = await startServer(app, { environment: { ...place, ...environment }, log, print: () => undefined, interactive: false })
      await server.stop()
    },
  })
  ofApp.set(key, found)
  return found
}
