// One table of requests and replies for both doors: what may come in, and what goes out, is the same through each.
import { expect } from 'chai'
import { isGetter } from '../../core/call/operation.ts'
import { io } from 'socket.io-client'
import { catalogue, type ErrorCode } from '../../core/define/index.ts'
import { responseEvent } from '../../core/model/names.ts'
import type { RunningApp } from '../kit/server.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { roomApp } from '../support/room/app.ts'
import { sharedApp } from '../kit/shared-app.ts'
import { openPeople, type People } from '../../testing/contract/people.ts'
import {
  httpDoor, isBroadcast, readReply, socketDoor, type Door, type Heard, type Reply, type Row,
} from '../../testing/contract/transport.ts'

const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) })
const raw = (json: string): unknown => JSON.parse(json) as unknown

interface Case {
  readonly title: string
  readonly event: string
  readonly payload?: unknown
  readonly error?: ErrorCode
  /** The path of the only fault. */
  readonly path?: string
  readonly data?: Row
}

const table: readonly Case[] = [
  { title: 'ping', event: 'ping', payload: {}, data: {} },
  { title: 'no payload counts as {}', event: 'ping', data: {} },
  { title: 'the requestId comes back', event: 'ping', payload: { requestId: 'r-1' }, data: { requestId: 'r-1' } },
  {
    title: 'the requestId comes back with an error', event: 'ping', payload: { requestId: 'r-2', x: 1 }, error: 'invalid_payload',
    path: 'x',
  },
  { title: 'an unknown event', event: 'no-such-event', payload: {}, error: 'unknown_event' },
  ...[
    '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'site-changed', 'site-response', 'pong', 'session', 'feed-head',
  ].map((event): Case =>
    ({ title: `the event ${event}`, event, payload: {}, error: 'unknown_event' })),
  // Socket.IO writes `undefined`, which counts as {}, as null: there null cannot be told from it.
  ...[42, 0, true, 'text', '', [], [{}], [1, 2]].map((payload): Case =>
    ({ title: `the payload ${JSON.stringify(payload)}`, event: 'site-list-request', payload, error: 'invalid_payload', path: '' })),
  ...['{"__proto__": 1}', '{"constructor": {}}', '{"prototype": 1}', '{"filter": {"__proto__": {"x": 1}}}', '{"filter": {"constructor": {"x": 1}}}'].map((json): Case =>
    ({
      title: json, event: 'site-list-request', payload: raw(json), error: 'invalid_payload',
      path: json.includes('filter') ? `filter.${json.split('"')[3] ?? ''}` : json.split('"')[1] ?? '',
    })),
  { title: 'the sort constructor', event: 'site-list-request', payload: { sort: 'constructor' }, error: 'invalid_payload', path: 'sort' },
  {
    title: 'the operator constructor', event: 'site-list-request', payload: raw('{"filter": {"label": {"constructor": "x"}}}'),
    error: 'invalid_payload', path: 'filter.label.constructor',
  },
  {
    title: 'the relation constructor', event: 'site-list-request', payload: { include: ['constructor'] }, error: 'invalid_payload',
    path: 'include[0]',
  },
  ...['toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'].map((key): Case =>
    ({ title: `the key ${key}`, event: 'site-list-request', payload: { [key]: 1 }, error: 'invalid_payload', path: key })),
  { title: 'NUL in a text', event: 'site-create', payload: { label: 'a\0b' }, error: 'invalid_payload', path: 'label' },
  { title: 'NUL in a key', event: 'site-create', payload: { 'a\0b': 1 }, error: 'invalid_payload' },
  { title: 'a lone surrogate', event: 'site-create', payload: { label: 'a\uD800' }, error: 'invalid_payload', path: 'label' },
  { title: 'nesting of 17 levels', event: 'site-create', payload: nested(17), error: 'invalid_payload', path: '' },
  { title: 'nesting of thousands of levels', event: 'site-create', payload: nested(2000), error: 'invalid_payload', path: '' },
  {
    title: 'more than a thousand keys', event: 'site-create',
    payload: Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`k${index}`, 1])), error: 'invalid_payload', path: '',
  },
  {
    title: 'more than a thousand items', event: 'site-create', payload: { label: Array.from({ length: 1001 }, () => 1) },
    error: 'invalid_payload', path: '',
  },
  { title: 'an empty create', event: 'site-create', payload: {}, error: 'invalid_payload', path: 'label' },
  { title: 'a row that is not there', event: 'site-get', payload: { id: 'nowhere' }, error: 'not_found' },
  {
    title: 'wrong credentials', event: 'auth-login', payload: { email: 'nobody@example.com', password: 'wrong-password' },
    error: 'unauthenticated',
  },
]

