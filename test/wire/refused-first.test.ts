// docs/protocol.md §8: "a refused `/` closes the transport unless `/auth` is open on it", and the next token is looked at anew.

import { expect } from 'chai'
import { Manager } from 'socket.io-client'
import type { Socket } from 'socket.io-client'
import { onAnyDatabase } from './support/databases.ts'
import { row, text } from '../kit/replies.ts'
import { administrator } from './support/server.ts'

/** What a connection came to. */
const outcome = async (socket: Socket): Promise<string> => new Promise((resolve) => {
  const told = (what: string): void => {
    socket.off('connect').off('connect_error')
    resolve(what)
  }
  socket.once('connect', () => told('connected'))
  socket.once('connect_error', (error) => told(error.message))
  socket.connect()
})

onAnyDatabase('A client whose / was refused', (wire) => {
  for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
    it(`logs in on /auth and gets in on the same transport, by ${transports.join(' then ')}`, async () => {
      const manager = new Manager(wire.url, { transports, reconnection: false, autoConnect: false })
      const lobby = manager.socket('/auth')
      const main = manager.socket('/')
      expect(await outcome(lobby)).to.equal('connected')
      const transport = manager.engine.id
      for (const token of ['old', '', wire.adminToken.slice(0, -2)]) {
        main.auth = { token }
        expect(await outcome(main)).to.equal('Unauthorized')
      }
      const reply: unknown = await lobby.emitWithAck('auth-login', administrator)
      main.auth = { token: text(row(reply)['accessToken']) }
      expect(await outcome(main)).to.equal('connected')
      expect(await main.emitWithAck('ping', {})).to.deep.equal({})
      expect(lobby.connected).to.equal(true)
      expect(manager.engine.id).to.equal(transport)
      main.disconnect()
      lobby.disconnect()
    })
  }
})
