// The app of a project: the file that exports it, found in the working directory or named by --app.
import { existsSync } from 'node:fs'
import { extname, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { App } from '../core/define/app.ts'
import { ArgumentError } from '../core/define/command.ts'
import type { AppSource } from './program.ts'

const names = ['app.ts', 'app.js', 'app.mts', 'app.mjs']

/** Takes `--app FILE` out of the words, wherever it stands. */
export const withoutApp = (argv: readonly string[]): { readonly rest: string[]; readonly file?: string } => {
  const at = argv.findIndex((word) => word === '--app' || word.startsWith('--app='))
  if (at === -1) return { rest: [...argv] }
  const [word = '', next] = argv.slice(at)
  const isOne = word.startsWith('--app=')
  return { rest: [...argv.slice(0, at), ...argv.slice(at + (isOne ? 1 : 2))], file: isOne ? word.slice('--app='.length) : next ?? '' }
}

const find = (directory: string, file: string | undefined): string => {
  if (file === '') throw new ArgumentError('--app takes the file of the app, such as --app src/app.ts')
  const found = (file === undefined ? names : [file]).map((name) => resolve(directory, name)).find((path) => existsSync(path))
  if (found !== undefined) return found
  throw new ArgumentError(file === undefined
    ? `There is no app.ts or app.js in ${directory}. Go to the folder of your app, name its file with --app, or make a new project with: npx sovrane init my-app`
    : `There is no file ${resolve(directory, file)}, which --app names`)
}

const isApp = (value: unknown): value is App =>
  typeof value === 'object' && value !== null && 'resources' in value && 'migrations' in value && Array.isArray(value.migrations)

/** The app of a project. TypeScript is understood, in its migrations too. */
export const projectApp = (directory: string, file: string | undefined): AppSource => ({
  async load() {
    const path = find(directory, file)
    if (extname(path).endsWith('ts')) (await import('tsx/esm/api')).register()
    const loaded = await import(pathToFileURL(path).href) as { readonly app?: unknown }
    if (isApp(loaded.app)) return loaded.app
    throw new ArgumentError(`${relative(directory, path)} exports no app. It says: export const app = defineApp({ … })`)
  },
})
