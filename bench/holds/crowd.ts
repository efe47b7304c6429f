// Crowds of sockets in processes of their own, as the scenario sees them.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { undoLater } from '../../test/kit/place.ts'

export interface Order {
  /** The first is where they begin; after a loss they take turns. */
  readonly urls: readonly string[]
  readonly tokens: readonly string[]
  readonly count: number
  /** So many connect at once. */
  readonly atOnce: number
  /** Whether they come back after a loss; by default they do. */
  readonly isReturning?: boolean
}

export interface Standing {
  readonly open: number
  readonly members: number
  readonly closes: number
  readonly refusals: number
  /** Changes, by all together; positions that did not grow; how often one was told to read everything anew. */
  readonly heard: number
  readonly disordered: number
  readonly resyncs: number
  /** The position up to which every one of them knows: by a change, or by the word to read anew. */
  readonly reached: number
  /** To requests of a flood. */
  readonly answers: number
  /** Moments of the machine's monotonic clock, in milliseconds: when the last was open, had heard, or was closed. */
  readonly fullAt: number
  readonly lastAt: number
  readonly lastCloseAt: number
}

export type ToCrowd =
  | { readonly kind: 'open'; readonly order: Order }
  | { readonly kind: 'flood'; readonly url: string; readonly count: number }
  | { readonly kind: 'deaf' | 'standing' }

export type FromCrowd = { readonly standing: Standing } | { readonly failed: string }

export interface Crowd {
  standing(): Promise<Standing>
  /** They read nothing from now on. */
  deafen(): Promise<void>
  close(): void
}

/** Sockets of one process: more would wait for it. */
const most = 3000

/** Processes that each do their part of `count`. */
const start = async (count: number, order: (part: number) => ToCrowd): Promise<Crowd> => {
  const parts: number[] = []
  for (let left = count; left > 0; left -= most) parts.push(Math.min(left, most))
  const children = parts.map(() => fork(fileURLToPath(new URL('./crowd-process.ts', import.meta.url))))
  const close = (): void => {
    for (const child of children) child.kill('SIGKILL')
  }
  undoLater(close)
  const send = (message: (part: number) => ToCrowd): Promise<Standing[]> => Promise.all(children.map((child, index) =>
    new Promise<Standing>((resolve, reject) => {
      child.once('exit', () => reject(new Error('a process of the crowd has ended')))
      child.once('message', (answer: FromCrowd) => {
        child.removeAllListeners('exit')
        if ('failed' in answer) reject(new Error(answer.failed))
        else resolve(answer.standing)
      })
      child.send(message(parts[index] ?? 0))
    })))
  await send(order)
  return {
    close,
    async deafen() {
      await send(() => ({ kind: 'deaf' }))
    },
    async standing() {
      const all = await send(() => ({ kind: 'standing' }))
      const sum = (key: keyof Standing): number => all.reduce((total, each) => total + each[key], 0)
      const last = (key: keyof Standing): number => Math.max(...all.map((each) => each[key]))
      return {
        open: sum('open'), members: sum('members'), closes: sum('closes'), refusals: sum('refusals'), heard: sum('heard'),
        disordered: sum('disordered'), resyncs: sum('resyncs'), answers: sum('answers'), fullAt: last('fullAt'), lastAt: last('lastAt'),
        lastCloseAt: last('lastCloseAt'), reached: Math.min(...all.map(({ reached }) => reached)),
      }
    },
  }
}

/** Opens sockets, in as many processes as they need. */
export const openCrowd = (order: Order): Promise<Crowd> =>
  start(order.count, (part) => ({ kind: 'open', order: { ...order, count: part } }))

/** Keeps so many requests under way that need no session, until it is closed. */
export const openFlood = (url: string, count: number): Promise<Crowd> => start(count, (part) => ({ kind: 'flood', url, count: part }))
