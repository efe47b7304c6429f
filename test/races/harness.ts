// What the race suites share: servers on one fresh PostgreSQL database, people in them, raw SQL beside them, and checkers.
import { expect } from 'chai'
import pg from 'pg'
import { app } from '../../app.ts'
import { startServer, type Server } from '../../core/boot/server.ts'
import { onPostgres } from '../kit/databases.ts'
import { cleanUp, freshEnvironment } from '../kit/place.ts'
import { password } from '../kit/passwords.ts'
import { administrator } from '../kit/ready.ts'
import { untilLocked } from '../kit/locks.ts'
import { eventually } from '../kit/wait.ts'
import { openClient, post, type Client, type Fields, type Reply } from './client.ts'

export interface Person {
  readonly id: string
  readonly email: string
  readonly token: string
}

/** Servers ("nodes") on one database of the suite's own. */
export class Arena {
  readonly nodes: Server[] = []
  /** What the servers logged as troubles, with causes: printed when an assertion fails. */
  readonly faults: string[] = []
  readonly #clients = new Set<Client>()
  #environment: Readonly<Record<string, string>> = {}
  #pool: pg.Pool | undefined
  #admin: Person | undefined
  #count = 0

  /** `together`: the nodes find an empty database all at once. */
  async open(nodes: number, together = false): Promise<void> {
    // Sixteen in turn for one row, on a machine that others use too: what is asked here is order, not speed.
    this.#environment = { ...await freshEnvironment('postgres', together ? 'empty' : 'ready'), DATABASE_STATEMENT_TIMEOUT: '60000' }
    this.#pool = new pg.Pool({ connectionString: this.#environment['DATABASE_URL'], max: 8 })
    this.#pool.on('error', () => undefined)
    // Of one in use the pool tells nothing; its query does.
    this.#pool.on('connect', (client) => client.on('error', () => undefined))
    const starts = together
      // Also when one fails, the others are waited for: they are to be stopped.
      ? await Promise.allSettled(Array.from({ length: nodes }, () => this.addNode()))
      : []
    for (const start of starts) if (start.status === 'rejected') throw start.reason
    while (this.nodes.length < nodes) await this.addNode()
    this.#admin = await this.login(administrator.email, administrator.password)
  }

  async addNode(): Promise<Server> {
    const note = (details: object, message: string): void => {
      const { err } = details as { err?: unknown }
      const cause = err instanceof Error && err.cause instanceof Error ? ` (${err.cause.message})` : ''
      this.faults.push(`${message}: ${String(err)}${cause}`)
    }
    const node = await startServer(app, {
      environment: this.#environment,
      log: { debug: () => undefined, info: () => undefined, warn: note, error: note },
      print: () => undefined,
      interactive: false,
    })
    this.nodes.push(node)
    return node
  }

  /** A node whose advisory locks do nothing but linger: what the tests must catch. Gives its number. */
  async addNodeWithoutLocks(): Promise<number> {
    await this.sql(`create function public.pg_advisory_xact_lock(bigint) returns void language sql as 'select pg_sleep(0.05)'`)
    // First in the path, it hides the function of the system from the connections made from now on.
    await this.sql('do $$ begin execute format($f$alter database %I set search_path = public, pg_catalog$f$, current_database()); end $$')
    await this.addNode()
    return this.nodes.length - 1
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close()
    for (const node of this.nodes.splice(0)) await node.stop()
    await this.#pool?.end()
    await cleanUp()
  }

