// The configuration's events by their literal names and payloads: docs/protocol.md §7, on the socket and over HTTP.
import { expect } from 'chai'
import { io, type Socket } from 'socket.io-client'
import { refusal, success, type Reply, type Row } from '../../testing/contract/transport.ts'
import { onServer } from './servers.ts'

onServer('config: events', (world) => {
  for (const name of ['socket', 'http'] as const) {
    describe(name === 'socket' ? 'over Socket.IO' : 'over HTTP', () => {
      const ask = (event: string, payload: unknown): Promise<Reply> => world().doors[name].ask(world().people.admin, event, payload)
      const ok = async (event: string, payload: unknown): Promise<Row> => success(await ask(event, payload), event)

      it('a declared setting has its default, takes a value, and goes back to the default', async () => {
        expect(await ok('config-get', { key: 'probe_limit' })).to.deep.equal({ key: 'probe_limit', value: 10 })
        expect(await ok('config-update', { key: 'probe_limit', value: 42 })).to.deep.equal({ key: 'probe_limit', value: 42 })
        expect(await ok('config-get', { key: 'probe_limit' })).to.deep.equal({ key: 'probe_limit', value: 42 })
        expect((await ok('probe-read', {}))['limit'], 'what the server works with').to.equal(42)
        expect(await ok('config-delete', { key: 'probe_limit' })).to.deep.equal({ key: 'probe_limit' })
        expect(await ok('config-get', { key: 'probe_limit' })).to.deep.equal({ key: 'probe_limit', value: 10 })
        expect((await ok('probe-read', {}))['limit']).to.equal(10)
        expect(await ok('config-delete', { key: 'probe_limit' }), 'deleting what is not set').to.deep.equal({ key: 'probe_limit' })
      })

      it('a free key takes any JSON, and is gone after its deletion', async () => {
        const key = `free.${name}-Key_1`
        for (const event of ['config-get', 'config-delete']) refusal(await ask(event, { key }), 'not_found', event)
        for (const value of [{ a: [1, null, 'é "quoted" \\ %_'], b: {} }, 'text', '', 0, -1.5, false, null, [], ['x'], '{"json":"text"}']) {
          expect(await ok('config-update', { key, value })).to.deep.equal({ key, value })
          expect(await ok('config-get', { key })).to.deep.equal({ key, value })
        }
        expect(await ok('config-delete', { key })).to.deep.equal({ key })
        for (const event of ['config-get', 'config-delete']) refusal(await ask(event, { key }), 'not_found', event)
      })

      it('answers with the request\'s id', async () => {
        expect(await ok('config-get', { key: 'probe_mode', requestId: 'r-1' })).to.deep.equal({
          key: 'probe_mode', value: 'slow', requestId: 'r-1',
        })
      })
    })
  }

  describe('without an acknowledgement', () => {
    let socket: Socket | undefined
    after(() => socket?.disconnect())

    const rows: readonly [string, string, Row, Row][] = [
      ['config-update', 'config-update-response', { key: 'probe_mode', value: 'fast' }, { key: 'probe_mode', value: 'fast' }],
      ['config-get', 'config-get-response', { key: 'probe_mode' }, { key: 'probe_mode', value: 'fast' }],
      ['config-delete', 'config-delete-response', { key: 'probe_mode' }, { key: 'probe_mode' }],
    ]
    for (const [event, response, payload, reply] of rows) {
      it(`${event} is answered by ${response}`, async () => {
        socket ??= io(world().server.url, { forceNew: true, auth: { token: world().people.admin.token } })
        const here = socket
        const answer = await new Promise((resolve, reject) => {
          const timer = setTimeout(() => reject(new Error(`no ${response}`)), 15_000)
          here.once(response, (body: unknown) => {
            clearTimeout(timer)
            resolve(body)
          })
          here.emit(event, payload)
        })
        expect(answer).to.deep.equal(reply)
      })
    }
  })

  it('are none of the public doors\'', async () => {
    for (const event of ['config-get', 'config-update', 'config-delete', 'config-list-request']) {
      const reply = await world().doors.http.ask(undefined, event, { key: 'probe_limit', value: 1 })
      refusal(reply, 'unauthenticated', event)
    }
  })
})
