// Operations about coming in: connecting, logging in, and reading while others log in.
import { anyOf, ordinary, withPassword } from '../database/organisation.ts'
import { inFlight } from '../load/in-flight.ts'
import { percentile } from '../measure/figures.ts'
import { ask } from '../targets/dialect.ts'
import { atOnce, type Operation, type Scene } from './operation.ts'

/** Log-ins under way at once: fewer than requests, because a hash takes 50 ms of a core and a queue of them is refused in the end. */
const logIns = 8
/** Reads under way beside log-ins. */
const reads = 4

const personOf = (scene: Scene): number => (scene.fresh() % withPassword) + 1

export const connecting: Operation = {
  name: 'connect',
  title: 'connect, until the socket is ready',
  open(scene) {
    const { dialect, url, tokens } = scene
    const come = async (): Promise<void> => {
      const wire = await dialect.enter(url, tokens[scene.fresh() % tokens.length] ?? '')
      wire.close()
    }
    return Promise.resolve({ window: (duration) => inFlight(atOnce, duration, come), close: () => Promise.resolve() })
  },
}

export const loggingIn: Operation = {
  name: 'login',
  title: 'log in by password',
  length: 3,
  async open(scene) {
    const { dialect, url } = scene
    const wire = await dialect.lobby(url)
    const logIn = (): Promise<unknown> => ask(dialect, wire, dialect.requests.logIn(personOf(scene)))
    return {
      window: (duration) => inFlight(logIns, duration, logIn),
      close: () => Promise.resolve(wire.close()),
    }
  },
}

export const readingBeside: Operation = {
  name: 'beside',
  title: 'p99 of get beside 8 log-ins',
  unit: 'x quiet',
  withoutCosts: true,
  length: 2,
  async open(scene) {
    const { dialect, url, wires: [wire] } = scene
    const lobby = await dialect.lobby(url)
    const read = async (): Promise<unknown> => wire && ask(dialect, wire, dialect.requests.get(anyOf(ordinary.users)))
    return {
      async window(duration) {
        const quiet = await inFlight(reads, duration / 2, read)
        const others = inFlight(logIns, duration / 2, () => ask(dialect, lobby, dialect.requests.logIn(personOf(scene))))
        const busy = await inFlight(reads, duration / 2, read)
        await others
        return { ...busy, value: percentile(busy.latencies, 0.99) / percentile(quiet.latencies, 0.99) }
      },
      close: () => Promise.resolve(lobby.close()),
    }
  },
}
