// Which process this is, and whether another one still lives: pids are reused, and containers have pids of their own.

import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

export interface ProcessIdentity {
  readonly pid: number
  readonly host: string
  /** Clock ticks between the boot of the machine and the start of the process. Null where there is no /proc. */
  readonly started: string | null
  /** The boot of the machine and the pid namespace (container). Null where there is no /proc. */
  readonly boot: string | null
  readonly namespace: string | null
}

const orNull = (read: () => string): string | null => {
  try {
    return read().trim()
  } catch {
    return null
  }
}

/** Field 22 of /proc/<pid>/stat; null for a dead process, also for one whose parent has not noticed yet (state Z). */
const startOf = (pid: number): string | null =>
  orNull(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name of the program before the state may hold spaces and brackets.
    const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (state === 'Z' || state === 'X') throw new Error('dead')
    return fields[18] ?? ''
  })

export const thisProcess = (): ProcessIdentity => ({
  pid: process.pid,
  host: hostname(),
  started: startOf(process.pid),
  boot: orNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
  namespace: orNull(() => readlinkSync('/proc/self/ns/pid')),
})

const hasPid = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it exists and belongs to someone else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Whether the process lives; undefined when it cannot be known from here (another machine or container, no /proc). */
export const isAlive = (other: ProcessIdentity | undefined): boolean | undefined => {
  if (other === undefined || !Number.isInteger(other.pid) || other.pid <= 0) return undefined
  const own = thisProcess()
  if (other.host !== own.host) return undefined
  // The same name and another boot: that machine has restarted since.
  if (other.boot !== own.boot) return false
  if (other.namespace !== own.namespace) return undefined
  if (!hasPid(other.pid)) return false
  if (other.started === null || own.started === null) return undefined
  return startOf(other.pid) === other.started
}
