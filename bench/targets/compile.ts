// Compiles a TypeScript project of the repository: targets are measured as what runs in production, not through a loader.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const root = fileURLToPath(new URL('../../', import.meta.url))

const run = promisify(execFile)

/** @param project a tsconfig, from the root of the repository */
export const compile = async (project: string): Promise<void> => {
  await run(`${root}node_modules/.bin/tsc`, ['-p', project], { cwd: root })
}

/** Builds the product, as `npm run build` does. */
export const build = async (): Promise<void> => {
  await run('npm', ['run', '--silent', 'build'], { cwd: root })
}