onAnyDatabase('contract: doors', (kind) => {
  let running: RunningApp | undefined
  let people: People | undefined

  before(async function () {
    this.timeout(120_000)
    running = await sharedApp(roomApp, kind)
    people = await openPeople(httpDoor(running.server.url))
  })


  const started = (): { url: string; admin: People['admin']; running: RunningApp } => {
    if (!running || !people) throw new Error('The app has not started')
    return { url: running.server.url, admin: people.admin, running }
  }

  for (const open of [socketDoor, httpDoor]) {
    describe(open === socketDoor ? 'Socket.IO' : 'HTTP', () => {
      let door: Door | undefined
      before(() => void (door = open(started().url)))
      after(() => door?.close())

      for (const { title, event, payload, error, path, data } of table) {
        it(`${title}: ${error ?? 'succeeds'}`, async () => {
          const reply = await door?.ask(started().admin, event, payload)
          if (error === undefined) return void expect(reply).to.deep.equal({ ok: true, data })
          if (!reply || reply.ok) throw new Error(`It succeeded: ${JSON.stringify(reply)}`)
          expect(reply.error.code).to.equal(error)
          if (path !== undefined) expect((reply.error.details as { path: string }[]).map((fault) => fault.path)).to.deep.equal([path])
          const given = (payload as Row | null | undefined)?.['requestId']
          if (given !== undefined) expect(reply.error.requestId).to.equal(given)
        })
      }

      it('answered no case twice, and none with internal', () => {
        expect(door?.strays()).to.deep.equal([])
        expect(started().running.log.lines.filter(({ level }) => level === 'error')).to.deep.equal([])
      })
    })
  }

  it('answers the same through both, but for the requestId', async () => {
    const { url, admin } = started()
    const plain = (reply: Reply): unknown => (reply.ok ? reply.data : { ...reply.error, requestId: '' })
    const answers = await Promise.all([socketDoor(url), httpDoor(url)].map(async (door) => {
      const replies: unknown[] = []
      for (const { event, payload } of table.filter((each) => each.event !== 'auth-login'))
        replies.push([event, plain(await door.ask(admin, event, payload))])
      door.close()
      return replies
    }))
    expect(answers[0]).to.deep.equal(answers[1])
  })

  it('answers every event without an acknowledgement by exactly one response event, named by the rule', async () => {
    const { url, admin, running: { server } } = started()
    const operations = [...server.assembly.operations.values()]
    const getters = new Set(operations.filter(isGetter).map((operation) => operation.event))
    const heard: Heard[] = []
    const socket = io(url, { forceNew: true, transports: ['websocket'], auth: { token: admin.token } })
    socket.onAny((event: string, payload: Row) => void (isBroadcast(event) || heard.push({ event, payload })))
    await new Promise<void>((resolve) => void socket.once('session', () => resolve()))
    const replies: [string, boolean][] = []
    for (const { event } of operations) {
      socket.emit(event, { nonsense: 1 })
      const response = responseEvent(event, getters)
      const [payload] = await new Promise<Row[]>((resolve) => void socket.once(response, (body: Row) => resolve([body])))
      replies.push([event, readReply(payload).ok])
    }
    await socket.emitWithAck('ping', {})
    socket.disconnect()
    expect(heard.map(({ event }) => event)).to.deep.equal(operations.map(({ event }) => responseEvent(event, getters)))
    expect(replies).to.deep.equal(operations.map(({ event }) => [event, false]))
  })

  it('sends nothing but the reply for what is no JSON, too large, or no POST', async () => {
    const { url, admin } = started()
    const send = async (init: RequestInit, event = 'ping'): Promise<[number, unknown]> => {
      const response = await fetch(`${url}/api/${event}`, { ...init, headers: { authorization: `Bearer ${admin.token}` } })
      const reply = readReply(await response.json())
      return [response.status, reply.ok ? 'ok' : reply.error.code]
    }
    const wanted = (code: ErrorCode): [number, ErrorCode] => [catalogue[code].status, code]
    expect(await send({ method: 'POST', body: '{' })).to.deep.equal(wanted('invalid_payload'))
    expect(await send({ method: 'POST', body: '' })).to.deep.equal([200, 'ok'])
    expect(await send({ method: 'POST', body: Buffer.from([0xff, 0xfe, 0x22]) })).to.deep.equal(wanted('invalid_payload'))
    expect(await send({ method: 'POST', body: JSON.stringify({ x: 'y'.repeat(70_000) }) })).to.deep.equal(wanted('payload_too_large'))
    expect(await send({ method: 'GET' })).to.deep.equal(wanted('unknown_event'))
    expect(await send({ method: 'POST', body: '{}' }, 'a%00b')).to.deep.equal(wanted('unknown_event'))
  })
})
