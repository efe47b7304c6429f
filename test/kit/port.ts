// A port for a program that is ended and started again at the same one.
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below those that systems give to connections and to who listens at any: while the program is away, another would have it. */
const range = { first: 10_000, last: 32_000 }

const isFree = async (port: number): Promise<boolean> => {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}

/** One that nothing listens at. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(range.first, range.last)
    if (await isFree(port)) return port
  }
}
