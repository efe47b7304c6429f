// Socket.IO: the namespaces `/` and `/auth`, and the broadcast to this node's sockets.
import { randomUUID as uuid } from 'node:crypto'
import type { Server as HttpServer } from 'node:http'
import type { Knex } from 'knex'
import { Server, type Socket } from 'socket.io'
import { rightsDigest } from '../access/standing.ts'
import { gate } from '../call/gate.ts'
import { isGetter } from '../call/operation.ts'
import { errorReply } from '../call/reply.ts'
import type { Entry } from '../change/entry.ts'
import { resetTopic } from '../define/topics.ts'
import type { FeedNode } from '../change/node.ts'
import type { Connection, Interest, Principal } from '../define/call.ts'
import type { Actor } from '../define/rights.ts'
import { addressReader } from './address.ts'
import { createAdmission } from './admission.ts'
import { createAudience } from './audience.ts'
import type { Engine } from './engine.ts'
import { exactParser } from './exact-numbers.ts'
import { createHeads } from './heads.ts'
import { armExpiry, isAhead, isLive, listenTo, resyncAt, silentRoom, startLive, toldOf, type LiveData } from './live.ts'
import { answerRequests } from './requests.ts'
import { createReviews } from './reviews.ts'
import { watchPresence } from './presence.ts'
import { createUnderWay } from './under-way.ts'
import { boundAllUnsent, logSlowConsumers } from './unsent.ts'

export interface Sockets {
  /** Tells this node's live sockets of changes; `advance` is called with each position that all have been told of; `more` follows. */
  tell(entries: readonly Entry[], advance: (pos: number) => void, more: boolean): Promise<void>
  /** Looks at the sockets of these actors, or of all: whose right has ended is ended, whose rights have changed is told. */
  review(actorIds: readonly string[] | 'all'): void
  /** Open sockets by namespace. */
  counts(): Readonly<Record<string, number>>
  /** Open connections of clients. */
  transports(): number
  /** Clients that were dropped because they did not read. */
  dropped(): number
  stop(): Promise<void>
}

/** Milliseconds. Source: docs/protocol.md §1. */
const times = { cutOff: 25_000, watch: 1000 }

