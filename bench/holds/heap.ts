// The heap of a server, from outside: through the inspector that Node opens when NODE_OPTIONS says so.
import { WebSocket } from 'ws'

/** Bytes of the heap that are in use after a collection of garbage. @param port of the server's inspector */
export const heapOf = async (port: number): Promise<number> => {
  const [target] = await (await fetch(`http://127.0.0.1:${port}/json`)).json() as { webSocketDebuggerUrl: string }[]
  const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '')
  await new Promise((resolve, reject) => void socket.once('open', resolve).once('error', reject))
  let last = 0
  const send = (method: string): Promise<{ usedSize?: number }> => new Promise((resolve) => {
    last += 1
    const id = last
    socket.on('message', function hear(data: Buffer) {
      const answer = JSON.parse(data.toString('utf8')) as { id?: number; result?: { usedSize?: number } }
      if (answer.id !== id) return
      socket.off('message', hear)
      resolve(answer.result ?? {})
    })
    socket.send(JSON.stringify({ id, method }))
  })
  for (let time = 0; time < 3; time += 1) await send('HeapProfiler.collectGarbage')
  const { usedSize = Number.NaN } = await send('Runtime.getHeapUsage')
  socket.close()
  return usedSize
}
