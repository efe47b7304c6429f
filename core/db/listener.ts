// A connection of its own that hears NOTIFY. It doubts itself: a heartbeat finds the half-open one, and it comes back alone.
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { sessionStatement } from './session.ts'

export interface ListenerOptions {
  readonly databaseUrl: string
  readonly channel: string
  /** Called at each notification, and after each reconnection: something may have been missed. */
  onSignal(): void
  onTrouble(error: unknown): void
}

export interface Listener {
  close(): Promise<void>
}

/** Milliseconds between heartbeats, and how long one may take. */
const heartbeat = { every: 2000, patience: 3000 }

/** Milliseconds in which a connection may be ended in order. */
const farewell = 500

/** Ends a connection; one whose other side is silent is cut off. */
const end = async (client: pg.Client): Promise<void> => {
  const ended = client.end().catch(() => undefined)
  await Promise.race([ended, sleep(farewell, undefined, { ref: false })])
  ;(client as unknown as { readonly connection: { readonly stream: { destroy(): void } } }).connection.stream.destroy()
}

/** Listens until closed. Never rejects and never throws: losing it costs latency only, the poll goes on. */
export const listen = (options: ListenerOptions): Listener => {
  let closed = false
  let current: pg.Client | undefined
  const stop = new AbortController()

  const session = async (): Promise<void> => {
    const client = new pg.Client({
      connectionString: options.databaseUrl, application_name: 'sovrane listener', keepAlive: true,
      connectionTimeoutMillis: 5000, query_timeout: heartbeat.patience,
    })
    current = client
    // Without a listener for its errors, a lost connection would end the process.
    const lost = new Promise<never>((_resolve, reject) => {
      client.on('error', reject)
      client.on('end', () => reject(new Error('the connection ended')))
    })
    lost.catch(() => undefined)
    try {
      client.on('notification', () => options.onSignal())
      // Ended while it connects, the driver answers nothing.
      await Promise.race([client.connect(), lost])
      await client.query(sessionStatement({ statementTimeout: heartbeat.patience }))
      await client.query(`listen ${options.channel}`)
      options.onSignal()
      while (!closed) {
        await Promise.race([sleep(heartbeat.every, undefined, { signal: stop.signal }), lost])
        await client.query('select 1')
      }
    } finally {
      await end(client)
    }
  }

  const run = async (): Promise<void> => {
    for (let failures = 0; !closed; failures += 1) {
      try {
        await session()
      } catch (error) {
        if (closed) return
        options.onTrouble(error)
        const pause = Math.min(200 * 2 ** Math.min(failures, 5), 5000) * (0.5 + Math.random())
        await sleep(pause, undefined, { signal: stop.signal }).catch(() => undefined)
      }
    }
  }
  const running = run()
  return {
    async close() {
      closed = true
      stop.abort()
      if (current) await end(current)
      await running
    },
  }
}
