// Where one server of the tests keeps its data: a directory, and a database that is ready or empty.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { administer, copyEmptyEmbedded, urlOf, type Kind, type Ready } from './ready.ts'

/** `ready`: migrated, with the permission keys and the first administrator of the app. `empty`: for what a first start does. */
export type State = 'ready' | 'empty'

export interface Place {
  /** The environment of a server there. */
  readonly environment: Readonly<Record<string, string>>
  /** Takes it all away. */
  remove(): Promise<void>
}

/** What to undo when a test is over, last made first. */
const undo: (() => unknown)[] = []

/** Calls this at the next `cleanUp`. */
export const undoLater = (step: () => unknown): void => void undo.push(step)

/** Undoes everything that `temporaryDirectory`, `freshEnvironment` and `undoLater` have been asked for. For `afterEach` or `after`. */
export const cleanUp = async (): Promise<void> => {
  for (const step of undo.splice(0).toReversed()) await step()
}

export const temporaryDirectory = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'sovrane-test-'))
  undoLater(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** Puts an embedded database into a server's DATA_DIR. */
export const fillDataDir = async (ready: Ready, dataDir: string, state: State): Promise<void> => {
  if (state === 'ready') await ready.copyEmbedded(dataDir)
  else await copyEmptyEmbedded(dataDir)
}

let count = 0

/** A PostgreSQL database of its own. */
export const makePostgres = async (ready: Ready, state: State): Promise<{ readonly url: string; drop(): Promise<void> }> => {
  const name = `sovrane_test_${process.pid}_${(count += 1)}`
  await (state === 'ready' ? ready.copyPostgres(name) : administer(`create database ${name}`))
  return { url: urlOf(name), drop: async () => void await administer(`drop database if exists ${name} with (force)`) }
}

/** A place that no one else's clean-up takes away. */
export const freshPlace = async (ready: Ready, kind: Kind, state: State = 'ready'): Promise<Place> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'sovrane-test-'))
  const drops: (() => Promise<void>)[] = []
  const environment: Record<string, string> = { ...ready.commonEnvironment(), DATA_DIR: dataDir }
  try {
    if (kind === 'embedded') {
      await fillDataDir(ready, dataDir, state)
    } else {
      const { url, drop } = await makePostgres(ready, state)
      environment['DATABASE_URL'] = url
      drops.push(drop)
    }
  } catch (error) {
    await rm(dataDir, { recursive: true, force: true })
    throw error
  }
  return {
    environment,
    async remove() {
      for (const drop of drops) await drop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
