// A TCP proxy that can cut its connections, refuse new ones, hold everything back, or swallow it: what networks do to databases.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** `up`: from who connects to what they connect to. */
export type Direction = 'both' | 'up' | 'down'
export type Trouble = 'cut' | 'stall' | 'blackhole'

export interface Proxy {
  readonly port: number
  /** Ends all connections and refuses new ones. */
  cut(): void
  /** Keeps all connections and carries nothing more over those that are open, and over new ones. */
  blackhole(direction?: Direction): void
  /** Keeps the connection that comes from this port of the proxy, and carries nothing more down it: one that is half-open. */
  deafen(port: number): void
  /** Carries nothing more for now, over connections that are open and new ones, and loses nothing. */
  stall(direction?: Direction): void
  /** Lets everything through again, what was held back too; connections of which something was swallowed are ended. */
  heal(): void
  /** Leads new connections to another port from now on, and ends those that are open. */
  turn(target: number): void
  close(): Promise<void>
}

interface Pipe {
  readonly from: Socket
  readonly to: Socket
  readonly direction: 'up' | 'down'
  isDeaf?: true
}

/** Starts a proxy in front of a port of this machine. */
export const startProxy = async (first: number): Promise<Proxy> => {
  let target = first
  const pipes = new Set<Pipe>()
  const state = { mode: 'open' as 'open' | Trouble, direction: 'both' as Direction }
  const concerns = ({ direction }: Pipe): boolean => state.direction === 'both' || state.direction === direction
  const end = (): void => {
    for (const { from, to } of pipes) for (const socket of [from, to]) socket.destroy()
    pipes.clear()
  }
  const open = (pipe: Pipe): void => {
    const { from, to } = pipe
    pipes.add(pipe)
    from.on('data', (chunk) => {
      if (pipe.isDeaf !== true && (state.mode !== 'blackhole' || !concerns(pipe))) to.write(chunk)
    })
    from.on('error', () => to.destroy())
    // Who ends a connection that is swallowed is not told that this was heard.
    from.on('end', () => {
      if (pipe.isDeaf !== true && (state.mode !== 'blackhole' || !concerns(pipe))) to.end()
    })
    from.on('close', () => {
      to.destroy()
      pipes.delete(pipe)
    })
    if (state.mode === 'stall' && concerns(pipe)) from.pause()
  }
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (state.mode === 'cut') return void client.destroy()
    const upstream = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true })
    open({ from: client, to: upstream, direction: 'up' })
    open({ from: upstream, to: client, direction: 'down' })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    cut() {
      state.mode = 'cut'
      end()
    },
    blackhole(direction = 'both') {
      Object.assign(state, { mode: 'blackhole', direction })
    },
    deafen(ours) {
      for (const pipe of pipes) if (pipe.direction === 'down' && pipe.from.localPort === ours) pipe.isDeaf = true
    },
    stall(direction = 'both') {
      Object.assign(state, { mode: 'stall', direction })
      for (const pipe of pipes) if (concerns(pipe)) pipe.from.pause()
    },
    turn(next) {
      target = next
      end()
    },
    heal() {
      const { mode } = state
      state.mode = 'open'
      if (mode === 'blackhole') end()
      for (const { from, isDeaf } of pipes) if (isDeaf === true) from.destroy()
      if (mode === 'stall') for (const { from } of pipes) from.resume()
    },
    async close() {
      end()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A proxy in front of a database of this machine, and the URL that leads through it. */
export const startProxyTo = async (databaseUrl: string | undefined): Promise<{ readonly proxy: Proxy; readonly through: string }> => {
  const url = new URL(databaseUrl ?? '')
  const proxy = await startProxy(Number(url.port === '' ? 5432 : url.port))
  url.hostname = '127.0.0.1'
  url.port = String(proxy.port)
  return { proxy, through: url.href }
}
