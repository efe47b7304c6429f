// A transaction whose first statements travel with its `begin` and whose last ones with its `commit`: two messages less.
import { createRequire } from 'node:module'
import type { Knex } from 'knex'
import type { DialectQuery } from './dialects.ts'

export interface Envelope {
  /** Statements after `begin`, with their values written in; '' for none. What they throw undoes all, and is told before what follows. */
  readonly opening: string
  /** Statements before `commit`; what they throw undoes all. */
  closing(): string
  /** The rows of each statement of the opening; what it throws undoes all. */
  opened?(rows: readonly Rows[]): void
  /** The rows of each statement of the closing. It is committed. */
  closed?(rows: readonly Rows[]): void
}

export type Rows = readonly Readonly<Record<string, unknown>>[]

interface Asking {
  query(connection: unknown, sql: string): Promise<DialectQuery>
}

/** A connection that may be asked before it has answered, and what it writes to. */
interface Pipelined {
  readonly pipeline?: boolean
  readonly connection: { readonly stream: { cork(): void; uncork(): void } }
}

declare class PgTransaction {
  constructor(client: unknown, container: unknown, options: unknown, outer: unknown)
  client: Asking
  trxClient: Asking
  _completed: boolean
  _resolver(value: unknown): void
  _rejecter(error: unknown): void
  commit(connection: unknown, value: unknown): Promise<unknown>
  begin(connection: unknown): Promise<unknown>
  rollback(connection: unknown, error: unknown): Promise<unknown>
}

// knex has this class at run time only.
const Base = createRequire(import.meta.url)('knex/lib/dialects/postgres/execution/pg-transaction.js') as typeof PgTransaction

const rowsOf = (response: unknown): Rows[] =>
  (Array.isArray(response) ? response : [response]).map((each: unknown) => (each as { rows?: Rows } | undefined)?.rows ?? [])

const begin = 'begin isolation level read committed'

/** What is written until the process would wait leaves in one packet: each costs more than most of what it asks for. */
const together = ({ connection: { stream } }: Pipelined): void => {
  stream.cork()
  process.nextTick(() => stream.uncork())
}

class Transaction extends Base {
  readonly #envelope: Envelope | undefined
  readonly #begun: ((begun: Promise<void>) => void) | undefined

  constructor(client: unknown, container: unknown, options: Options | undefined, outer: unknown) {
    super(client, container, options, outer)
    this.#envelope = options?.envelope
    this.#begun = options?.begun
  }

  async #open(connection: object, envelope: Envelope): Promise<void> {
    const { opening } = envelope
    const { response } = await this.trxClient.query(connection, opening === '' ? begin : `${begin}; ${opening}`)
    envelope.opened?.(rowsOf(response).slice(1))
  }

  override async begin(connection: object & Pipelined): Promise<unknown> {
    const envelope = this.#envelope
    if (!envelope) return super.begin(connection)
    if (connection.pipeline === true) together(connection)
    const begun = this.#open(connection, envelope)
    // The first statement of the task goes out behind it, without waiting.
    if (connection.pipeline === true && this.#begun) return this.#begun(begun)
    try {
      await begun
      return undefined
    } catch (error) {
      this._completed = true
      await this.#undo(connection)
      throw error
    }
  }

  override async commit(connection: object, value: unknown): Promise<unknown> {
    const closing = this.#envelope?.closing() ?? ''
    if (closing === '') return super.commit(connection, value)
    const asked = this.trxClient.query(connection, `${closing}; commit`)
    this._completed = true
    try {
      const { response } = await asked
      this.#envelope?.closed?.(rowsOf(response).slice(0, -1))
      this._resolver(value)
    } catch (error) {
      await this.#undo(connection)
      this._rejecter(error)
    }
    return undefined
  }

  /** Tells why it was undone, also where the connection was gone before that could be said to the database. */
  override async rollback(connection: object, error: unknown): Promise<unknown> {
    if (error === undefined) return super.rollback(connection, error)
    this._completed = true
    await this.#undo(connection)
    this._rejecter(error)
    return undefined
  }

  /** A message of several statements that fails in the middle leaves its transaction open. */
  async #undo(connection: object): Promise<void> {
    try {
      await this.client.query(connection, 'rollback')
    } catch (error) {
      // Gone, or good for no one else: knex opens another.
      Object.assign(connection, { __knex__disposed: error })
    }
  }
}

interface Options {
  readonly envelope?: Envelope
  /** Given the opening where it is still on its way when the task begins. */
  readonly begun?: (begun: Promise<void>) => void
}

export type TransactionArguments = readonly [container: unknown, options: Options | undefined, outer: unknown]

/** What the clients of both databases make of `knex.transaction`. */
export const makeTransaction = (client: unknown, ...given: TransactionArguments): Knex.Transaction =>
  // It is what knex makes of it, but for its two ends.
  new Transaction(client, ...given) as unknown as Knex.Transaction

/** Runs a task in a transaction (read committed) with what travels at its ends. */
export const transact = <T>(knex: Knex, envelope: Envelope, task: (trx: Knex.Transaction) => Promise<T>): Promise<T> => {
  let opening = Promise.resolve()
  const begun = (begins: Promise<void>): void => {
    opening = begins
    begins.catch(() => undefined)
  }
  // knex hands what it does not know through to the class above.
  const options = { envelope, begun, isolationLevel: 'read committed' } as const
  return knex.transaction(async (trx) => {
    try {
      return await task(trx)
    } finally {
      // What it throws is told in place of what followed from it.
      await opening
    }
  }, options)
}
