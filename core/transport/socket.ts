// Socket.IO: the namespaces `/` and `/auth`, and the broadcast to this node's sockets.
import type { Server as HttpServer } from 'node:http'
import type { Knex } from 'knex'
import { Server, type Socket } from 'socket.io'
import { rightsDigest } from '../access/standing.ts'
import { isGetter } from '../call/operation.ts'
import type { Entry } from '../change/entry.ts'
import { resetTopic } from '../define/topics.ts'
import type { FeedNode } from '../change/node.ts'
import type { Connection, Principal } from '../define/call.ts'
import { addressReader } from './address.ts'
import { createAdmission } from './admission.ts'
import { createAudience } from './audience.ts'
import type { Engine } from './engine.ts'
import { exactParser } from './exact-numbers.ts'
import { armExpiry, isLive, silentRoom, startLive, toldOf, type LiveData } from './live.ts'
import { answerRequests } from './requests.ts'
import { createReviews } from './reviews.ts'
import { boundAllUnsent } from './unsent.ts'

export interface Sockets {
  /** Tells this node's live sockets of changes; `advance` is called with each position that all have been told of. */
  tell(entries: readonly Entry[], advance: (pos: number) => void): Promise<void>
  /** Looks at the sockets of these actors, or of all: whose right has ended is ended, whose rights have changed is told. */
  review(actorIds: readonly string[] | 'all'): void
  stop(): Promise<void>
}

/** Milliseconds. Source: docs/protocol.md §1 and §8. */
const times = { join: 10_000, publicIdle: 600_000, cutOff: 25_000, watch: 1000 }

/** Opens both doors on the HTTP server. */
export const attachSockets = (http: HttpServer, engine: Engine, feed: FeedNode): Sockets => {
  const { dispatcher, operations, resources, broadcasts, actors, knex, upkeep, log, limits } = engine
  const io = new Server(http, {
    serveClient: false,
    connectTimeout: times.join,
    maxHttpBufferSize: engine.messageSize,
    parser: exactParser,
  })
  boundAllUnsent(io)
  const main = io.of('/')
  const lobby = io.of('/auth')
  const audience = createAudience(main)
  const getters = new Set([...operations.values()].filter(isGetter).map((operation) => operation.event))
  const byActor = new Map<string, Set<Socket>>()
  const lobbies = new WeakMap<object, number>()

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

  const begin = (socket: Socket, data: LiveData): void => {
    startLive(socket, data, { knex, feed, broadcasts, audience, mayListen: mayListen(knex) }).catch((error: unknown) => {
      log.warn({ err: error }, 'a socket could not be given what it missed; it is asked to come again')
      socket.conn.close()
    })
  }

  const remember = (socket: Socket, { principal }: LiveData): void => {
    const own = byActor.get(principal.actorId) ?? new Set<Socket>()
    byActor.set(principal.actorId, own.add(socket))
    socket.on('disconnect', () => {
      own.delete(socket)
      if (own.size === 0 && byActor.get(principal.actorId) === own) byActor.delete(principal.actorId)
    })
  }

  main.use(createAdmission({ engine, feedPos: () => feed.mark, hasOtherDoor: (socket) => (lobbies.get(socket.conn) ?? 0) > 0 }))
  main.on('connection', guarded((socket) => {
    const data: unknown = socket.data
    if (!isLive(data)) return void socket.disconnect()
    const source = origin(socket)
    data.rights = rightsDigest(data.admitted.actor.grants, engine.root)
    remember(socket, data)
    // What was heard between the admission and now found no such socket to review.
    if (feed.mark !== data.admittedAt) reviews.ask([data.principal.actorId])
    armExpiry(socket, data)
    socket.on('disconnect', () => clearTimeout(data.expiry))
    const renew = (principal: Principal): void => {
      data.principal = principal
      armExpiry(socket, data)
    }
    answerRequests(socket, {
      dispatcher, getters, connection: () => ({ ...source, principal: data.principal, renew }), offers: () => true,
      limit: () => limits.take({ transport: socket.conn, actor: data.principal.actorId, address: source.ip }),
    })
    begin(socket, data)
  }))

  lobby.on('connection', guarded((socket) => {
    const { conn } = socket
    lobbies.set(conn, (lobbies.get(conn) ?? 0) + 1)
    const idle = setTimeout(() => {
      if (![...main.sockets.values()].some((other) => other.conn === conn)) conn.close()
    }, times.publicIdle)
    socket.onAny(() => idle.refresh())
    socket.on('disconnect', () => {
      clearTimeout(idle)
      lobbies.set(conn, (lobbies.get(conn) ?? 1) - 1)
    })
    const source = origin(socket)
    answerRequests(socket, {
      dispatcher, getters, connection: () => source, offers: (event) => operations.get(event)?.public ?? false,
      limit: () => limits.take({ transport: conn, address: source.ip }),
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
  const head = setInterval(() => {
    audience.emit('feed-head', { pos: feed.pos })
    main.to(silentRoom).emit('feed-head', { pos: feed.pos })
  }, engine.headInterval * 1000)

  return {
    async tell(entries, advance) {
      const events = toldOf(entries, broadcasts, feed.epoch)
      if (events.length > 0) head.refresh()
      if (entries.some(({ resource }) => resource === resetTopic || (broadcasts.has(resource) && !resources.has(resource)))) looks = 2
      await audience.tell(events, entries.at(-1)?.pos ?? feed.pos, advance)
    },
    review: (actorIds) => reviews.ask(actorIds),
    async stop() {
      clearInterval(watch)
      clearInterval(head)
      main.emit('server-stopping')
      // Closing the transport, not the namespace, lets every standard client come back.
      for (const socket of [...main.sockets.values(), ...lobby.sockets.values()]) socket.conn.close()
      await io.close()
      await reviews.idle()
    },
  }
}
