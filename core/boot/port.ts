// The address that the server listens on: tried before anything is made, and what is wrong with it in plain words.
import { createServer, type Server } from 'node:net'
import { BootError } from '../model/faults.ts'

interface Place {
  readonly HOST: string
  readonly PORT: number
  /** The variable that the port is from. */
  readonly named?: string
}

const reasonOf = (code: unknown, { HOST, PORT, named = 'PORT' }: Place): string | undefined => {
  switch (code) {
    case 'EADDRINUSE': return `${named}: ${HOST}:${PORT} is in use by another process. Stop it, or set ${named} to another port`
    case 'EACCES': return `${named}: ${HOST}:${PORT} may not be opened by this process; ports below 1024 need a privilege`
    case 'EADDRNOTAVAIL': case 'ENOTFOUND': case 'EAI_AGAIN': case 'EAI_FAIL': case 'EINVAL': case 'EAFNOSUPPORT':
      return `HOST: "${HOST}" is not an address or name of this machine; 127.0.0.1 is for this machine alone, 0.0.0.0 for all`
    default: return undefined
  }
}

/**
 * Connections that may wait to be accepted; the system takes no more than its own bound (`net.core.somaxconn`, 4,096 on Linux). When a
 * node is gone its thousands of clients come to another within a second, and each that finds no room tries again after 1, 2, 4, … 32 s.
 */
const backlog = 16_384

/**
 * Listens, and gives the port: with PORT 0 any free one.
 * @throws BootError naming PORT or HOST
 */
export const listenOn = async (server: Server, place: Place): Promise<number> => {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      const reason = reasonOf(error.code, place)
      reject(reason === undefined ? error : new BootError([reason]))
    }
    server.once('error', fail)
    server.listen({ port: place.PORT, host: place.HOST, backlog }, () => {
      server.off('error', fail)
      resolve()
    })
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : place.PORT
}

/**
 * Opens the port and closes it again: a port that cannot be had is told before a database is made, migrated and filled.
 * @throws BootError naming PORT or HOST
 */
export const tryPort = async (place: Place): Promise<void> => {
  const server = createServer((socket) => socket.destroy())
  await listenOn(server, place)
  await new Promise((resolve) => server.close(resolve))
}
