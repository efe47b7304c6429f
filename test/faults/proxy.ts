// A TCP proxy that can cut its connections, refuse new ones, or swallow everything: what networks do to databases.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Proxy {
  readonly port: number
  /** Ends all connections and refuses new ones. */
  cut(): void
  /** Keeps all connections and carries nothing more over those that are open, and over new ones. */
  blackhole(): void
  /** Lets everything through again; swallowed connections are ended. */
  heal(): void
  close(): Promise<void>
}

/** Starts a proxy in front of a port of this machine. */
export const startProxy = async (target: number): Promise<Proxy> => {
  const pairs = new Set<readonly [Socket, Socket]>()
  const state = { mode: 'open' as 'open' | 'cut' | 'blackhole' }
  const end = (): void => {
    for (const pair of pairs) for (const socket of pair) socket.destroy()
    pairs.clear()
  }
  const server = createServer((client) => {
    if (state.mode === 'cut') return void client.destroy()
    const upstream = connect(target, '127.0.0.1')
    const pair = [client, upstream] as const
    pairs.add(pair)
    for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
      from.on('data', (chunk) => {
        if (state.mode === 'open') to.write(chunk)
      })
      from.on('error', () => to.destroy())
      from.on('close', () => {
        to.destroy()
        pairs.delete(pair)
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    cut() {
      state.mode = 'cut'
      end()
    },
    blackhole() {
      state.mode = 'blackhole'
    },
    heal() {
      if (state.mode === 'blackhole') end()
      state.mode = 'open'
    },
    async close() {
      end()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
