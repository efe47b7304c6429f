// Many at once, and waiting for what comes about.
import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds until a wait is given up: long, for a machine that others use too. */
export const patience = 45_000

/** Runs the work for 0, 1, … count - 1, all at once. Also when one fails, the others are waited for: the next test finds none at work. */
export const parallel = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  together(Array.from({ length: count }, (_, index) => work(index)))

/** Waits for all. @throws what the first that fails has thrown, once none is at work */
export const together = async <T>(tasks: readonly Promise<T>[]): Promise<T[]> => {
  await Promise.allSettled(tasks)
  return Promise.all(tasks)
}

/** Lets no one through before all have come: for the broken variants, between their check and their write. */
export const barrier = (count: number): (() => Promise<void>) => {
  let waiting = count
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return () => {
    waiting -= 1
    if (waiting <= 0) open()
    return opened
  }
}

/** Asks again until the answer is yes. @throws after `patience`, and a hundred questions: a machine may stand still for a while */
export const eventually = async (check: () => boolean | Promise<boolean>, what: string): Promise<void> => {
  const deadline = performance.now() + patience
  for (let asked = 1; !(await check()); asked += 1) {
    if (performance.now() > deadline && asked > 100) throw new Error(`did not come about: ${what}`)
    await sleep(10)
  }
}
