// A server as a process of its own, at a port that it keeps: to be killed, paused, stopped and started again.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { program } from '../../kit/program.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
/** Milliseconds that a start may take on a busy machine. */
const patience = 240_000

export interface Node {
  readonly url: string
  /** Of the process that runs, or ran last. */
  readonly pid: () => number
  /** The last words of all its processes. */
  readonly words: () => string
  start(): Promise<void>
  /** Sends a signal and, unless it only pauses or continues, waits for the end. Gives the exit code; null: ended by the signal. */
  signal(signal: NodeJS.Signals): Promise<number | null | undefined>
}

/** `environment` names the port. */
export const createNode = (environment: Readonly<Record<string, string>>): Node => {
  const url = `http://127.0.0.1:${environment['PORT'] ?? ''}`
  let child: ChildProcess | undefined
  let words = ''
  const isReady = (): Promise<boolean> =>
    fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(1000) }).then(({ status }) => status === 200, () => false)
  const run = (): ChildProcess => {
    const [command = '', ...rest] = program('main.ts')
    const { PATH = '' } = process.env
    const started = spawn(command, rest, { cwd: root, env: { PATH, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [started.stdout, started.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => void (words = `${words}${text}`.slice(-20_000)))
    child = started
    return started
  }
  return {
    url,
    pid: () => child?.pid ?? 0,
    words: () => words,
    async start() {
      for (const deadline = Date.now() + patience; ; await sleep(100)) {
        const started = run()
        while (started.exitCode === null && Date.now() < deadline) {
          if (await isReady()) return
          await sleep(50)
        }
        // Without its database no server starts: it is started again, as whatever looks after servers would do.
        if (Date.now() > deadline) throw new Error(`a node is not up: ${words.slice(-4000)}`)
      }
    },
    async signal(signal) {
      if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode
      if (signal === 'SIGSTOP' || signal === 'SIGCONT') {
        child.kill(signal)
        return undefined
      }
      const ended = once(child, 'exit') as Promise<[number | null]>
      child.kill(signal)
      return (await ended)[0]
    },
  }
}
