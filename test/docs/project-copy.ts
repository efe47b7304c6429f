// A copy of the project that a test may change as a newcomer would: write files, compile, start.
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { undoLater } from '../kit/place.ts'
import { root } from './markdown.ts'
import { run, type Ended } from './processes.ts'

/** What examples change, or what imports it: files of the copy's own. */
const copied = [
  'app.ts', 'main.ts', 'knexfile.ts', 'package.json', 'package-lock.json', '.npmrc', '.mocharc.json', 'tsconfig.json',
  'test/kit', 'test/support', 'test/db/support.ts',
]
/** Folders to which examples add files. What is there already is linked: it has been compiled under its own path. */
const linked = ['resources', 'plugins']

export interface ProjectCopy {
  readonly directory: string
  write(path: string, text: string): Promise<void>
  /** Replaces a text that must be there. */
  replace(path: string, old: string, by: string): Promise<void>
  /** Compiles files with what they import; the compiler must have nothing to say. */
  compile(...files: readonly string[]): Promise<void>
  run(...command: readonly string[]): Promise<Ended>
}

/** Folders of its own, with a link to each file. */
const linkFiles = async (folder: string, directory: string): Promise<void> => {
  for (const entry of await readdir(join(root, folder), { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue
    const path = join(entry.parentPath, entry.name)
    const link = join(directory, path.slice(root.length))
    await mkdir(dirname(link), { recursive: true })
    await symlink(path, link)
  }
}

/** Always the same one: what has been compiled there is known by its path, and need not be compiled for the next copy. */
const place = join(tmpdir(), `sovrane-copy-${process.pid}`)

/** One at a time. The copy goes with the test's `cleanUp`. */
export const copyProject = async (): Promise<ProjectCopy> => {
  const directory = place
  await mkdir(directory)
  undoLater(() => rm(directory, { recursive: true, force: true }))
  for (const part of copied) await cp(join(root, part), join(directory, part), { recursive: true })
  for (const part of linked) await linkFiles(part, directory)
  for (const part of ['cli', 'client', 'core', 'testing', 'node_modules']) await symlink(join(root, part), join(directory, part))
  const inside = (path: string): string => join(directory, path)
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(inside(path)), { recursive: true })
    // Never through a link.
    await rm(inside(path), { force: true })
    await writeFile(inside(path), text)
  }
  // Projects of others have the kit by the name of the package, which nothing has built here.
  const paths = '"paths": { "sovrane/testing": ["./testing/index.ts"] }'
  await write('tsconfig.json', (await readFile(inside('tsconfig.json'), 'utf8')).replace('"compilerOptions": {', `$& ${paths},`))
  return {
    directory,
    write,
    async replace(path, old, by) {
      const text = await readFile(inside(path), 'utf8')
      expect(text.split(old), `${path} has this once:\n${old}`).to.have.length(2)
      await write(path, text.replace(old, () => by))
    },
    async compile(...files) {
      await write('tsconfig.examples.json', JSON.stringify({ extends: './tsconfig.json', include: [], files }))
      const { code, out, err } = await run(directory, [process.execPath, 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.examples.json'])
      expect(out + err).to.equal('')
      expect(code).to.equal(0)
    },
    run: (...command) => run(directory, command),
  }
}
