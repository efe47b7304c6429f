// One server of the wire suite as a test sees it: its address, its administrator, and people with exactly the rights asked for.

import { connected, open, Client } from '../../kit/client.ts'
import type { ClientOptions } from '../../kit/client.ts'
import { changesOf } from './changes.ts'
import type { Change } from './changes.ts'
import { expect } from 'chai'
import { io } from 'socket.io-client'
import { post } from '../../kit/http.ts'
import type { HttpReply } from '../../kit/http.ts'
import { password } from '../../kit/passwords.ts'
import { isRow, row, statusOf, success, text } from '../../kit/replies.ts'
import type { Row } from '../../kit/replies.ts'
import { administrator } from './server.ts'
import type { Kind, Server } from './server.ts'

/** A permission everywhere (its id), or within a scope. */
export type Grant = string | { readonly permissionId: string; readonly scopeId: string }

export interface Wanted {
  /** What a role made for this person grants. */
  readonly can?: readonly Grant[]
  /** What is granted or denied to the person directly. */
  readonly direct?: readonly { readonly permissionId: string; readonly scopeId?: string; readonly deny?: boolean }[]
  /** Fields of the user row. */
  readonly user?: Row
}

export interface Person {
  readonly id: string
  readonly email: string
  readonly password: string
  /** The role made for `can`; empty without. */
  readonly roleId: string
}

export interface Actor extends Person {
  readonly token: string
  readonly client: Client
}

export interface Home {
  readonly server: Server
  readonly admin: Client
  readonly token: string
  readonly since: number
}

let count = 0

/** An id that no other test uses; ascending in the order of the calls. */
export function unique(prefix = 'x'): string {
  count += 1
  return `${prefix}-${String(count).padStart(6, '0')}`
}

export async function login(url: string, email: string, secret: string): Promise<Row> {
  const { body } = await post(url, 'auth-login', JSON.stringify({ email, password: secret }))
  return success(body, `auth-login of ${email}`)
}

export async function enter(server: Server): Promise<Home> {
  const token = text((await login(server.url, administrator.email, administrator.password))['accessToken'])
  const admin = await open(server.url, { auth: { token } })
  await admin.hear('session')
  return { server, admin, token, since: Date.now() }
}

export class Wire {
  readonly kind: Kind
  readonly #find: () => Promise<Home>
  readonly #clients = new Set<Client>()
  #home: Home | undefined

  constructor(kind: Kind, find: () => Promise<Home>) {
    this.kind = kind
    this.#find = find
  }

  async open(): Promise<void> {
    this.#home = await this.#find()
  }

  close(): void {
    for (const client of this.#clients) client.close()
    this.#clients.clear()
  }

  get #here(): Home {
    if (this.#home === undefined) throw new Error('use the server in a hook or a test, not while describing')
    return this.#home
  }

  get server(): Server { return this.#here.server }
  get url(): string { return this.#here.server.url }
  get admin(): Client { return this.#here.admin }
  get adminToken(): string { return this.#here.token }
  get adminId(): string { return text(this.admin.session['userId']) }

  /** Connects to `/` and waits for `session`; `extra` joins the token in `auth`. */
  async connect(token: unknown, extra: Row = {}, options: ClientOptions = {}): Promise<Client> {
    const client = await open(this.url, { auth: { token, ...extra }, ...options })
    this.#clients.add(client)
    await client.hear('session')
    return client
  }

  /** Connects to `/auth`, without any token. */
  async connectPublic(): Promise<Client> {
    const client = await open(`${this.url}/auth`)
    this.#clients.add(client)
    return client
  }

  /** Exactly what a reader of the API document writes: `io(url, { auth })`. */
  async connectPlainly(token: string): Promise<Client> {
    const client = new Client(io(this.url, { auth: { token } }))
    this.#clients.add(client)
    await connected(client)
    return client
  }

  async http(event: string, payload: unknown, token?: string): Promise<HttpReply> {
    const reply = await post(this.url, event, JSON.stringify(payload), token)
    const failed = isRow(reply.body) && 'error' in reply.body
    if (failed) expect(reply.status, JSON.stringify(reply.body)).to.equal(statusOf[text(row(row(reply.body)['error'])['code'])])
    else expect(reply.status, JSON.stringify(reply.body)).to.be.within(200, 299)
    return reply
  }

  /** Makes a row as the administrator, with the least fields and the given ones, and gives back its id. */
  async make(resource: 'site' | 'department' | 'group' | 'role' | 'permission' | 'user', fields: Row = {}): Promise<string> {
    const id = unique(resource)
    const least: Readonly<Record<typeof resource, Row>> = {
      site: { label: id },
      department: { label: id },
      group: { name: id },
      role: { label: id },
      permission: { permissionKey: id },
      user: { firstName: 'Test', lastName: 'Person', email: `${id}@example.com` },
    }
    return text((await this.admin.ok(`${resource}-create`, { id, ...least[resource], ...fields }))['id'])
  }

  /** A user with a password and exactly these rights, not yet logged in. */
  async person({ can = [], direct = [], user = {} }: Wanted = {}): Promise<Person> {
    const roleId = can.length === 0 ? '' : await this.make('role', { permissions: can })
    const email = `${unique('person')}@example.com`
    const id = await this.make('user', { email, password, ...(roleId === '' ? {} : { roles: [roleId] }), ...user })
    for (const grant of direct) await this.admin.ok('user-add-permission', { id, ...grant })
    return { id, email, password, roleId }
  }

  /** The same, logged in and connected. */
  async actor(wanted: Wanted = {}): Promise<Actor> {
    const person = await this.person(wanted)
    return this.enter(person)
  }

  async enter(person: Person): Promise<Actor> {
    const token = text((await login(this.url, person.email, person.password))['accessToken'])
    return { ...person, token, client: await this.connect(token) }
  }

  /** Resolves once these clients have heard of everything that was acknowledged before: a throw-away site marks the place. */
  async settle(...clients: readonly Client[]): Promise<string> {
    const id = await this.make('site')
    await Promise.all(clients.map(async (client) =>
      client.hear(({ event, args }) => event === 'site-changed' && row(args[0])['id'] === id)))
    return id
  }

  /** Every change that `client` hears because of `work`, in order. */
  async changesDuring(client: Client, work: () => Promise<unknown>): Promise<Change[]> {
    const before = await this.settle(client)
    await work()
    const after = await this.settle(client)
    const all = changesOf(client)
    const from = all.findIndex((change) => change.id === before)
    const to = all.findIndex((change) => change.id === after)
    return all.slice(from + 1, to)
  }
}

/** Repeats a check until it holds: for what the contract promises "within 1 s". */
export async function eventually(check: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + 5_000
  for (;;) {
    try {
      await check()
      return
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((resolve) => { setTimeout(resolve, 25) })
    }
  }
}
