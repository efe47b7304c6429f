// The events of one socket → requests of the dispatcher, and each reply back: to the acknowledgement, else as the response event.
import type { Socket } from 'socket.io'
import { responseEvent } from '../model/names.ts'
import type { Dispatcher } from '../call/dispatcher.ts'
import type { Reply } from '../call/reply.ts'
import type { Connection } from '../define/call.ts'
import { AppError, invalidPayload } from '../define/errors.ts'

export interface RequestOptions {
  readonly dispatcher: Dispatcher
  readonly getters: ReadonlySet<string>
  /** As it is at the time of each request. */
  connection(): Connection
  /** What this door offers. */
  offers(event: string): boolean
  /** Counts a request; the seconds to wait when there were too many. */
  limit(): number | undefined
  /** A request is under way until what this gives is called. @throws AppError unavailable when too many of the connection are */
  enter(): () => void
  /** What is to be waited for before anything is answered. */
  catchingUp?(): Promise<unknown> | undefined
}

const body = (reply: Reply): object => (reply.ok ? reply.data : { error: reply.error })

const isAck = (value: unknown): value is (reply: object) => void => typeof value === 'function'

/** Answers every event that the client sends, once each. */
export const answerRequests = (socket: Socket, options: RequestOptions): void => {
  const refuse = (event: string, thrown: unknown): Reply => options.dispatcher.refuse(event, thrown, options.connection())
  const answer = async (event: string, args: readonly unknown[]): Promise<Reply> => {
    const retryAfter = options.limit()
    if (retryAfter !== undefined) return refuse(event, new AppError('rate_limited', { retryAfter }))
    if (!options.offers(event)) return refuse(event, new AppError('unknown_event'))
    if (args.length > 1) return refuse(event, invalidPayload([{ path: '', message: 'must be the only argument' }]))
    const leave = options.enter()
    const catchingUp = options.catchingUp?.()
    if (catchingUp) await catchingUp
    // On this wire `undefined` arrives as null.
    return options.dispatcher.dispatch(event, args[0] ?? undefined, options.connection()).finally(leave)
  }
  // A client may send the event `error`; without a listener for it the process would end.
  socket.on('error', () => undefined)
  socket.onAny((name: unknown, ...args: unknown[]) => {
    const event = typeof name === 'string' ? name : ''
    const last = args.at(-1)
    const ack = isAck(last) ? last : undefined
    const payload = ack ? args.slice(0, -1) : args
    const reply = (answered: Reply): void => {
      if (ack) ack(body(answered))
      // An unknown event's name is not repeated at length.
      else if (event !== '') socket.emit(responseEvent(event.slice(0, 64), options.getters), body(answered))
    }
    answer(event, payload).then(reply, (thrown: unknown) => reply(refuse(event, thrown)))
  })
}
