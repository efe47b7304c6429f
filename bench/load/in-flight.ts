// A closed loop: so many requests under way at once for so long, and how long each took.
export interface Sample {
  /** What was done in the window: requests, or deliveries where those are counted. */
  readonly operations: number
  /** Milliseconds. */
  readonly elapsed: number
  /** Milliseconds of each request. */
  readonly latencies: readonly number[]
  /** In place of operations a second, where something else is the result; its unit is the operation's. */
  readonly value?: number
}

/** Runs `task` over and over, `count` at once, and starts none after `duration` milliseconds. */
export const inFlight = async (count: number, duration: number, task: () => Promise<unknown>): Promise<Sample> => {
  const latencies: number[] = []
  const began = performance.now()
  const worker = async (): Promise<void> => {
    for (let start = performance.now(); start - began < duration; start = performance.now()) {
      await task()
      latencies.push(performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: count }, worker))
  return { operations: latencies.length, elapsed: performance.now() - began, latencies }
}
