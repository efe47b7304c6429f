// What the server emits by itself: changes, and what it says to a socket about its session and its place in the feed.
import type { DescribedBroadcast, JsonSchema } from '../define/description.ts'
import { requestId } from './rows.ts'

const whole = (properties: Readonly<Record<string, JsonSchema>>, optional: readonly string[] = []): JsonSchema => ({
  type: 'object', properties, required: Object.keys(properties).filter((name) => !optional.includes(name)), additionalProperties: false,
})

const text: JsonSchema = { type: 'string' }
const pos: JsonSchema = { type: 'integer', minimum: 0, description: 'The place in the one order of all changes' }
const epoch: JsonSchema = { type: 'string', description: 'Another one: the history of the database may be another' }

const own: readonly DescribedBroadcast[] = [
  {
    event: 'session', about: 'The first event on a connection: whose it is, when it ends, and where the feed is',
    payload: whole({ userId: text, sessionId: text, expiresAt: { type: 'string', format: 'date-time' }, feed: whole({ epoch, pos }) }),
    example: {
      userId: 'ada', sessionId: '01982c1e-7b0a-7000-8000-000000000001', expiresAt: '2026-01-31T09:15:00.000Z',
      feed: { epoch: '1.k3Jv0Qz8', pos: 1204 },
    },
  },
  {
    event: 'session-expired', about: 'The session has ended; the socket is disconnected',
    payload: whole({ reason: { type: 'string', description: 'Such as `expired`, `logout`, `revoked`' } }), example: { reason: 'expired' },
  },
  {
    event: 'rights-changed', about: 'Your effective rights have changed: read anew what is shown', payload: whole({}), example: {},
  },
  {
    event: 'feed-head', about: 'Where the feed is, while nothing else is heard', payload: whole({ pos }), example: { pos: 1204 },
  },
  {
    event: 'feed-resync', about: 'Changes were missed: read everything anew', payload: whole({ epoch, pos }),
    example: { epoch: '1.k3Jv0Qz8', pos: 1204 },
  },
  { event: 'server-stopping', about: 'This node stops; the client reconnects by itself', payload: whole({}), example: {} },
]

const changed = (name: string, alias: string | undefined): DescribedBroadcast => {
  const id = { type: 'string', description: 'The row that was changed' }
  const further = alias === undefined ? {} : { [alias]: { type: 'string', description: 'The same as `id`' } }
  return {
    event: `${name}-changed`,
    about: `One ${name} was made, changed or deleted; read it anew if it is shown`,
    payload: whole({
      id, ...further, action: { type: 'string', enum: ['create', 'update', 'delete'] },
      version: { type: 'integer', minimum: 1, description: 'The version of the row after it' }, pos, requestId,
    }, ['requestId']),
    example: { id: `${name}-1`, ...(alias === undefined ? {} : { [alias]: `${name}-1` }), action: 'update', version: 2, pos: 1205 },
  }
}

/** `names`: what changes are told of, each with the further name of its id. */
export const broadcastsOf = (names: ReadonlyMap<string, string | undefined>): DescribedBroadcast[] =>
  [...own, ...[...names].map(([name, alias]) => changed(name, alias))]
