// What a run was played on, and how much of its processors others had meanwhile. From /proc, so on Linux only.
import { totalmem } from 'node:os'
import { busy, cores, cpuOf, withDescendants } from '../measure/processes.ts'

/** Processes that are not this one's children: those of PostgreSQL. */
const roots = new Set<number>([process.pid])

/** Counts this process, and those that it starts, among the run's own. */
export const own = (pid: number): void => void roots.add(pid)

export interface Disturbance {
  /** The share of all processors that others had; undefined where it cannot be told. */
  end(): number | undefined
}

/** Milliseconds between two looks: what a process took after the last one before its end is not told apart from others'. */
const pause = 500

export const watchOthers = (): Disturbance => {
  const [before, began] = [busy(), performance.now()]
  const known = new Map<number, number>()
  let mine = 0
  const look = (isFirst: boolean): void => {
    for (const pid of withDescendants([...roots])) {
      const taken = cpuOf(pid)
      if (taken === undefined) continue
      // What is new was born since the last look.
      mine += isFirst ? 0 : taken - (known.get(pid) ?? 0)
      known.set(pid, taken)
    }
  }
  look(true)
  const timer = setInterval(() => look(false), pause)
  return {
    end() {
      clearInterval(timer)
      look(false)
      const after = busy()
      if (before === undefined || after === undefined) return undefined
      return Math.max(0, after - before - mine) / ((performance.now() - began) * cores)
    },
  }
}

/** No names: what a figure depends on. */
export const machine = { cores, 'memory, GB': Math.round(totalmem() / 2 ** 30), node: process.version, platform: process.platform } as const
