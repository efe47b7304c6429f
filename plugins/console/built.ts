// The built files of the console, as they are served. From sources they are built when someone first asks, if they are missing or old.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Log, WebFile } from '#sovrane'

const folder = fileURLToPath(new URL('built/', import.meta.url))
const isSource = import.meta.url.endsWith('.ts')

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', md: 'text/markdown; charset=utf-8',
}

const namesIn = async (path: string): Promise<string[]> => readdir(path).catch(() => [])

/** Builds where that is possible. */
const bringUpToDate = async (log: Log): Promise<void> => {
  if (!isSource) return
  const { buildConsole, isCurrent } = await import('./build.ts')
  if (await isCurrent()) return
  try {
    log.info({}, 'the console is being built')
    await buildConsole()
    log.info({}, 'the console was built')
  } catch (error) {
    const text = 'the console could not be built: run npm ci (with development packages), then npm run build:console'
    log.warn({ err: error }, text)
  }
}

const readAll = async (log: Log): Promise<ReadonlyMap<string, WebFile>> => {
  await bringUpToDate(log)
  const names = (await namesIn(folder)).filter((name) => types[name.split('.').at(-1) ?? ''] !== undefined)
  return new Map(
    names.map((name): [string, WebFile] => [
      name,
      {
        path: `/${name}`,
        type: types[name.split('.').at(-1) ?? ''] ?? '',
        content: () => readFile(join(folder, name)),
      },
    ]),
  )
}

/** A script of that name with those that it needs at once, and those that they need. */
const withNeeded = async (name: string, known = new Set<string>()): Promise<ReadonlySet<string>> => {
  if (known.has(name)) return known
  known.add(name)
  const script = await readFile(join(folder, name), 'utf8')
  for (const [, needed = ''] of script.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)) await withNeeded(needed, known)
  return known
}

export interface BuiltFiles {
  /** The file of that name; undefined: there is none. */
  readonly file: (name: string) => Promise<WebFile | undefined>
  /** The scripts that a page begins with: the first one and what it needs at once. Undefined: the console is not built. */
  readonly firstScripts: () => Promise<readonly string[] | undefined>
}

/** Read once, when someone first asks. */
export const builtFiles = (log: Log): BuiltFiles => {
  let all: Promise<ReadonlyMap<string, WebFile>> | undefined
  const files = async (): Promise<ReadonlyMap<string, WebFile>> => {
    all ??= readAll(log)
    return all
  }
  return {
    file: async (name) => (await files()).get(name),
    async firstScripts() {
      if (!(await files()).has('main.js')) return undefined
      return [...(await withNeeded('main.js'))]
    },
  }
}
