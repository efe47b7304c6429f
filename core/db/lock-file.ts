// Lets one process at a time use a data directory, and takes the directory over from a process that was killed.
//
// Every process announces itself with a file of its own name and then looks who else is there. Since no two files ever
// share a name, removing the file of a dead process can never hit a living one, which a single lock file cannot promise.

import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ProcessIdentity, isAlive, thisProcess } from './process-identity.ts'

/** Milliseconds between signs of life of a holder, and after how long without one it counts as gone if we cannot see its process. */
const HEARTBEAT = 10_000
const SILENCE = 60_000
/** Milliseconds between looks at another process that is starting, too. */
const POLL = 20
/** Milliseconds to wait for it to decide; only one that was stopped in the middle takes longer. */
const PATIENCE = 10_000

export interface DirectoryLock {
  /** Synchronous, so that it also works while the process exits. */
  release(): void
}

/** The directory is in use. The message says by whom and what to do. */
class DirectoryInUse extends Error {
  constructor(directory: string, holder: ProcessIdentity | undefined) {
    const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`
    const seen = holder === undefined || holder.host === thisProcess().host
    const otherwise = seen ? '' : ` If that machine crashed, try again after ${SILENCE / 1000} seconds.`
    super(
      `The data directory ${directory} is in use by ${who}. The embedded database serves one process at a time: ` +
        `stop that process, or set DATA_DIR to another directory.${otherwise}`,
    )
    this.name = 'DirectoryInUse'
  }
}

interface Entry {
  readonly id: string
  /** It has the directory, as against one that is starting and may still give way. */
  readonly held: boolean
  readonly holder: ProcessIdentity | undefined
}

const unlessGone = <T>(read: () => T): T | undefined => {
  try {
    return read()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const parseHolder = (text: string): ProcessIdentity | undefined => {
  try {
    return JSON.parse(text) as ProcessIdentity
  } catch {
    return undefined
  }
}

/** The two files of an entry: who it is, and beside it the mark of who has the directory. */
const filesOf = (folder: string, id: string) => ({ who: join(folder, `${id}.process`), mark: join(folder, `${id}.held`) })

const remove = (folder: string, id: string): void => {
  const { who, mark } = filesOf(folder, id)
  rmSync(mark, { force: true })
  rmSync(who, { force: true })
}

/** The other living entries; those of dead processes are removed on the way. */
const othersIn = (folder: string, own: string): Entry[] => {
  const names = readdirSync(folder)
  return names.flatMap((name) => {
    const id = /^(.+)\.process$/.exec(name)?.[1]
    if (id === undefined || id === own) return []
    const { who } = filesOf(folder, id)
    const found = unlessGone(() => ({ text: readFileSync(who, 'utf8'), age: Date.now() - statSync(who).mtimeMs }))
    if (found === undefined) return []
    const holder = parseHolder(found.text)
    if (isAlive(holder) ?? found.age < SILENCE) return [{ id, held: names.includes(`${id}.held`), holder }]
    remove(folder, id)
    return []
  })
}

/**
 * Takes the directory for this process. Rejects with `DirectoryInUse` when a living process has it;
 * of several that start at once exactly one gets it.
 */
export const lockDirectory = async (directory: string): Promise<DirectoryLock> => {
  const folder = join(directory, 'lock')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const id = randomUUID()
  const { who, mark } = filesOf(folder, id)

  // Appears complete or not at all, and is never renamed afterwards: a listing could then miss both names.
  const draft = join(folder, `${id}.draft`)
  writeFileSync(draft, JSON.stringify(thisProcess()), { mode: 0o600 })
  renameSync(draft, who)
  const deadline = performance.now() + PATIENCE
  try {
    for (;;) {
      const others = othersIn(folder, id)
      // Among those that start together, the lowest id stays; it waits until the others have seen it and left.
      const stronger = others.find((other) => other.held || other.id < id)
      if (stronger !== undefined) throw new DirectoryInUse(directory, stronger.holder)
      if (others.length === 0) break
      if (performance.now() > deadline) throw new DirectoryInUse(directory, others[0]?.holder)
      await sleep(POLL)
    }
    writeFileSync(mark, '', { mode: 0o600 })
  } catch (error) {
    remove(folder, id)
    throw error
  }

  const beat = setInterval(() => unlessGone(() => utimesSync(who, new Date(), new Date())), HEARTBEAT).unref()
  const release = (): void => {
    clearInterval(beat)
    process.off('exit', release)
    remove(folder, id)
  }
  process.once('exit', release)
  return { release }
}
