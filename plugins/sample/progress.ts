// How far the work is: a bar on a terminal, elsewhere a line for every tenth.
import cliProgress from 'cli-progress'

export interface Progress {
  /** `done` counts up; another `what` begins another bar. */
  show(what: string, done: number, total: number): void
  /** Leaves the terminal as it should be. */
  end(): void
}

const bars = (): Progress => {
  let bar: cliProgress.SingleBar | undefined
  let current = ''
  const end = (): void => {
    bar?.stop()
    bar = undefined
  }
  return {
    show(what, done, total) {
      if (what !== current) {
        end()
        current = what
        bar = new cliProgress.SingleBar({ format: `${what.padEnd(12)} {bar} {value}/{total}  {eta_formatted} left`, hideCursor: true }, cliProgress.Presets.shades_classic)
        bar.start(total, 0)
      }
      bar?.update(done)
      if (done >= total) end()
    },
    end,
  }
}

const lines = (print: (line: string) => void): Progress => {
  let current = ''
  let tenths = 0
  return {
    show(what, done, total) {
      if (what !== current) {
        current = what
        tenths = 0
      }
      const reached = Math.floor((done * 10) / total)
      if (reached > tenths) print(`${what}: ${done}/${total} (${reached * 10} %)`)
      tenths = reached
    },
    end: () => undefined,
  }
}

/** For a terminal or not. */
export const createProgress = (isTerminal: boolean, print: (line: string) => void): Progress => (isTerminal ? bars() : lines(print))
