// Builds the browser's part of the console into `built/`: `npm run build:console`, and a server from sources where it is missing or old.
import { createHash } from 'node:crypto'
import { cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../../', import.meta.url))
export const builtFolder = join(here, 'built')
/** What the files were built of. */
const stampName = 'sources.txt'

/** What a build depends on. The lock file stands for the packages. */
const inputs = async (): Promise<string[]> => {
  const folders = [join(here, 'browser'), join(root, 'client')]
  const listed = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(folder, { withFileTypes: true, recursive: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    ),
  )
  return [...listed.flat().toSorted(), join(root, 'package-lock.json'), join(here, 'build.ts')]
}

const stampOf = async (): Promise<string> => {
  const hash = createHash('sha256')
  for (const path of await inputs()) hash.update(path.slice(root.length)).update(await readFile(path).catch(() => ''))
  return hash.digest('hex')
}

const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')

/** Whether what stands in `built/` was built of the sources that there are. */
export const isCurrent = async (): Promise<boolean> => (await read(join(builtFolder, stampName))) === (await stampOf())

/** Builds. Two at once do no harm: each writes beside, and the last one is kept. @throws Error when vite is not installed */
export const buildConsole = async (): Promise<void> => {
  const { build } = await import('vite')
  const stamp = await stampOf()
  const folder = join(here, `built.${process.pid}`)
  await build({
    configFile: false,
    root: join(here, 'browser'),
    base: './',
    logLevel: 'warn',
    publicDir: false,
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    resolve: { alias: { 'socket.io-client/debug': 'socket.io-client' } },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2022',
      cssCodeSplit: false,
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      // Of the packages that are in it: their licences want to go with it.
      license: { fileName: 'licences.md' },
      rolldownOptions: {
        input: join(here, 'browser/main.tsx'),
        output: {
          // Each file is asked for, also where it is only to be told that nothing has changed: what comes first comes in few.
          codeSplitting: {
            groups: [
              { name: 'frame', tags: ['$initial'] },
              { name: 'list', test: /screens[\\/]list\.tsx$/ },
            ],
          },
          entryFileNames: 'main.js',
          chunkFileNames: '[name].js',
          assetFileNames: ({ names }) => (names.some((name) => name.endsWith('.css')) ? 'console.css' : '[name][extname]'),
        },
      },
    },
  })
  await writeFile(join(folder, stampName), stamp)
  await rm(builtFolder, { recursive: true, force: true })
  await rename(folder, builtFolder).catch(async () => {
    // Another one was quicker.
    await rm(folder, { recursive: true, force: true })
  })
}

// As a program: with a folder as its argument it puts the files there too.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!(await isCurrent())) await buildConsole()
  const [, , copy] = process.argv
  if (copy !== undefined) await cp(builtFolder, copy, { recursive: true })
}
