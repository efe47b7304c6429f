// How load balancers, monitors and proxies ask: HEAD, absolute form, HTTP/1.0, long-lived connections.

import { expect } from 'chai'
import { connect } from 'node:net'
import { onAnyDatabase, onOwnServer } from './support/databases.ts'
import { send } from '../kit/http.ts'
import { refusal } from '../kit/replies.ts'

/** The bytes of an answer to these bytes, until the server closes. */
const exchange = async (url: string, request: string): Promise<string> => new Promise((resolve, reject) => {
  const { port } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1', () => socket.write(request))
  let answer = ''
  socket.setEncoding('latin1').on('data', (text: string) => { answer += text }).on('end', () => resolve(answer)).on('error', reject)
})

const statusOf = (answer: string): number => Number(/^HTTP\/1\.[01] (\d+)/.exec(answer)?.[1])

onAnyDatabase('HTTP as load balancers speak it', (wire) => {
  for (const path of ['/health/live', '/health/ready']) {
    it(`HEAD ${path} is as GET, without a body`, async () => {
      const [get, head] = [await send(wire.url, { method: 'GET', path }), await send(wire.url, { method: 'HEAD', path })]
      expect([head.status, head.body]).to.deep.equal([200, ''])
      expect(head.headers['content-type']).to.equal(get.headers['content-type'])
    })

    it(`${path} in absolute form, by HTTP/1.0, with a query`, async () => {
      const { host } = new URL(wire.url)
      expect(statusOf(await exchange(wire.url, `GET http://${host}${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)))
        .to.equal(200)
      expect(statusOf(await exchange(wire.url, `HEAD HTTP://any.example${path}?x=1 HTTP/1.1\r\nHost: any.example\r\nConnection: close\r\n\r\n`)))
        .to.equal(200)
      expect(statusOf(await exchange(wire.url, `GET ${path} HTTP/1.0\r\n\r\n`))).to.equal(200)
      expect(statusOf(await exchange(wire.url, `OPTIONS ${path} HTTP/1.0\r\n\r\n`))).to.equal(204)
    })
  }

  it('an event in absolute form, and polling', async () => {
    const { host } = new URL(wire.url)
    const post = `POST http://${host}/api/ping HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`
    expect(statusOf(await exchange(wire.url, post))).to.equal(200)
    const poll = `GET http://${host}/socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
    expect(await exchange(wire.url, poll)).to.match(/"sid":/)
  })

  for (const target of ['*', 'http://', 'http:///health/live', 'x', '//health/live']) {
    it(`the target "${target}" is answered, and harms nobody`, async () => {
      const { host } = new URL(wire.url)
      expect(statusOf(await exchange(wire.url, `OPTIONS ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`))).to.be.oneOf([
        200, 204, 400, 404,
      ])
      wire.server.check()
    })
  }

  for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE']) {
    it(`${method} of an event is unknown_event, and says which method there is`, async () => {
      const { status, headers, body } = await send(wire.url, { method, path: '/api/auth-login' })
      expect(status).to.equal(404)
      expect(headers.allow).to.equal('POST, OPTIONS')
      if (method !== 'HEAD') refusal(body, 'unknown_event')
    })
  }

  it('a connection is kept longer than load balancers keep theirs', async () => {
    const { host } = new URL(wire.url)
    const { headers } = await fetch(`http://${host}/health/live`)
    expect(headers.get('keep-alive')).to.equal('timeout=75')
  })
})

onOwnServer('HTTP_KEEP_ALIVE', { HTTP_KEEP_ALIVE: '400' }, (wire) => {
  it('says how long', async () => {
    expect((await fetch(`${wire.url}/health/live`)).headers.get('keep-alive')).to.equal('timeout=400')
  })
})