  get admin(): Person {
    if (!this.#admin) throw new Error('the servers are not up')
    return this.#admin
  }

  /** The nodes in turn. */
  url(index = 0): string {
    const node = this.nodes[index % this.nodes.length]
    if (!node) throw new Error('the servers are not up')
    return node.url
  }

  unique(prefix: string): string {
    this.#count += 1
    return `${prefix}-${this.#count}`
  }

  /** A connection of its own for raw SQL; `done` gives it back. */
  async session(): Promise<pg.PoolClient> {
    if (!this.#pool) throw new Error('the database is not open')
    return this.#pool.connect()
  }

  async sql<T extends pg.QueryResultRow = pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<T[]> {
    if (!this.#pool) throw new Error('the database is not open')
    const { rows } = await this.#pool.query<T>(text, [...values])
    return rows
  }

  /** One request over HTTP, by the administrator unless told otherwise. */
  ask(event: string, payload: Fields, by: { readonly token?: string; readonly node?: number } = {}): Promise<Reply> {
    return post(this.url(by.node), event, payload, by.token ?? this.admin.token)
  }

  async must(event: string, payload: Fields): Promise<Fields> {
    const reply = await this.ask(event, payload)
    if (!reply.ok) throw new Error(`${event}: ${reply.code} ${JSON.stringify(reply.details)} ${this.faults.join('\n')}`)
    return reply.data
  }

  async login(email: string, secret = password, node = 0): Promise<Person> {
    const reply = await post(this.url(node), 'auth-login', { email, password: secret })
    if (!reply.ok) throw new Error(`auth-login: ${reply.code} ${this.faults.join('\n')}`)
    return { id: String((reply.data['user'] as Fields)['id']), email, token: String(reply.data['accessToken']) }
  }

  /** Somebody who holds these permissions by a role of his own, or the given roles. */
  async person(
    holds: { readonly permissions?: readonly string[]; readonly roles?: readonly string[] },
  ): Promise<Person & { readonly role: string }> {
    const id = this.unique('person')
    const role = holds.permissions ? String(
      (await this.must('role-create', { id: `${id}-role`, label: id, permissions: holds.permissions }))['id'],
    ) : ''
    const roles = [...(holds.roles ?? []), ...(role === '' ? [] : [role])]
    await this.must('user-create', { id, firstName: 'A', lastName: id, email: `${id}@example.com`, password, roles })
    return { ...(await this.login(`${id}@example.com`)), role }
  }

  async connect(token: string, options: { readonly node?: number; readonly since?: object } = {}): Promise<Client> {
    const client = await openClient(this.url(options.node), { token, ...(options.since ? { since: options.since } : {}) })
    this.#clients.add(client)
    return client
  }

  /** Waits until that many statements on this database wait for a lock. */
  waiting(count: number): Promise<void> {
    return untilLocked(this.#environment['DATABASE_URL'], count)
  }

  /** Waits until these clients have heard of all that was committed before. */
  async settle(...clients: readonly Client[]): Promise<void> {
    const id = this.unique('mark')
    await this.must('site-create', { id, label: id })
    await eventually(
      () => Promise.resolve(clients.every((client) => client.changes.some((change) => change.id === id))), `everybody hears of ${id}`,
    )
    await eventually(async () => (await this.sql('select 1 from feed where id = $1', [id])).length > 0, `${id} is in the feed`)
  }

  /** Every reply is a success or one of these codes. @throws AssertionError with the causes that the servers logged */
  onlyCodes(replies: readonly Reply[], ...allowed: readonly string[]): void {
    const others = replies.flatMap((reply) =>
      (reply.ok || allowed.includes(reply.code) ? [] : [`${reply.code} ${JSON.stringify(reply.details) ?? ''}`]))
    expect(others, `unexpected replies; the servers logged: ${this.faults.slice(-3).join('\n')}`).to.deep.equal([])
  }
}

/** A describe with its servers; one pending test where there is no PostgreSQL. */
export const describeRaces = (title: string, nodes: number, body: (arena: Arena) => void, together = false): void => {
  onPostgres(`races: ${title}`, () => {
    const arena = new Arena()
    before(async function () {
      this.timeout(60_000)
      await arena.open(nodes, together)
    })
    after(async function () {
      this.timeout(60_000)
      await arena.close()
    })
    body(arena)
  })
}

/** Says how often a broken variant was caught, and fails when it never was: then the check proves nothing. */
export const caught = (variant: string, times: number, rounds: number): void => {
  process.stdout.write(`        broken variant caught: ${variant}: ${times} of ${rounds}\n`)
  expect(times, `the check must catch the broken variant "${variant}"`).to.be.greaterThan(0)
}

export const successes = (replies: readonly Reply[]): number => replies.filter((reply) => reply.ok).length
