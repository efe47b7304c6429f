// A client's connection as clients keep it: when it ends or is refused, it is opened anew at the next address, with the cursor.
import { io, type Socket } from 'socket.io-client'
import { setTimeout as sleep } from 'node:timers/promises'
import { undoLater } from '../../kit/place.ts'
import type { Fields } from './history.ts'

export interface LineOptions {
  /** Asked for at each connection. */
  readonly auth: () => Fields
  readonly urls: readonly string[]
  readonly first: number
  readonly onEvent?: (event: string, payload: Fields) => void
}

/** Milliseconds until the next try. */
const pause = 100
/** Milliseconds that a connection may take. */
const connecting = 3000

export class Line {
  /** Connections so far. */
  connections = 0
  /** Connections that were not given up here. */
  ends = 0
  readonly #options: LineOptions
  #at: number
  #socket: Socket | undefined
  #opening: Promise<void> | undefined
  #isClosed = false

  constructor(options: LineOptions) {
    this.#options = options
    this.#at = options.first
    // A storm that fails leaves no one behind who connects for ever.
    undoLater(() => this.close())
  }

  get isOpen(): boolean {
    return this.#socket?.connected === true
  }

  /** Waits until it is connected. @throws once it is closed */
  open(): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Error('the line is closed'))
    if (this.isOpen) return Promise.resolve()
    this.#opening ??= this.#connect().finally(() => (this.#opening = undefined))
    return this.#opening
  }

  async #connect(): Promise<void> {
    const { urls, auth, onEvent } = this.#options
    while (!this.#isClosed) {
      const url = urls[this.#at % urls.length] ?? ''
      const socket = io(url, { auth: auth(), forceNew: true, reconnection: false, transports: ['websocket'], timeout: connecting })
      // What comes over a line that was given up counts no more: its cursor was handed on.
      socket.onAny((event: string, payload: unknown) => {
        if (socket === this.#socket) onEvent?.(event, (payload ?? {}) as Fields)
      })
      this.#socket = socket
      const isUp = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), connecting)
        const settle = (value: boolean): void => {
          clearTimeout(timer)
          resolve(value)
        }
        socket.once('session', () => settle(true))
        socket.once('connect_error', () => settle(false))
        socket.once('disconnect', () => settle(false))
      })
      if (isUp && socket.connected) {
        this.connections += 1
        socket.once('disconnect', () => {
          if (socket !== this.#socket || this.#isClosed) return
          this.ends += 1
          this.hop()
        })
        return
      }
      socket.disconnect()
      this.#at += 1
      await sleep(pause)
    }
  }

  /** Gives the connection up and opens one at the next address. */
  hop(): void {
    const socket = this.#socket
    this.#socket = undefined
    socket?.disconnect()
    this.#at += 1
    void sleep(pause).then(() => this.open()).catch(() => undefined)
  }

  /** @throws when there is no connection, or no answer within so many milliseconds */
  async ask(event: string, payload: Fields, wait: number): Promise<Fields> {
    const socket = this.#socket
    if (!socket?.connected) throw new Error('not connected')
    return await socket.timeout(wait).emitWithAck(event, payload) as Fields
  }

  close(): void {
    this.#isClosed = true
    this.#socket?.disconnect()
  }
}
