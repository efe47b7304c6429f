// A run: the targets are filled and started, then each operation is measured, in windows that alternate between them.
import { setTimeout as sleep } from 'node:timers/promises'
import { withPassword, type Size } from './database/organisation.ts'
import type { DatabaseServer } from './database/server.ts'
import { measure, type Measured } from './measure/window.ts'
import { memoryOf } from './measure/processes.ts'
import type { Opened, Operation, Scene } from './operations/operation.ts'
import { logInAll } from './targets/dialect.ts'
import type { Launched } from './targets/launch.ts'
import type { Target } from './targets/target.ts'

/** Sockets over which requests are sent, and users whose sessions connect. */
const [sockets, sessions] = [4, 20]

export interface Running {
  readonly target: Target
  readonly database: string
  readonly launched: Launched
  readonly scene: Scene
  stop(): Promise<void>
}

export interface Outcome {
  readonly target: string
  readonly operation: Operation
  readonly windows: readonly Measured[]
  readonly bytesPerConnection?: number
}

let fresh = 0

/** Starts a filled target and opens its sockets. */
export const enter = async (target: Target, database: string, launched: Launched): Promise<Running> => {
  const { dialect } = target
  const people = Array.from({ length: sessions }, (_, number) => (number * 7) % withPassword + 1)
  const tokens = await logInAll(dialect, launched.url, people)
  const wires = await Promise.all(Array.from({ length: sockets }, () => dialect.enter(launched.url, tokens[0] ?? '')))
  const scene: Scene = { target: target.name, dialect, url: launched.url, pid: launched.pid, wires, tokens, fresh: () => (fresh += 1) }
  return {
    target, database, launched, scene,
    async stop() {
      for (const wire of wires) wire.close()
      await launched.stop()
    },
  }
}

/** Makes a database of its own for a target, fills it, and starts the target on it. */
export const raise = async (target: Target, server: DatabaseServer, size: Size): Promise<Running> => {
  const database = `sovrane_bench_${process.pid}_${target.name}_${size.users}`
  const url = await server.create(database)
  await target.prepare(url, size)
  return enter(target, database, await target.start(url))
}

export interface Measuring {
  readonly rounds: number
  /** Milliseconds. */
  readonly window: number
  readonly server: DatabaseServer | undefined
  /** Windows that may still be measured again because others disturbed them. */
  readonly repeats: { left: number }
}

/** Measures one operation on all targets that have it. */
export const measureOperation = async (
  operation: Operation, running: readonly Running[], { rounds, window, server, repeats }: Measuring,
): Promise<Outcome[]> => {
  const duration = window * (operation.length ?? 1)
  const own = [process.pid, ...running.map(({ launched }) => launched.pid)]
  const outcomes: { target: string; opened: Opened; windows: Measured[]; run: () => Promise<void> }[] = []
  try {
    for (const { target, scene, launched, database } of running) {
      const opened = await operation.open(scene)
      if (!opened) continue
      const around = {
        server, pid: launched.pid, database, repeats, own: [...own, ...opened.helpers ?? []], isParallel: operation.large === true,
      }
      const windows: Measured[] = []
      outcomes.push({ target: target.name, opened, windows, async run() {
        windows.push(await measure(around, () => opened.window(duration)))
      } })
      // Compiled, planned and in memory: what a server is after its first seconds.
      await opened.window(duration / 2)
    }
    for (let round = 0; round < rounds; round += 1) {
      // Another one first each time: what one leaves behind must not always meet the same next one.
      for (const at of outcomes.keys()) {
        await sleep(50)
        await outcomes[(at + round) % outcomes.length]?.run()
      }
    }
  } finally {
    for (const { opened } of outcomes) await opened.close()
  }
  return outcomes.map(({ target, windows, opened: { bytesPerConnection } }) =>
    ({ target, operation, windows, ...(bytesPerConnection === undefined ? {} : { bytesPerConnection }) }))
}

/** Bytes of each server that are in memory. */
export const memories = (running: readonly Running[]): Record<string, number> =>
  Object.fromEntries(running.map(({ target, launched }) => [target.name, memoryOf(launched.pid)]))
