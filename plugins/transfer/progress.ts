// How far a transfer is: a bar with its rate and what time remains on a terminal, and nothing elsewhere.
import cliProgress from 'cli-progress'

export interface Progress {
  /** `done` counts up to `total`; another `what` begins another bar. */
  show(what: string, done: number, total: number): void
  /** Leaves the terminal as it should be. */
  end(): void
}

const format = '{what} {bar} {value}/{total}  {rate} a second  {eta_formatted} left'

export const createProgress = (stream: NodeJS.WriteStream, now: () => number = () => performance.now()): Progress => {
  if (!stream.isTTY) return { show: () => undefined, end: () => undefined }
  let bar: cliProgress.SingleBar | undefined
  let current = ''
  let began = 0
  const end = (): void => {
    bar?.stop()
    bar = undefined
    current = ''
  }
  return {
    show(what, done, total) {
      if (what !== current) {
        end()
        current = what
        began = now()
        bar = new cliProgress.SingleBar({ format, hideCursor: true, stream }, cliProgress.Presets.shades_classic)
        bar.start(total, 0, { what: what.padEnd(10), rate: '-' })
      }
      const seconds = (now() - began) / 1000
      bar?.update(done, { rate: seconds > 0 ? Math.round(done / seconds) : '-' })
      if (done >= total) end()
    },
    end,
  }
}
