// The same request twice does one thing: its reply is kept in the transaction that made it, and given again.
import { createHmac, hkdfSync } from 'node:crypto'
import type { Knex } from 'knex'
import { coreReasons } from '../define/errors.ts'
import type { Payload } from '../define/call.ts'
import { literal } from '../define/statement.ts'
import { canonical } from '../define/sealing.ts'

/** Thrown inside a transaction whose request another one has answered meanwhile. */
export class AlreadyAnswered extends Error {}

export interface KeptRequest {
  readonly actorId: string
  /** The session in which it is made. */
  readonly sessionId: string
  readonly requestId: string
  readonly event: string
  readonly payload: Payload
}

interface Answered {
  readonly reply: Payload
  /** Whether it was given to this very session. */
  readonly own: boolean
}

export interface Idempotency {
  /**
   * The reply to the same request, if it was answered.
   * @throws AppError conflict when the id stands for another request, or for one whose reply was a secret
   */
  answered(db: Knex, request: KeptRequest): Promise<Answered | undefined>
  /** SQL that takes the id in a transaction and waits for another that is just taking it; no row: it is answered already. */
  take(request: KeptRequest): string
  /** SQL that forgets a request that was refused after its commit: it did not succeed. */
  drop(request: KeptRequest): string
  /** SQL that keeps the reply. */
  keep(request: KeptRequest, reply: Payload | undefined): string
}

/** Hours. Source: docs/protocol.md §2. */
const kept = 24

interface StoredRequest {
  readonly event: string
  readonly payload_hash: string
  readonly reply: string | null
  readonly session: string | null
}

const which = ({ actorId, requestId }: KeptRequest): string => `where actor = ${literal(actorId)} and request_id = ${literal(requestId)}`

/** A payload may hold a password: what is stored of it is a hash that needs a server key to try. */
export const createIdempotency = (secrets: readonly Buffer[]): Idempotency => {
  const keys = secrets.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', 'idempotency', 32)))
  const hashes = ({ event, payload }: KeptRequest): string[] =>
    keys.map((key) => createHmac('sha256', key).update(event).update('\0').update(canonical(payload)).digest('base64url'))
  return {
    async answered(db, request) {
      const row: StoredRequest | undefined = await db('requests').where({ actor: request.actorId, request_id: request.requestId })
        .whereRaw(`at > now() - interval '${kept} hours'`).first('event', 'payload_hash', 'reply', 'session')
      if (!row) return undefined
      if (row.event !== request.event || !hashes(request).includes(row.payload_hash)) throw coreReasons.request_id()
      if (row.reply === null) throw coreReasons.already_done()
      return { reply: JSON.parse(row.reply) as Payload, own: row.session === request.sessionId }
    },
    take(request) {
      const { actorId, sessionId, requestId, event } = request
      return `
        insert into requests as r (actor, request_id, event, payload_hash, session)
          values (${[actorId, requestId, event, hashes(request)[0] ?? '', sessionId].map(literal).join(', ')})
        on conflict (actor, request_id) do update
          set event = excluded.event, payload_hash = excluded.payload_hash, session = excluded.session, reply = null, at = now()
          where r.at <= now() - interval '${kept} hours'
        returning actor`
    },
    drop: (request) => `delete from requests ${which(request)}`,
    keep: (request, reply) =>
      `update requests set reply = ${reply === undefined ? 'null' : literal(JSON.stringify(reply))} ${which(request)}`,
  }
}

/** Forgets at most so many requests that are older than they are kept; answers how many went. */
export const forgetRequests = async (db: Knex, most: number): Promise<number> => {
  const result: { rowCount: number } = await db.raw(`
    delete from requests where ctid = any(array(
      select ctid from requests where at <= now() - interval '${kept} hours' order by at limit ? for update skip locked))`, [most])
  return result.rowCount
}
