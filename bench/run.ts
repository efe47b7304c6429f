// A run: the targets are filled and started, then each operation is measured, in windows that alternate between them.
import { setTimeout as sleep } from 'node:timers/promises'
import { withPassword, type Size } from './database/organisation.ts'
import type { Place } from './database/place.ts'
import type { DatabaseServer } from './database/server.ts'
import { bareName, bounds } from './measure/bounds.ts'
import { memoryOf } from './measure/processes.ts'
import { measure, type Measured } from './measure/window.ts'
import type { Opened, Operation, Scene } from './operations/operation.ts'
import { logInAll } from './targets/dialect.ts'
import type { Launched } from './targets/launch.ts'
import type { Target } from './targets/target.ts'

/** Milliseconds at least of the first window, which is thrown away: until then a server runs code that is not optimised yet. */
const warmUp = 1000
/** Sockets over which requests are sent, and users whose sessions connect. */
const [sockets, sessions] = [4, 20]

export interface Running {
  readonly target: Target
  readonly place: Place
  readonly launched: Launched
  /** Milliseconds of the start on an empty database, where the target makes its tables then. */
  readonly firstStart: number | undefined
  readonly scene: Scene
  stop(): Promise<void>
}

export interface Outcome {
  readonly target: string
  readonly operation: Operation
  readonly windows: readonly Measured[]
  /** Why it could not be measured to its end. */
  readonly failure?: string
}

export interface Measuring {
  readonly rounds: number
  /** Milliseconds. */
  readonly window: number
  /** Undefined for the embedded database. */
  readonly server: DatabaseServer | undefined
  /** Windows that may still be measured again because others disturbed them. */
  readonly repeats: { left: number }
}

let fresh = 0

/** Makes the tables in an empty database, fills them, starts the target on it and opens its sockets. */
export const raise = async (target: Target, place: Place, size: Size): Promise<Running> => {
  const { dialect } = target
  const firstStart = await target.prepare(place, size)
  const launched = await target.start(place)
  const people = Array.from({ length: sessions }, (_, number) => (number * 7) % withPassword + 1)
  const tokens = await logInAll(dialect, launched.url, people)
  const wires = await Promise.all(Array.from({ length: sockets }, () => dialect.enter(launched.url, tokens[0] ?? '')))
  const scene: Scene = { target: target.name, dialect, url: launched.url, pid: launched.pid, wires, tokens, fresh: () => (fresh += 1) }
  return {
    target, place, launched, firstStart, scene,
    async stop() {
      for (const wire of wires) wire.close()
      await launched.stop()
    },
  }
}

interface Contender {
  readonly name: string
  readonly pid: number
  readonly database: string
  readonly opened: Opened
  readonly windows: Measured[]
  failure?: string
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Opens an operation on all targets that have it, and on what limit is held against. */
const openAll = async (operation: Operation, running: readonly Running[], contenders: Contender[]): Promise<Outcome[]> => {
  const failed: Outcome[] = []
  for (const { target: { name }, scene, launched: { pid }, place } of running) {
    try {
      const opened = await operation.open(scene)
      if (opened) contenders.push({ name, pid, database: place.name, opened, windows: [] })
    } catch (error) {
      failed.push({ target: name, operation, windows: [], failure: messageOf(error) })
    }
  }
  const limit = running.find(({ target }) => target.name === 'limit')?.place
  const bound = bounds[operation.name]
  if (bound && limit?.kind === 'postgres') {
    const opened = await bound.open(limit.url)
    contenders.push({ name: bareName, pid: opened.pid, database: limit.name, opened, windows: [] })
  }
  return failed
}

/** Measures one operation on all targets that have it. What fails on one of them is told, and the others go on. */
export const measureOperation = async (operation: Operation, running: readonly Running[], measuring: Measuring): Promise<Outcome[]> => {
  const { window, server } = measuring
  const { rounds, repeats } = operation.once === true ? { rounds: 1, repeats: { left: 0 } } : measuring
  const duration = window * (operation.length ?? 1)
  const own = [process.pid, ...running.map(({ launched }) => launched.pid)]
  const contenders: Contender[] = []
  const attempt = async (contender: Contender | undefined, work: (opened: Opened) => Promise<unknown>): Promise<void> => {
    if (!contender || contender.failure !== undefined) return
    await work(contender.opened).catch((error: unknown) => { contender.failure = messageOf(error) })
  }
  try {
    const failed = await openAll(operation, running, contenders)
    // Compiled, planned and in memory: what a server is after its first seconds.
    if (operation.once !== true) {
      for (const contender of contenders) await attempt(contender, (opened) => opened.window(Math.max(warmUp, duration / 2)))
    }
    for (let round = 0; round < rounds; round += 1) {
      // Another one first each time: what one leaves behind must not always meet the same next one.
      for (const at of contenders.keys()) {
        const contender = contenders[(at + round) % contenders.length]
        await sleep(50)
        await attempt(contender, async (opened) => {
          const { pid = 0, database = '', windows } = contender ?? {}
          const around = { server, pid, database, own: [...own, ...opened.helpers ?? []], isParallel: operation.large === true, repeats }
          windows?.push(await measure(around, () => opened.window(duration)))
        })
      }
    }
    return [...failed, ...contenders.map(({ name, windows, failure }) =>
      ({ target: name, operation, windows, ...(failure === undefined ? {} : { failure }) }))]
  } finally {
    for (const { opened } of contenders) await opened.close()
  }
}

/** Bytes of each server that are in memory. */
export const memories = (running: readonly Running[]): Record<string, number> =>
  Object.fromEntries(running.map(({ target, launched }) => [target.name, memoryOf(launched.pid)]))
