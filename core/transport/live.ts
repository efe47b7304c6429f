// A socket on `/`: its session, what it missed, its place among the live ones, and its end.
import type { Socket } from 'socket.io'
import type { Knex } from 'knex'
import type { Admitted } from '../access/actors.ts'
import { mergeEntries, type Entry } from '../change/entry.ts'
import { resetTopic } from '../define/topics.ts'
import { parseCursor, type Recall } from '../change/resume.ts'
import type { Interest, Principal } from '../define/call.ts'
import { everything } from '../define/interest.ts'
import { responseEvent } from '../model/names.ts'
import type { Audience, Told } from './audience.ts'
import type { Heads } from './heads.ts'

/** The room of sockets that may hear of no change: they are told where the feed is. */
export const silentRoom = 'silent'

/** What the server knows of a socket. */
export interface LiveData {
  principal: Principal
  /** The feed's mark when the right to be here was last asked of the database. */
  admittedAt: number
  /** What it held then. */
  readonly admitted: Admitted
  /** A digest of what it held when that was last asked. */
  rights?: string
  /** It was answered by other rights than those. */
  strayed?: boolean
  expiry?: NodeJS.Timeout
  /** It may not hear of changes yet. */
  silent?: boolean
  /** What it wants to hear; everything unless it has said so. */
  interest?: Interest
  /** What it wanted to hear at its connection and cannot be told: the answer that says so. */
  refused?: object | undefined
  /** It was sent its `session`. */
  begun?: boolean
  /** Until this node has heard all that the client has, and told it so. */
  catchingUp?: Promise<unknown> | undefined
}

export const isLive = (data: unknown): data is LiveData => typeof data === 'object' && data !== null && 'principal' in data

interface FeedPosition {
  readonly epoch: string
  readonly pos: number
}

/** What is broadcast, with a further name of the id where it has one. */
export type Broadcasts = ReadonlyMap<string, string | undefined>

const alias = (entry: Entry, broadcasts: Broadcasts): object => {
  const name = broadcasts.get(entry.resource)
  return name === undefined ? {} : { [name]: entry.id }
}

/** A change as clients hear it. Never any content of the row. */
const changeEvent = (entry: Entry, broadcasts: Broadcasts): [string, object] => [
  `${entry.resource}-changed`,
  {
    id: entry.id,
    ...alias(entry, broadcasts),
    action: entry.action,
    version: entry.version,
    pos: entry.pos,
    ...(entry.requestId === null ? {} : { requestId: entry.requestId }),
  },
]

/** The entries of a batch that clients hear. */
const heard = (entries: readonly Entry[], broadcasts: Broadcasts): Entry[] =>
  mergeEntries(entries.filter((entry) => broadcasts.has(entry.resource)))

/** That everything must be read anew, at this position. */
export const resyncAt = (epoch: string, pos: number): Told => ({ pos, event: 'feed-resync', payload: { epoch, pos } })

/** What a batch is to those who listen: its changes, and that all must be read anew where rows went unheard. */
export const toldOf = (entries: readonly Entry[], broadcasts: Broadcasts, epoch: string): Told[] => {
  const changes = heard(entries, broadcasts).map((entry): Told => {
    const [event, payload] = changeEvent(entry, broadcasts)
    return { pos: entry.pos, resource: entry.resource, event, payload }
  })
  const reset = entries.findLast(({ resource }) => resource === resetTopic)
  if (!reset) return changes
  return [...changes, resyncAt(epoch, reset.pos)].toSorted((a, b) => a.pos - b.pos)
}

/** Tells the client why, and not to come back by itself. */
export const endSocket = (socket: Socket, reason: string): void => {
  if (!socket.connected) return
  socket.emit('session-expired', { reason })
  socket.disconnect()
}

// A longer delay would overflow and fire at once.
const longest = 2_147_483_647

/** Ends the socket when its token does. */
export const armExpiry = (socket: Socket, data: LiveData): void => {
  clearTimeout(data.expiry)
  const left = data.principal.expiresAt - Date.now()
  data.expiry = setTimeout(
    () => (left > longest ? armExpiry(socket, data) : endSocket(socket, 'expired')),
    Math.min(Math.max(left, 0), longest),
  )
}

