// Whether the database answers at all: nothing has come over any connection for a while, though this process was there to hear it.
// The feed of each node asks twice a second, so that a database that is there is never silent for long, however busy.

export interface Pulse {
  /** Something was answered, if only with an error. */
  beat(): void
  isSilent(): boolean
  stop(): void
}

/** Milliseconds. Counted in looks, not by the clock: a process that was paused, or held up, has not listened meanwhile. */
const times = { look: 250, silent: 2000 }

export const createPulse = (): Pulse => {
  let looks = 0
  const timer = setInterval(() => void (looks += 1), times.look)
  timer.unref()
  return {
    beat: () => void (looks = 0),
    isSilent: () => looks * times.look >= times.silent,
    stop: () => clearInterval(timer),
  }
}