/** Opens both doors on the HTTP server. */
export const attachSockets = (http: HttpServer, engine: Engine, feed: FeedNode): Sockets => {
  const { dispatcher, operations, resources, broadcasts, interests, actors, knex, upkeep, log, limits, bounds } = engine
  const io = new Server(http, {
    serveClient: false,
    // Its own end is an orderly one, which a client by polling can put off; ours is not, and comes before it.
    connectTimeout: bounds.join * 2,
    maxHttpBufferSize: engine.messageSize,
    parser: exactParser,
  })
  let dropped = 0
  const logDrop = logSlowConsumers(log)
  boundAllUnsent(io, { limit: bounds.unsent, onDrop: () => {
    dropped += 1
    logDrop()
  } })
  const presence = watchPresence(io, bounds)
  const underWay = createUnderWay(bounds.requests)
  const main = io.of('/')
  const lobby = io.of('/auth')
  const audience = createAudience(main, (pos) => resyncAt(feed.epoch, pos))
  const heads = createHeads({ audience, silent: main.to(silentRoom), pos: () => feed.pos, interval: engine.headInterval * 1000 })
  const getters = new Set([...operations.values()].filter(isGetter).map((operation) => operation.event))
  const byActor = new Map<string, Set<Socket>>()

  const addressOf = addressReader(engine.trustedProxies)

  const origin = (socket: Socket): Omit<Connection, 'principal'> => {
    const ip = addressOf(socket.request)
    const userAgent = socket.handshake.headers['user-agent']
    return { transport: 'socket', id: socket.id, ...(ip === undefined ? {} : { ip }), ...(userAgent === undefined ? {} : { userAgent }) }
  }

  /** A socket that cannot be opened is closed, and ends no one else's. */
  const guarded = (open: (socket: Socket) => void) => (socket: Socket): void => {
    try {
      open(socket)
    } catch (error) {
      log.error({ err: error }, 'a socket could not be opened')
      socket.conn.close()
    }
  }

  const mayListen = (db: Knex) => async (principal: Principal): Promise<boolean> => {
    if (principal.byKeys === true && !(await actors.holdsAny(db, principal))) return false
    return engine.mayListen(db, principal)
  }

  /** What a connection says that it wants to hear. What cannot be told is answered, and all is heard: less would be a surprise. */
  const readInterest = (socket: Socket, data: LiveData): void => {
    const { listen } = socket.handshake.auth as Record<string, unknown>
    if (listen === undefined || listen === null) return
    try {
      data.interest = interests.read(gate(listen))
    } catch (error) {
      data.refused = { error: errorReply(error, uuid()).error }
    }
  }

  const begin = (socket: Socket, data: LiveData): void => {
    const options = { knex, feed, broadcasts, audience, heads, mayListen: mayListen(knex) }
    const started = startLive(socket, data, options).catch((error: unknown) => {
      log.warn({ err: error }, 'a socket could not be given what it missed; it is asked to come again')
      socket.conn.close()
    })
    if (isAhead(socket, feed)) data.catchingUp = started.finally(() => (data.catchingUp = undefined))
  }

  const remember = (socket: Socket, { principal }: LiveData): void => {
    const own = byActor.get(principal.actorId) ?? new Set<Socket>()
    byActor.set(principal.actorId, own.add(socket))
    socket.on('disconnect', () => {
      own.delete(socket)
      if (own.size === 0 && byActor.get(principal.actorId) === own) byActor.delete(principal.actorId)
    })
  }

  main.use(createAdmission({ engine, feedPos: () => feed.mark, hasOtherDoor: (socket) => presence.has(socket.conn, 'lobby') }))
  main.on('connection', guarded((socket) => {
    const data: unknown = socket.data
    if (!isLive(data)) return void socket.disconnect()
    presence.enter(socket, 'main')
    const source = origin(socket)
    data.rights = rightsDigest(data.admitted.actor.grants, engine.root)
    readInterest(socket, data)
    remember(socket, data)
    // What was heard between the admission and now found no such socket to review.
    if (feed.mark !== data.admittedAt) reviews.ask([data.principal.actorId])
    armExpiry(socket, data)
    socket.on('disconnect', () => clearTimeout(data.expiry))
    const renew = (principal: Principal): void => {
      data.principal = principal
      connection = { ...connection, principal }
      armExpiry(socket, data)
    }
    const listen = (interest: Interest): Promise<void> => listenTo(socket, data, interest, { audience, heads })
    const decided = ({ grants }: Actor): void => {
      if (rightsDigest(grants, engine.root) === data.rights) return
      data.strayed = true
      reviews.ask([data.principal.actorId])
    }
    // A request that is under way keeps the one that it came by.
    let connection: Connection = { ...source, principal: data.principal, renew, listen, decided }
    answerRequests(socket, {
      dispatcher, getters, connection: () => connection, offers: () => true,
      limit: () => limits.take({ transport: socket.conn, actor: data.principal.actorId, address: source.ip }),
      enter: () => underWay.enter(socket.conn),
      catchingUp: () => data.catchingUp,
    })
    begin(socket, data)
  }))

  lobby.on('connection', guarded((socket) => {
    presence.enter(socket, 'lobby')
    const source = origin(socket)
    answerRequests(socket, {
      dispatcher, getters, connection: () => source, offers: (event) => operations.get(event)?.public ?? false,
      limit: () => limits.take({ transport: socket.conn, address: source.ip }),
      enter: () => underWay.enter(socket.conn),
    })
  }))

  /** Lets a socket hear of changes, or no longer, as it now may. */
  const attend = async (socket: Socket): Promise<void> => {
    const data: unknown = socket.data
    if (!isLive(data) || !socket.connected) return
    const may = await mayListen(upkeep)(data.principal)
    if (may && data.silent === true) begin(socket, data)
    if (may || data.silent === true) return
    data.silent = true
    audience.leave(socket)
    void socket.join(silentRoom)
  }

  const reviews = createReviews({
    standingOf: (principals) => actors.standingOf(upkeep, principals), byActor, attend,
    onTrouble: (error) => log.warn({ err: error }, 'sessions could not be reviewed; their sockets are closed'),
  })

  // What is tracked and no resource, settings among it, may decide who hears. Its owner reads it anew first: looked at twice.
  let looks = 0
  let looking = false
  /** One after another: never as many questions at once as there are sockets. */
  const lookAtAll = async (): Promise<void> => {
    if (looking) return
    looking = true
    looks -= 1
    for (const socket of main.sockets.values()) await attend(socket).catch(() => socket.conn.close())
    looking = false
  }

  // Cut off from the database, this node can no longer know whose right has ended: its clients must go elsewhere.
  const watch = setInterval(() => {
    if (feed.silence() > times.cutOff) for (const socket of main.sockets.values()) socket.conn.close()
    if (looks > 0) void lookAtAll()
  }, times.watch)

  return {
    async tell(entries, advance, more) {
      const events = toldOf(entries, broadcasts, feed.epoch)
      if (events.length > 0) heads.heard()
      if (entries.some(({ resource }) => resource === resetTopic || (broadcasts.has(resource) && !resources.has(resource)))) looks = 2
      await audience.tell(events, entries.at(-1)?.pos ?? feed.pos, (pos) => {
        advance(pos)
        heads.moved()
      }, more)
    },
    review: (actorIds) => reviews.ask(actorIds),
    counts: () => ({ '/': main.sockets.size, '/auth': lobby.sockets.size }),
    transports: () => io.engine.clientsCount,
    dropped: () => dropped,
    async stop() {
      clearInterval(watch)
      heads.stop()
      main.emit('server-stopping')
      // Closing the transport, not the namespace, lets every standard client come back.
      for (const socket of [...main.sockets.values(), ...lobby.sockets.values()]) socket.conn.close()
      // Ends with the last connection, which may be one of a client that does not answer.
      void io.close()
      await reviews.idle()
    },
  }
}
