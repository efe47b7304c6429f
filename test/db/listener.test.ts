// A connection that listens ends when it is told to, whatever the other side does.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { listen } from '../../core/db/listener.ts'

/** What PostgreSQL says when it lets someone in: authentication is done, and it is ready. */
const welcome = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49])
/** What it answers to `set` and `listen`. */
const done = Buffer.concat([Buffer.from([0x43, 0, 0, 0, 8]), Buffer.from('SET\0'), Buffer.from([0x5a, 0, 0, 0, 5, 0x49])])

describe('The end of a listening connection', () => {
  const sockets = new Set<Socket>()
  let server: Server

  /** @param onSocket what the other side does with a connection */
  const open = async (onSocket: (socket: Socket) => void): Promise<string> => {
    // Its side of a connection stays open: the other one is not told that its end was heard of.
    server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined)
      onSocket(socket)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `postgres://someone@127.0.0.1:${(server.address() as AddressInfo).port}/none`
  }

  afterEach(async () => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
    await new Promise((resolve) => server.close(resolve))
  })

  const start = (databaseUrl: string): { readonly close: () => Promise<void>; readonly signals: () => number } => {
    let signals = 0
    const listener = listen({ databaseUrl, channel: 'changes', onSignal: () => void (signals += 1), onTrouble: () => undefined })
    return { close: () => listener.close(), signals: () => signals }
  }

  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await sleep(5)
  }

  it('while it connects to what answers nothing', async () => {
    const { close } = start(await open((socket) => socket.resume()))
    await until(() => sockets.size > 0)
    await close()
  })

  it('while it connects to what hangs up in that moment', async () => {
    const { close } = start(await open((socket) => {
      socket.resume()
      socket.on('end', () => socket.end())
    }))
    await until(() => sockets.size > 0)
    await close()
  })

  it('before it has connected', async () => {
    const { close } = start(await open((socket) => socket.resume()))
    await close()
  })

  it('while its first statement is not answered', async () => {
    let asked = 0
    const { close } = start(await open((socket) => socket.on('data', () => {
      asked += 1
      if (asked === 1) socket.write(welcome)
    })))
    await until(() => asked > 1)
    await close()
  })

  it('when it listens, and the other side is gone without a word', async () => {
    let asked = 0
    const { close, signals } = start(await open((socket) => socket.on('data', () => {
      asked += 1
      socket.write(asked === 1 ? welcome : done)
    })))
    await until(() => signals() > 0)
    for (const socket of sockets) socket.pause()
    await close()
  })

  it('while it waits before it tries again', async () => {
    const { close } = start(await open((socket) => socket.destroy()))
    await until(() => sockets.size > 0)
    await sleep(50)
    await close()
    expect(sockets.size, 'it has not tried again').to.be.lessThan(3)
  })
})
