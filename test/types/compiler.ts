// The compiler, asked about sources that a test makes up, beside these files.
import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** The compiler's program, for Node. */
export const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
const run = promisify(execFile)

/** What the compiler says of a project; when it found errors it has said them before it exited with 1 or 2. */
export const check = (directory: string, ...options: readonly string[]): Promise<string> =>
  run(process.execPath, [tsc, '-p', directory, '--noEmit', '--pretty', 'false', ...options], { maxBuffer: 64 * 1024 * 1024 }).then(
    ({ stdout }) => stdout,
    (failure: unknown) => {
      if (failure instanceof Error && 'stdout' in failure) return String(failure.stdout)
      throw failure
    },
  )

/** The errors that the compiler finds in sources, and in files that are here already. */
export const errorsIn = async (sources: Readonly<Record<string, string>>, ...files: readonly string[]): Promise<string[]> => {
  // A leading dot and the name keep it out of the compiler's, the linter's and git's way.
  const directory = fileURLToPath(new URL(`.cost-types-${process.pid}/`, import.meta.url))
  mkdirSync(directory, { recursive: true })
  try {
    writeFileSync(join(directory, '.gitignore'), '*\n')
    const include = ['./*.ts', ...files.map((file) => `../${file}`)]
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ extends: '../../../tsconfig.json', include }))
    for (const [name, text] of Object.entries(sources)) writeFileSync(join(directory, name), text)
    return (await check(directory)).split('\n').filter((line) => line.includes('error TS'))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
