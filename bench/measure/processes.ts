// What the processes of a run, its database and all others used of the processors and of memory: from /proc, so on Linux only.
import { readFileSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Milliseconds of one tick of /proc: USER_HZ is 100 on every architecture that Node runs on. */
const tick = 10

/** Processors that the machine has. */
export const cores = availableParallelism()

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // The process has ended, or this is not Linux.
    return undefined
  }
}

/** Milliseconds of processor time of a process with all its threads; undefined when it is not there. */
export const cpuOf = (pid: number): number | undefined => {
  const stat = read(`/proc/${pid}/stat`)
  // The name in parentheses may hold spaces.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields && (Number(fields[11]) + Number(fields[12])) * tick
}

/** The same of a process with one thread, to the nanosecond where the kernel counts it. */
export const cpuOfSingle = (pid: number): number | undefined => {
  const fine = read(`/proc/${pid}/schedstat`)?.split(' ')[0]
  return fine === undefined ? cpuOf(pid) : Number(fine) / 1e6
}

/** Milliseconds that children of a process took which have ended. */
export const cpuOfEnded = (pid: number): number => {
  const stat = read(`/proc/${pid}/stat`)
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? []
  return (Number(fields[13] ?? 0) + Number(fields[14] ?? 0)) * tick
}

export const parentOf = (pid: number): number | undefined => {
  const parent = /^PPid:\s*(\d+)/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1]
  return parent === undefined ? undefined : Number(parent)
}

export const isPostgres = (pid: number): boolean => (read(`/proc/${pid}/comm`) ?? '').startsWith('postgres')

/** Bytes of a process that are in memory. */
export const memoryOf = (pid: number): number =>
  Number(/^VmRSS:\s*(\d+)/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1] ?? Number.NaN) * 1024

/**
 * Milliseconds that all processors were busy with processes, and that the host took from this machine. Interrupts are left out: those of
 * the loopback network are the run's own, and no process is charged for them.
 */
export const busy = (): number | undefined => {
  const fields = read('/proc/stat')?.split('\n')[0]?.trim().split(/\s+/).slice(1).map(Number)
  if (!fields) return undefined
  const [user = 0, nice = 0, system = 0, , , , , steal = 0] = fields
  return (user + nice + system + steal) * tick
}

/** All children of a process, and theirs. */
export const withDescendants = (roots: readonly number[]): number[] => {
  const parents = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((name) => [Number(name), parentOf(Number(name))] as const)
  const found = new Set(roots)
  for (let before = -1; before !== found.size;) {
    before = found.size
    for (const [pid, parent] of parents) if (parent !== undefined && found.has(parent)) found.add(pid)
  }
  return [...found]
}
