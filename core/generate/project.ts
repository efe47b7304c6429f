// The project that files are written into: how its own files import the engine, and what a new migration is called.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

const imported = /import (?:type )?\{[^}]*\} from '(#?sovrane)'/

/** What files of a project import the engine as: the name that its app imports it by. */
export const engineOf = (root: string): string => imported.exec(readFileSync(join(root, 'app.ts'), 'utf8'))?.[1] ?? 'sovrane'

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** `20260105090000`, after every migration of the folder: they run in the order of their names. */
const stampAfter = (folder: string, now: Date): string => {
  const stamp = now.toISOString().replaceAll(/\D/g, '').slice(0, 14)
  const last = namesIn(folder).map((name) => /^(\d{14})_/.exec(name)?.[1] ?? '').toSorted().at(-1) ?? ''
  return stamp > last ? stamp : String(Number(last) + 1)
}

/** The path of a new migration. */
export const migrationPath = (folder: string, name: string, now = new Date()): string =>
  join(folder, `${stampAfter(folder, now)}_${name}.ts`)

/** A path as people read it, from the root of the project. */
export const fromRoot = (root: string, path: string): string => relative(root, path).split(sep).join('/')
