// The package as npm publishes it, built and packed once for all who ask.
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../docs/markdown.ts'
import { run } from '../docs/processes.ts'

let packed: Promise<string> | undefined

const pack = async (): Promise<string> => {
  // A run that says that it has just built dist/ has no second build beside programs that are started from it.
  if (process.env['TEST_PROGRAMS'] !== 'built') {
    const { code, out, err } = await run(root, ['npm', 'run', '--silent', 'build'])
    if (code !== 0) throw new Error(`The build has failed.\n${out}${err}`)
  }
  const place = await mkdtemp(join(tmpdir(), 'sovrane-package-'))
  process.once('exit', () => rmSync(place, { recursive: true, force: true }))
  const { code, out, err } = await run(root, ['npm', 'pack', '--silent', '--pack-destination', place])
  if (code !== 0) throw new Error(`npm pack has failed.\n${out}${err}`)
  return join(place, out.trim())
}

/** The path of the tarball. */
export const tarball = (): Promise<string> => (packed ??= pack())
