// The folder of a run: the servers' directories are in it, and it goes with the run, however that ends.
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let folder: string | undefined

/** A new directory in the folder of the run. */
export const directory = (name: string): Promise<string> => {
  folder ??= mkdtempSync(join(tmpdir(), 'sovrane-bench-'))
  return mkdtemp(join(folder, `${name}-`))
}

export const removeAll = (): void => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  folder = undefined
}
