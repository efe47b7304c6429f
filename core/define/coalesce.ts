// Work that is asked for more often than it need be done: one run at a time, and one more when it was asked for meanwhile.
import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds that a stop waits: less than what one plugin's end may take. */
const patience = 2000

export interface Coalesced {
  /** Asks for a run. */
  kick(): void
  /**
   * Asks for a run and waits until nothing more is asked for.
   * @throws whatever the task throws, once `onTrouble` knows of it
   */
  run(): Promise<void>
  /**
   * No further runs; waits for the present one, though not for long: what it has begun it may end by itself. `last`: what is to be done
   * is done before, as far as that takes no longer.
   */
  stop(last?: 'last'): Promise<void>
}

export interface CoalesceOptions {
  /** Milliseconds between runs that no one asks for. */
  readonly interval: number
  /** One run; true when there is more to do at once. */
  readonly task: () => Promise<boolean>
  /** A run has failed: the next one is tried when it is asked for, or after the interval. `again`: the one before has failed too. */
  readonly onTrouble: (error: unknown, again: boolean) => void
}

export const coalesce = ({ interval, task, onTrouble }: CoalesceOptions): Coalesced => {
  let wanted = false
  let stopped = false
  let failing = false
  let running: Promise<void> | undefined

  const drain = async (): Promise<void> => {
    // `running` is set by the time the task begins: it may ask for more at once.
    await Promise.resolve()
    try {
      while (wanted && !stopped) {
        wanted = false
        if (await task()) wanted = true
        failing = false
      }
    } catch (error) {
      onTrouble(error, failing)
      failing = true
      // Asked for while it failed.
      if (wanted) setImmediate(kick)
      throw error
    } finally {
      // Nothing is awaited since the last look at `wanted`: no request falls in between.
      running = undefined
    }
  }
  const run = async (): Promise<void> => {
    if (stopped) return running
    wanted = true
    running ??= drain()
    await running
  }
  function kick(): void {
    run().catch(() => undefined)
  }
  const timer = setInterval(kick, interval)
  return {
    kick,
    run,
    async stop(last) {
      const early = new AbortController()
      const late = sleep(patience, undefined, { signal: early.signal }).catch(() => undefined)
      if (last) await Promise.race([run().catch(() => undefined), late])
      stopped = true
      clearInterval(timer)
      await Promise.race([running?.catch(() => undefined), late])
      early.abort()
    },
  }
}
