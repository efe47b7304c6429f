// Every row of the API document, played by a client that is written from that document alone.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { io } from 'socket.io-client'
import type { Socket } from 'socket.io-client'
import { codeNow } from '../auth/authenticator.ts'
import { documentBroadcasts, documentRows } from './support/api-document.ts'
import type { DocumentRow } from './support/api-document.ts'
import { onOwnServer } from './support/databases.ts'
import { isRow, refusal, row, success, text } from '../kit/replies.ts'
import type { Row } from '../kit/replies.ts'
import type { Wire } from './support/wire.ts'

const patience = 15_000
const passwords = { first: 'Quiet-River-52-Lantern', second: 'Brisk-Meadow-81-Teapot' }

const within = async <T>(what: string, promise: Promise<T>): Promise<T> => {
  const abort = new AbortController()
  const late = sleep(patience, undefined, { signal: abort.signal, ref: false }).then(() => { throw new Error(`did not come: ${what}`) })
  return Promise.race([promise, late]).finally(() => abort.abort())
}

/** What the document shows: `io(url, { auth: { token } })`, `emit`, and `on` with the response's name. */
class PlainClient {
  readonly socket: Socket
  readonly #heard: { readonly event: string; readonly payload: Row }[] = []

  constructor(url: string, token: string) {
    this.socket = io(url, { auth: { token }, forceNew: true })
    this.socket.onAny((event: string, payload: unknown) => { if (isRow(payload)) this.#heard.push({ event, payload }) })
  }

  async connected(): Promise<void> {
    await within('connect', new Promise<void>((resolve) => { this.socket.once('connect', resolve) }))
  }

  async ask(event: string, response: string, payload: Row): Promise<unknown> {
    const answer = new Promise<unknown>((resolve) => { this.socket.once(response, resolve) })
    this.socket.emit(event, payload)
    return within(response, answer)
  }

  /** How much was heard so far. */
  get now(): number { return this.#heard.length }

  /** Waits for a broadcast, after a moment, that holds the identifier or the token of a row. */
  async heard(event: string, id: string, since = 0): Promise<void> {
    const has = (): boolean =>
      this.#heard.slice(since).some((one) => one.event === event && (one.payload['id'] === id || one.payload['token'] === id))
    await within(`${event} of ${id}`, (async () => { while (!has()) await sleep(20) })())
  }
}

/** What the rows have left for each other. */
interface Story {
  readonly wire: Wire
  readonly client: PlainClient
  readonly url: string
  alice?: PlainClient
  secret?: string
  invitation?: string
}

interface Step {
  readonly event: string
  /** What a client gives where the document shows nothing, or where its example cannot succeed here. */
  readonly payload?: (story: Story) => Row | Promise<Row>
  /** The example of the document is sent too, and refused so: its password is too short, its token unknown. */
  readonly refused?: string
  readonly by?: 'alice'
  readonly after?: (story: Story, reply: Row) => void | Promise<void>
  /** What every client hears of it: broadcast and id. */
  readonly told?: readonly (readonly [string, string])[]
}

const of = (id: string, more: Row = {}) => (): Row => ({ id, ...more })

/** The five events of a resource whose row `id` is made, read, changed and, at the end, removed. */
const begin = (resource: string, id: string, fields: Row, change: Row): Step[] => [
  { event: `${resource}-create`, payload: of(id, fields), told: [[`${resource}-changed`, id]] },
  { event: `${resource}-get`, payload: of(id) },
  { event: `${resource}-list-request`, payload: () => ({ page: 1, limit: 20 }) },
  { event: `${resource}-update`, payload: of(id, change), told: [[`${resource}-changed`, id]] },
]
const end = (resource: string, id: string): Step => ({ event: `${resource}-delete`, payload: of(id), told: [[`${resource}-changed`, id]] })

const department = (name: string, more: Row, ...told: readonly string[]): Step =>
  ({ event: `department-${name}`, payload: of('d1', more), told: told.map((id) => ['department-changed', id] as const) })
const group = (name: string): Step => ({ event: `group-${name}`, payload: of('g1', { userId: 'u1' }), told: [['group-changed', 'g1']] })

const mailedToken = async ({ wire }: Story): Promise<string> => {
  for (;;) {
    const [found] = (await wire.server.mails()).flatMap((mail) =>
      [...mail.matchAll(/reset-password\?token=([\w-]+)/g)].map(([, token = '']) => token))
    if (found !== undefined) return found
    await sleep(50)
  }
}

const loginAlice = async (story: Story): Promise<void> => {
  const reply = success(await story.client.ask('auth-login', 'auth-login-response', {
    email: 'alice@example.com', password: passwords.second,
  }))
  story.alice = new PlainClient(story.url, text(reply['accessToken']))
  await story.alice.connected()
}

const story: readonly Step[] = [
  { event: 'ping' },
  { event: 'user-create', told: [['user-changed', 'u1']] },
  { event: 'user-get' },
  { event: 'user-list-request' },
  {
    event: 'user-update', told: [['user-changed', 'u1']],
    after: async ({ wire }) => {
      await wire.admin.ok('user-update', { id: 'u1', firstName: 'Alice', password: passwords.first })
    },
  },
  { event: 'auth-login', refused: 'unauthenticated', payload: () => ({ email: 'alice@example.com', password: passwords.first }) },
  { event: 'auth-request-reset' },
  {
    event: 'auth-reset', refused: 'invalid_payload',
    payload: async (at) => ({ token: await within('the mail', mailedToken(at)), password: passwords.second }),
    after: loginAlice,
  },
  { event: 'auth-mfa-setup', by: 'alice', after: (at, reply) => { at.secret = text(reply['secret']) } },
  { event: 'auth-mfa-enable', by: 'alice', told: [['user-changed', 'u1']] },
  {
    event: 'auth-mfa-verify', refused: 'unauthenticated',
    payload: async ({ client, secret }) => {
      await client.ask('auth-login', 'auth-login-response', { email: 'alice@example.com', password: passwords.second })
      return { userId: 'u1', code: codeNow(secret ?? '') }
    },
  },
  { event: 'auth-mfa-disable', by: 'alice', told: [['user-changed', 'u1']] },
  ...begin('site', 's1', { label: 'Lyon' }, { label: 'Lille' }),
  ...begin('role', 'r1', { label: 'Readers' }, { label: 'Writers' }),
  ...begin('permission', 'p1', { permissionKey: 'p1' }, { description: 'One' }),
  ...begin('group', 'g1', { name: 'Choir' }, { name: 'Band' }),
  ...begin('department', 'd1', { label: 'Sales' }, { label: 'Support' }),
  department('manager-set', { userId: 'u1' }, 'd1'),
  department('manager-get', {}),
  department('manager-remove', {}, 'd1'),
  {
    ...department('parent-set', { parentId: 'd2' }, 'd1', 'd2'),
    payload: async ({ wire }) => {
      await wire.admin.ok('department-create', { id: 'd2', label: 'Top' })
      return { id: 'd1', parentId: 'd2' }
    },
  },
  department('parent-get', {}),
  department('parent-remove', {}, 'd1', 'd2'),
  department('add-child', { childId: 'd2' }, 'd1', 'd2'),
  department('children-request', { page: 1, limit: 20 }),
  department('remove-child', { childId: 'd2' }, 'd1', 'd2'),
  { ...department('add-user', { userId: 'u1' }, 'd1'), told: [['department-changed', 'd1'], ['user-changed', 'u1']] },
  { ...department('remove-user', { userId: 'u1' }, 'd1'), told: [['department-changed', 'd1'], ['user-changed', 'u1']] },
  group('add-user'),
  { event: 'group-members-request', payload: of('g1', { page: 1, limit: 20 }) },
  group('remove-user'),
  group('add-responsible'),
  { event: 'group-responsibles-request', payload: of('g1', { page: 1, limit: 20 }) },
  group('remove-responsible'),
  {
    event: 'invitation-create', payload: () => ({ email: 'bob@example.com' }),
    after: async (at, reply) => {
      at.invitation = text(reply['token'])
      await at.client.heard('invitation-changed', text(reply['id']))
    },
  },
  { event: 'invitation-fetch', payload: (at) => ({ token: at.invitation }) },
  { event: 'config-update', payload: () => ({ key: 'house.name', value: 'Sovrane' }), told: [['config-changed', 'house.name']] },
  { event: 'config-get', payload: () => ({ key: 'house.name' }) },
  { event: 'config-delete', payload: () => ({ key: 'house.name' }), told: [['config-changed', 'house.name']] },
  { event: 'audit-log-request', payload: () => ({ page: 1, limit: 20 }) },
  { event: 'audit-config-get', payload: () => ({}) },
  {
    event: 'audit-config-update', payload: () => ({ levels: ['warning', 'critical'], categories: [] }),
    after: ({ client }, reply) => client.heard('audit-config-changed', text(reply['id'])),
  },
  end('department', 'd1'), end('group', 'g1'), end('role', 'r1'), end('site', 's1'), end('permission', 'p1'),
]

const names = story.map(({ event }) => event)

const rowOf = (event: string): DocumentRow => {
  const found = documentRows.find((one) => one.event === event)
  if (!found) throw new Error(`the document has no row of ${event}`)
  return found
}

/** The example's fields are there, each of the example's type; a text that is no placeholder is the same. */
const expectLike = (reply: Row, example: Row): void => {
  for (const [field, value] of Object.entries(example)) {
    expect(reply, field).to.have.property(field)
    if (Array.isArray(value)) expect(reply[field], field).to.be.an('array')
    else expect(typeof reply[field], field).to.equal(typeof value)
    if (typeof value === 'string' && !['...', 'XXXX'].includes(value) || value === true) expect(reply[field], field).to.equal(value)
  }
}

describe('The API document', () => {
  it('has the rows that were counted in it, each once, and each is played', () => {
    expect(documentRows).to.have.length(62)
    expect(new Set(documentRows.map(({ event }) => event)).size).to.equal(documentRows.length)
    expect(names).to.have.members(documentRows.map(({ event }) => event))
  })

  it('has the broadcasts that were counted in it, and the story hears each', () => {
    expect(documentBroadcasts).to.have.length(9)
    const told = new Set(story.flatMap((step) => (step.told ?? []).map(([event]) => event)))
    for (const event of ['invitation-changed', 'audit-config-changed']) told.add(event)
    expect([...told]).to.have.members([...documentBroadcasts])
  })
})

onOwnServer('The API document, played', {}, (wire) => {
  let at: Story
  let witness: PlainClient

  before(async () => {
    const client = new PlainClient(wire.url, wire.adminToken)
    witness = new PlainClient(wire.url, wire.adminToken)
    await Promise.all([client.connected(), witness.connected()])
    at = { wire, client, url: wire.url }
  })
  after(() => {
    for (const { socket } of [at.client, witness, ...(at.alice ? [at.alice] : [])]) socket.disconnect()
  })

  it('without a token, or with a wrong one, the connection is refused with Unauthorized', async () => {
    for (const options of [{}, { auth: { token: '<JWT>' } }]) {
      const socket = io(wire.url, { ...options, forceNew: true })
      const error = await within('connect_error', new Promise<Error>((resolve) => { socket.once('connect_error', resolve) }))
      socket.disconnect()
      expect(error.message).to.equal('Unauthorized')
    }
  })

  for (const step of story) {
    it(step.event, async () => {
      const { event, response, request, reply: example } = rowOf(step.event)
      const client = step.by === 'alice' ? at.alice : at.client
      if (!client) throw new Error('Alice has not logged in')
      if (step.refused !== undefined) refusal(await client.ask(event, response, request ?? {}), step.refused)
      const payload = step.payload ? await step.payload(at) : request ?? {}
      if (request) expect(Object.keys(payload), 'the fields of the example').to.have.members(Object.keys(request))
      const moments = new Map([client, witness].map((each) => [each, each.now]))
      const reply = success(await client.ask(event, response, payload), event)
      if (example) expectLike(reply, example)
      else if (typeof payload['id'] === 'string' && !/-request$|-(manager|parent)-get$/.test(event))
        expect(row(reply)['id']).to.equal(payload['id'])
      await step.after?.(at, reply)
      for (const [changed, id] of step.told ?? [])
        await Promise.all([...moments].map(async ([each, since]) => each.heard(changed, id, since)))
    })
  }
})