interface LiveOptions {
  readonly knex: Knex
  readonly feed: FeedPosition & { readonly recall: Recall; reached(pos: number): Promise<boolean> }
  readonly broadcasts: Broadcasts
  readonly audience: Audience
  readonly heads: Pick<Heads, 'greet'>
  readonly mayListen: (principal: Principal) => Promise<boolean>
}

const sendSession = (socket: Socket, data: LiveData, feed: FeedPosition): void => {
  const { principal } = data
  data.begun = true
  socket.emit('session', {
    userId: principal.actorId,
    sessionId: principal.sessionId,
    expiresAt: new Date(principal.expiresAt).toISOString(),
    feed: { epoch: feed.epoch, pos: feed.pos },
  })
  const { refused } = data
  data.refused = undefined
  if (refused) socket.emit(responseEvent('feed-listen', new Set()), refused)
}

/** Whether it wants to hear of changes of a resource. */
const wants = ({ interest = everything }: LiveData, resource: string): boolean => interest.resources?.includes(resource) ?? true

/** What it wants to hear from now on. It hears of each change by the one or the other, as one that joins does. */
export const listenTo = async (
  socket: Socket, data: LiveData, interest: Interest, { audience, heads }: Pick<LiveOptions, 'audience' | 'heads'>,
): Promise<void> => {
  while (audience.telling) await audience.telling
  data.interest = interest
  // One that is still being told what it missed, or may hear of nothing, joins later if ever.
  if (!audience.has(socket)) return
  audience.join(socket, interest)
  heads.greet(socket, interest)
}

const cursorOf = (socket: Socket): ReturnType<typeof parseCursor> =>
  parseCursor((socket.handshake.auth as Record<string, unknown>)['since'])

/**
 * Whether the client was told, by another node, of what this one has not heard of yet: a row in this one's memory may be older than what
 * the client knows of it, and it would not be told of it again.
 */
export const isAhead = (socket: Socket, { epoch, pos }: FeedPosition): boolean => {
  const cursor = cursorOf(socket)
  return typeof cursor !== 'string' && cursor.epoch === epoch && cursor.pos > pos
}

/**
 * Starts the change broadcast of a socket: the session, the missed changes, then the live ones.
 * It replays only what this node has already told the others, and joins them in the very tick in which nothing of that
 * is left: so nothing is missed, and nothing older is told after something newer.
 */
export const startLive = async (socket: Socket, data: LiveData, options: LiveOptions): Promise<void> => {
  const { feed, broadcasts, knex, audience, heads } = options
  if (!(await options.mayListen(data.principal))) {
    if (data.silent !== true) sendSession(socket, data, feed)
    data.silent = true
    void socket.join(silentRoom)
    return
  }
  data.silent = false
  void socket.leave(silentRoom)
  const cursor = cursorOf(socket)
  const begin = async (resync: boolean): Promise<void> => {
    // In the middle of a slice some have heard what others have not.
    while (audience.telling) await audience.telling
    const here = { epoch: feed.epoch, pos: feed.pos }
    sendSession(socket, data, here)
    if (resync) socket.emit('feed-resync', here)
    if (socket.connected) audience.join(socket, data.interest ?? everything)
  }
  if (cursor === 'none') return begin(false)
  if (cursor === 'invalid') return begin(true)
  const first = await feed.recall.missedSince(knex, cursor)
  if (first.kind === 'resync' || !(await feed.reached(cursor.pos))) return begin(true)
  sendSession(socket, data, cursor)
  let sent = cursor.pos
  while (socket.connected && (sent < feed.pos || audience.telling)) {
    if (sent >= feed.pos) {
      await audience.telling
      continue
    }
    const told = feed.pos
    const missed = await feed.recall.missedSince(knex, { epoch: cursor.epoch, pos: sent })
    if (missed.kind === 'resync') {
      while (audience.telling) await audience.telling
      socket.emit('feed-resync', { epoch: feed.epoch, pos: feed.pos })
      break
    }
    const entries = missed.entries.filter((each) => each.pos <= told && wants(data, each.resource))
    for (const entry of heard(entries, broadcasts)) socket.emit(...changeEvent(entry, broadcasts))
    sent = told
  }
  // The node has come to another history meanwhile, and told the others.
  if (feed.epoch !== cursor.epoch) socket.emit('feed-resync', { epoch: feed.epoch, pos: feed.pos })
  if (!socket.connected) return
  audience.join(socket, data.interest ?? everything)
  if (sent > cursor.pos) heads.greet(socket, data.interest ?? everything)
}
