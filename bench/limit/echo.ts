// A bare echo on ws: answers Socket.IO's frames without Socket.IO. What limit is held against, so that it deserves its name.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

const http = createServer()
const server = new WebSocketServer({ server: http, perMessageDeflate: false })
const handshake = JSON.stringify({ sid: 'bare', upgrades: [], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1_000_000 })

server.on('connection', (socket) => {
  socket.send(`0${handshake}`)
  socket.on('message', (data: Buffer) => {
    const frame = data.toString('utf8')
    if (frame.startsWith('40')) socket.send('40{"sid":"bare"}')
    else if (frame.startsWith('42')) {
      const body = frame.indexOf('[')
      const [, payload] = JSON.parse(frame.slice(body)) as [string, unknown]
      socket.send(`43${frame.slice(2, body)}${JSON.stringify([payload])}`)
    }
  })
})
http.listen(0, '127.0.0.1', () => process.stdout.write(`Listening on http://127.0.0.1:${(http.address() as AddressInfo).port}\n`))
process.once('SIGTERM', () => process.exit(0))
