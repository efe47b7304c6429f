// The HTTP server under all doors: how many connections it has, and how it ends.
import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Listener {
  readonly server: Server
  /** Takes no more connections; those that wait for a next request are closed. */
  refuse(): void
  /** Ends all connections: what was written is still sent, but no client that does not read is waited for. */
  end(): Promise<void>
}

/** Milliseconds between two looks for connections without a time of their own, such as a request that does not end. */
const interval = 1000
/** Milliseconds in which the last answers may be sent. */
const patience = 500

/** @param most connections at once, WebSockets among them; further ones are closed unseen */
export const createListener = (most: number): Listener => {
  const server = createServer({ connectionsCheckingInterval: interval })
  server.maxConnections = most
  // Node forgets those that became WebSockets.
  const connections = new Set<Socket>()
  server.on('connection', (socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  let closed: Promise<void> | undefined
  const refuse = (): void => {
    closed ??= server.listening ? new Promise((resolve) => server.close(() => resolve())) : Promise.resolve()
  }
  return {
    server,
    refuse,
    async end() {
      refuse()
      await Promise.race([closed, sleep(patience, undefined, { ref: false })])
      for (const socket of connections) socket.destroy()
      await closed
    },
  }
}
