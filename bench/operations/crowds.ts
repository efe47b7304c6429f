// Operations with a thousand listeners: telling all of them of changes, and all of them reading what changed.
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonic, openCrowd, type Crowd } from '../load/crowd.ts'
import { inFlight } from '../load/in-flight.ts'
import { ordinary } from '../database/organisation.ts'
import { median } from '../measure/figures.ts'
import { memoryOf } from '../measure/processes.ts'
import { ask } from '../targets/dialect.ts'
import { atOnce, type Opened, type Operation, type Scene } from './operation.ts'

const listeners = 1000
const gather = ({ target, url, tokens }: Scene, count = listeners): Promise<Crowd> => openCrowd({ target, url, tokens, count })

/** Updates another user each time: of several changes of one row the last may be told alone. */
const updates = (scene: Scene) => {
  const { dialect, wires: [wire] } = scene
  return async (): Promise<unknown> => {
    const fresh = scene.fresh()
    return wire && ask(dialect, wire, dialect.requests.updateUser((fresh * 7919) % ordinary.users + 1, fresh))
  }
}

export const fanOut: Operation = {
  name: 'fanout',
  title: 'tell 1,000 listeners',
  counts: 'deliveries',
  length: 2,
  async open(scene): Promise<Opened> {
    const crowd = await gather(scene)
    const update = updates(scene)
    return {
      helpers: [crowd.pid],
      async window(duration) {
        await crowd.listen('heard')
        const began = monotonic()
        const { operations, latencies } = await inFlight(atOnce, duration, update)
        const last = await crowd.until('heard', operations * listeners)
        return { operations: operations * listeners, elapsed: last - began, latencies }
      },
      close: () => Promise.resolve(crowd.close()),
    }
  },
}

/** Milliseconds between two storms. */
const pause = 100

export const refetchStorm: Operation = {
  name: 'storm',
  title: '1,000 listeners read a change, until the last has it',
  unit: 'ms',
  length: 2,
  async open(scene): Promise<Opened | undefined> {
    if (!scene.dialect.readAnew) return undefined
    const crowd = await gather(scene)
    const update = updates(scene)
    return {
      helpers: [crowd.pid],
      async window(duration) {
        const times: number[] = []
        const started = monotonic()
        while (monotonic() - started < duration || times.length === 0) {
          await crowd.listen('read')
          const began = monotonic()
          await update()
          times.push(await crowd.until('read', listeners) - began)
          await sleep(pause)
        }
        return { operations: times.length * listeners, elapsed: monotonic() - started, latencies: times, value: median(times) }
      },
      close: () => Promise.resolve(crowd.close()),
    }
  },
}

/** Connections that are opened first, so that what the first ones bring into memory is there; and those that are counted. */
const [first, counted] = [200, 2000]
/** Milliseconds in which a server comes to rest. */
const rest = 1500

export const memory: Operation = {
  name: 'memory',
  title: 'memory of a connection, of 2,000',
  unit: 'KB',
  once: true,
  withoutCosts: true,
  slow: true,
  async open(scene): Promise<Opened> {
    const crowds = [await gather(scene, first)]
    return {
      async window() {
        await sleep(rest)
        const before = memoryOf(scene.pid)
        const began = monotonic()
        crowds.push(await gather(scene, counted))
        await sleep(rest)
        const value = (memoryOf(scene.pid) - before) / counted / 1024
        return { operations: counted, elapsed: monotonic() - began, latencies: [], value }
      },
      async close() {
        for (const crowd of crowds) crowd.close()
        await sleep(rest)
      },
    }
  },
}
