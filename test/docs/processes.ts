// Programs as a person starts them: run to their end, or a server that runs until it is stopped.
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import type { Readable } from 'node:stream'
import { program } from '../kit/program.ts'

export type Variables = Readonly<Record<string, string>>

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

type Child = ChildProcessByStdio<null, Readable, Readable>

/** Nothing of this process's own settings but what finds programs. */
const surroundings = (variables: Variables): Record<string, string> =>
  ({ PATH: process.env['PATH'] ?? '', HOME: tmpdir(), TMPDIR: tmpdir(), LOG_LEVEL: 'warn', ...variables })

const launch = (directory: string, [program = '', ...args]: readonly string[], variables: Variables): Child =>
  spawn(program, args, { cwd: directory, env: surroundings(variables), stdio: ['ignore', 'pipe', 'pipe'] })

const collect = (stream: Readable): (() => string) => {
  let text = ''
  stream.setEncoding('utf8').on('data', (more: string) => {
    text += more
  })
  return () => text
}

/** Runs a program to its end; one that takes longer than `patience` milliseconds is killed. */
export const run = async (directory: string, command: readonly string[], variables: Variables = {}, patience = 240_000): Promise<Ended> => {
  const child = launch(directory, command, variables)
  const [out, err] = [collect(child.stdout), collect(child.stderr)]
  const timer = setTimeout(() => child.kill('SIGKILL'), patience)
  await once(child, 'close')
  clearTimeout(timer)
  return { code: child.exitCode, out: out(), err: err() }
}

export interface Running {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string
  /** All that it has printed so far. */
  out(): string
  stop(): Promise<void>
}

/** Starts what `npm start` runs, on a free port, and waits until it listens. */
export const startProcess = async (directory: string, variables: Variables, command = program('main.ts')): Promise<Running> => {
  const child = launch(directory, command, { PORT: '0', ...variables })
  const [out, err] = [collect(child.stdout), collect(child.stderr)]
  const gone = once(child, 'close')
  const stop = async (): Promise<void> => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
    child.kill('SIGTERM')
    await gone
    clearTimeout(timer)
  }
  const url = await new Promise<string>((resolve, reject) => {
    const fail = (): void => reject(new Error(`The server did not start.\n${out()}\n${err()}`))
    const timer = setTimeout(fail, 240_000)
    child.once('close', fail)
    child.stdout.on('data', () => {
      const [, found] = /Listening on {2}(http:\/\/127\.0\.0\.1:\d+)\n/.exec(out()) ?? []
      if (found === undefined) return
      clearTimeout(timer)
      resolve(found)
    })
  }).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  return { url, out, stop }
}
