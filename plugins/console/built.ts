// The built files of the console, as they are served. From sources they are built when someone first asks, if they are missing or old.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Log, WebFile } from '#sovrane'

const folder = fileURLToPath(new URL('built/', import.meta.url))
const isSource = import.meta.url.endsWith('.ts')

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', md: 'text/markdown; charset=utf-8',
}

const namesIn = async (path: string): Promise<string[]> =>
  (await readdir(path).catch(() => [])).toSorted((one, other) => (one < other ? -1 : 1))

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

/** Seconds. A year is the longest that HTTP knows. */
const forEver = 31_536_000

interface Built {
  /** By their names, and once more by those with the version before: `4f1c…/main.js`. */
  readonly files: ReadonlyMap<string, WebFile>
  /** Of their content: what a browser has of it, it need not ask for again, and does not mix with another version. */
  readonly version: string
}

const readAll = async (log: Log): Promise<Built> => {
  await bringUpToDate(log)
  const names = (await namesIn(folder)).filter((name) => types[name.split('.').at(-1) ?? ''] !== undefined)
  const contents = await Promise.all(names.map((name) => readFile(join(folder, name))))
  const hash = createHash('sha256')
  for (const [index, content] of contents.entries()) hash.update(`${names[index] ?? ''} ${content.length} `).update(content)
  const version = hash.digest('hex').slice(0, 16)
  const files = new Map<string, WebFile>()
  for (const [index, name] of names.entries()) {
    const file = { type: types[name.split('.').at(-1) ?? ''] ?? '', content: () => contents[index] ?? '' }
    files.set(name, { ...file, path: `/${name}` })
    files.set(`${version}/${name}`, { ...file, path: `/${version}/${name}`, maxAge: forEver })
  }
  return { files, version }
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
  /** The file of that name, alone or with the version before it; undefined: there is none. */
  readonly file: (name: string) => Promise<WebFile | undefined>
  /**
   * The version of all files, and the scripts that a page begins with: the first one and what it needs at once. Undefined: the console is
   * not built.
   */
  readonly first: () => Promise<{ readonly version: string; readonly scripts: readonly string[] } | undefined>
}

/** Read once, when someone first asks. */
export const builtFiles = (log: Log): BuiltFiles => {
  let all: Promise<Built> | undefined
  const built = async (): Promise<Built> => {
    all ??= readAll(log)
    return all
  }
  return {
    file: async (name) => (await built()).files.get(name),
    async first() {
      const { files, version } = await built()
      if (!files.has('main.js')) return undefined
      return { version, scripts: [...(await withNeeded('main.js'))] }
    },
  }
}
