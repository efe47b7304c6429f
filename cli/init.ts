// `sovrane init`: a new project, made of the files in template/.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ArgumentError } from '../core/define/command.ts'
import { version } from './version.ts'

export const initUsage = `Usage: sovrane init <folder>

Makes a project there: an app that runs on an embedded database, and its test. The folder is made, or is empty.`

const template = fileURLToPath(new URL('template/', import.meta.url))

/** A name that npm takes. */
const nameOf = (folder: string): string =>
  basename(folder).toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-').replaceAll(/^-+|-+$/g, '') || 'my-app'

const requireRoom = (folder: string): void => {
  if (!existsSync(folder)) return
  const [first, ...more] = readdirSync(folder)
  if (first === undefined) return
  const found = more.length > 0 ? `${first} and ${more.length} more` : first
  throw new ArgumentError(`${folder} is not empty: there is ${found}. Name a folder that is new or empty.`)
}

export const initialise = (argv: readonly string[]): Promise<void> => {
  const [name, ...more] = argv
  if (name === undefined || name.startsWith('-') || more.length > 0) throw new ArgumentError('Say which folder: sovrane init my-app')
  const folder = resolve(name)
  requireRoom(folder)
  mkdirSync(folder, { recursive: true })
  cpSync(template, folder, { recursive: true, filter: (path) => basename(path) !== 'gitignore' })
  // npm leaves files out of a package that are called .gitignore.
  cpSync(join(template, 'gitignore'), join(folder, '.gitignore'))
  const manifest = readFileSync(join(template, 'package.json'), 'utf8')
  writeFileSync(join(folder, 'package.json'), manifest.replace('my-app', nameOf(folder)).replace('0.0.0', `^${version()}`))
  process.stdout.write(`Made ${relative(process.cwd(), folder) || '.'}. Now:

  cd ${relative(process.cwd(), folder) || '.'}
  npm install
  npm start
`)
  return Promise.resolve()
}
