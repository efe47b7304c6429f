// Many listening sockets in a process of their own, as the process that measures sees them.
import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { TargetName } from '../targets/target.ts'

export type ToCrowd =
  | { readonly kind: 'open'; readonly target: TargetName; readonly url: string; readonly tokens: readonly string[]; readonly count: number }
  /** Counts from zero; with `read` every listener reads the changed row when it hears of it. */
  | { readonly kind: 'await'; readonly what: 'heard' | 'read' }
  | { readonly kind: 'until'; readonly what: 'heard' | 'read'; readonly count: number }
  | { readonly kind: 'close' }

export type FromCrowd =
  | { readonly kind: 'opened' | 'listening' }
  /** `at`: milliseconds of the machine's monotonic clock, which all its processes share. */
  | { readonly kind: 'reached'; readonly at: number }
  | { readonly kind: 'failed'; readonly message: string }

/** Milliseconds of the machine's monotonic clock. */
export const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6

/** Milliseconds after which what should have been heard counts as lost. */
const patience = 60_000

export interface Crowd {
  readonly pid: number
  /** Begins to count anew. */
  listen(what: 'heard' | 'read'): Promise<void>
  /** Resolves with the moment at which so many had been heard, or rows read. @throws Error when it takes a minute */
  until(what: 'heard' | 'read', count: number): Promise<number>
  close(): void
}

export const openCrowd = async (order: Omit<Extract<ToCrowd, { kind: 'open' }>, 'kind'>): Promise<Crowd> => {
  const child: ChildProcess = fork(fileURLToPath(new URL('./crowd-process.ts', import.meta.url)))
  const send = (message: ToCrowd): Promise<FromCrowd> => new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${order.target}: the listeners did not answer "${JSON.stringify(message)}"`)), patience,
    )
    child.once('message', (answer: FromCrowd) => {
      clearTimeout(timer)
      if (answer.kind === 'failed') reject(new Error(`${order.target}: ${answer.message}`))
      else resolve(answer)
    })
    child.send(message)
  })
  await send({ kind: 'open', ...order })
  return {
    pid: child.pid ?? 0,
    listen: async (what) => void await send({ kind: 'await', what }),
    async until(what, count) {
      const answer = await send({ kind: 'until', what, count })
      return answer.kind === 'reached' ? answer.at : Number.NaN
    },
    close: () => void child.kill('SIGKILL'),
  }
}
