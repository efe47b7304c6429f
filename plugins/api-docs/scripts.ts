// The scripts of the page, as a browser takes them: from the build as they are, from sources with their types taken off.
import { readFile } from 'node:fs/promises'
import type { WebFile } from '#sovrane'

/** Those that the page begins with, and all that these need. */
const modules = ['page', 'view', 'ask', 'snippets', 'described', 'dom', 'words'] as const

export const scriptNames: readonly string[] = modules.map((name) => `${name}.js`)

/** Whether this very file is a source: then the scripts beside it are too. */
const isSource = import.meta.url.endsWith('.ts')

/** The names of files in imports, as they are served. */
const served = (script: string): string =>
  script.replaceAll(/(from\s*["']\.\/[\w-]+)\.ts(["'])/g, '$1.js$2').replace(/^\/\/# sourceMappingURL=.*$/m, '')

const read = async (name: string): Promise<string> => {
  const text = await readFile(new URL(`browser/${name}.${isSource ? 'ts' : 'js'}`, import.meta.url), 'utf8')
  if (!isSource) return served(text)
  // The same that compiles the sources of the server while they load.
  const { transform } = await import('esbuild')
  return served((await transform(text, { loader: 'ts', target: 'es2022', format: 'esm' })).code)
}

/** The scripts, below the folder `path`. */
export const scripts = (path: string): WebFile[] =>
  modules.map((name) => ({ path: `${path}/${name}.js`, type: 'text/javascript; charset=utf-8', content: () => read(name) }))
