// Whether the database answers at all: nothing has come over any connection for a while, though this process was there to hear it.
// The feed of each node asks twice a second, so that a database that is there is never silent for long, however busy.
// And the end of waiting for one that does not: a server that stops lets go of its connections, so that what waits for them fails at once.

/** What can be cut, and says when it has ended. */
export interface Line {
  once(event: 'end', listener: () => void): unknown
  readonly connection: { readonly stream: { destroy(): void } }
}

export interface Pulse {
  /** Something was answered, if only with an error. */
  beat(): void
  isSilent(): boolean
  /** A connection that is being opened, and knows it from then on. */
  open<T extends Line>(opening: Promise<T>): Promise<T>
  /** Cuts all connections, and lets none be opened. */
  abandon(): void
  stop(): void
}

/** Milliseconds. Counted in looks, not by the clock: a process that was paused, or held up, has not listened meanwhile. */
const times = { look: 250, silent: 2000 }

export const createPulse = (): Pulse => {
  let looks = 0
  let isAbandoned = false
  const lines = new Set<Line>()
  const openings = new Set<(error: Error) => void>()
  const silence = (): Error => Object.assign(new Error('The database does not answer'), { code: 'ECONNRESET' })
  const timer = setInterval(() => void (looks += 1), times.look)
  timer.unref()
  return {
    beat: () => void (looks = 0),
    isSilent: () => looks * times.look >= times.silent,
    open: (opening) => new Promise((resolve, reject) => {
      openings.add(reject)
      opening.then((line) => {
        lines.add(line)
        line.once('end', () => lines.delete(line))
        // No one waits for it.
        if (isAbandoned) line.connection.stream.destroy()
        resolve(line)
      }, reject).finally(() => openings.delete(reject))
      if (isAbandoned) reject(silence())
    }),
    abandon() {
      isAbandoned = true
      for (const line of lines) line.connection.stream.destroy()
      for (const giveUp of openings) giveUp(silence())
    },
    stop: () => clearInterval(timer),
  }
}
