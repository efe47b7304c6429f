// The project's own files, read once for all architecture checks.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Source {
  /** From the project's root, with `/`. */
  readonly path: string
  readonly text: string
}

export const root = fileURLToPath(new URL('../../', import.meta.url))

const rooms = ['core', 'resources', 'plugins', 'client', 'cli', 'package', 'bench', 'testing', 'test', 'docs', '.ci']
const topFiles = /^(app|index|main|knexfile)\.ts$/

/** Every file of the project's rooms, as paths from the root; what tools generate is left out. */
export function files(): string[] {
  const top = readdirSync(root, { withFileTypes: true })
  const inRooms = top
    .filter((entry) => entry.isDirectory() && rooms.includes(entry.name))
    .flatMap((entry) => readdirSync(join(root, entry.name), { withFileTypes: true, recursive: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.split('/').some((part) => part === 'node_modules' || part.startsWith('.cost-') || part === 'built'))
    // Files of a project that has the package: they are compiled and run where it is installed.
    .filter((path) => !path.startsWith('cli/template/'))
  return [...top.filter((entry) => topFiles.test(entry.name)).map((entry) => entry.name), ...inRooms]
}

let read: readonly Source[] | undefined

/** Every TypeScript file of the project. */
export function sources(): readonly Source[] {
  read ??= files()
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
  return read
}

/** Every document of the project. */
export const documents = (): readonly Source[] =>
  [...files().filter((path) => path.endsWith('.md')), 'README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].map((path) => ({
    path, text: readFileSync(join(root, path), 'utf8'),
  }))

/** What the server is made of: everything but tests and their kit, benchmarks and the client. */
export const product = (): readonly Source[] => sources().filter(({ path }) => !/^(test|testing|bench|client)\//.test(path))
