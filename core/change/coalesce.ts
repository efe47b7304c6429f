// Work that is asked for more often than it need be done: one run at a time, and one more when it was asked for meanwhile.

export interface Coalesced {
  /** Asks for a run. */
  kick(): void
  /** No further runs; waits for the present one. */
  stop(): Promise<void>
}

export interface CoalesceOptions {
  /** Milliseconds between runs that nobody asks for. */
  readonly interval: number
  /** One run; true when there is more to do at once. */
  readonly task: () => Promise<boolean>
  /** A run has failed: the next one is tried when it is asked for, or after the interval. */
  readonly onTrouble: (error: unknown) => void
}

export const coalesce = ({ interval, task, onTrouble }: CoalesceOptions): Coalesced => {
  let wanted = false
  let stopped = false
  let running: Promise<void> | undefined

  const drain = async (): Promise<void> => {
    while (wanted && !stopped) {
      wanted = false
      try {
        if (await task()) wanted = true
      } catch (error) {
        onTrouble(error)
        return
      }
    }
  }
  const kick = (): void => {
    wanted = true
    if (running || stopped) return
    running = drain().finally(() => {
      running = undefined
      // Asked for between the last look and here.
      if (wanted && !stopped) setImmediate(kick)
    })
  }
  const timer = setInterval(kick, interval)
  return {
    kick,
    async stop() {
      stopped = true
      clearInterval(timer)
      await running
    },
  }
}
