// Starts a target's process, waits until it says where it listens, and stops it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Launched {
  readonly url: string
  readonly pid: number
  /** Milliseconds from the start of the process until it listened. */
  readonly startTime: number
  stop(): Promise<void>
}

/** Milliseconds that a start may take: the first one makes the schema. */
const patience = 180_000

const running = new Set<number>()
/** Those that are running: for the end of a run that was broken off. */
export const killAll = (): void => {
  for (const pid of running) process.kill(pid, 'SIGKILL')
  running.clear()
}

/** @param environment all that the process gets, but for the path and the place of temporary files */
export const launch = async (
  command: readonly string[], environment: Readonly<Record<string, string>>, cwd?: string,
): Promise<Launched> => {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env
  const began = performance.now()
  const child = spawn(process.execPath, [...command], {
    env: { PATH, HOME, TMPDIR, NODE_ENV: 'production', ...environment }, stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${command.join(' ')} could not be started`)
  running.add(pid)
  const ended = once(child, 'exit').finally(() => running.delete(pid))
  let words = ''
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${command.join(' ')} does not listen.\n${words}`)), patience)
    const hear = (text: string): void => {
      // What is said later is read and forgotten: a full pipe would stop the process.
      if (words.length < 20_000) words += text
      const found = /https?:\/\/(?:127\.0\.0\.1|localhost):\d+/.exec(words)?.[0]
      if (found === undefined) return
      clearTimeout(timer)
      resolve(found.replace('localhost', '127.0.0.1'))
    }
    child.stdout.setEncoding('utf8').on('data', hear)
    child.stderr.setEncoding('utf8').on('data', hear)
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`${command.join(' ')} ended with ${code ?? 'a signal'}.\n${words}`))
    })
  })
  return {
    url, pid, startTime: performance.now() - began,
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
      await ended
      clearTimeout(timer)
    },
  }
}
