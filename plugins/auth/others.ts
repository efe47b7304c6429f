// Where another person is logged in and what acts for them; and its end, by who holds all that they hold.
import type { Knex } from 'knex'
import { array, number, object, string } from 'yup'
import { dateTime, forbidden, id, operation, statement } from '#sovrane'
import { endTokens, tokensOf } from './api-tokens.ts'
import { endSome, openSessions } from './sessions.ts'

const sessionsKey = 'manage-sessions'

/** More than a person has; the newest. */
const most = 100

const ids = () => array().max(most).of(id().required()).optional()

const show = operation({
  event: 'auth-access-request',
  about: "Lists another person's open sessions and API tokens, the newest 100 of each",
  kind: 'query',
  access: 'session',
  row: { resource: 'user', key: sessionsKey },
  input: object({ id: id().required() }),
  output: object({
    sessions: array().of(object({
      id: id().required(), ip: string().nullable().defined(), userAgent: string().nullable().defined(),
      createdAt: dateTime().required(), lastSeenAt: dateTime().required(),
    })).required(),
    tokens: array().of(object({
      id: id().required(), name: string().required(), permissions: array().of(string().required()).nullable().defined(),
      createdAt: dateTime().required(), expiresAt: dateTime().nullable().defined(),
    })).required(),
  }),
  async handle({ db, input: { id: userId } }) {
    return { sessions: await openSessions(db, userId, most), tokens: await tokensOf(db, userId, most) }
  },
})

/** Those that are named; where nothing is, all. */
const chosen = (query: Knex.QueryBuilder, names: readonly string[] | undefined, isAll: boolean): Knex.QueryBuilder =>
  (isAll ? query : query.whereIn('id', names ?? []))

const end = operation({
  event: 'auth-access-end',
  about: "Ends sessions and API tokens of another person: those that are named, else all",
  kind: 'mutation',
  access: 'session',
  row: { resource: 'user', key: sessionsKey },
  input: object({ id: id().required(), sessions: ids(), tokens: ids() }),
  output: object({ sessions: number().integer().required(), tokens: number().integer().required() }),
  async authorise({ rights }, user) {
    const lacking = await rights.lacksOf(user.id)
    if (lacking !== undefined) throw forbidden(lacking)
  },
  async handle({ db, notes, input: { id: userId, sessions, tokens } }) {
    const isAll = sessions === undefined && tokens === undefined
    const sessionIds = await endSome(db, userId, 'revoked', (query) => chosen(query, sessions, isAll))
    const tokenIds = await endTokens(db, userId, (query) => chosen(query, tokens, isAll))
    // What has ended, which is not all that was named.
    notes.set(statement, { targetType: 'user', targetId: userId, before: { sessionIds, tokenIds } })
    return { sessions: sessionIds.length, tokens: tokenIds.length }
  },
})

export const otherOperations = [show, end]
