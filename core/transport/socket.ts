// Socket.IO: the namespaces `/` and `/auth`, and the broadcast to this node's sockets.
import type { Server as HttpServer } from 'node:http'
import type { Knex } from 'knex'
import { Server, type Socket } from 'socket.io'
import type { Assembly } from '../boot/assemble.ts'
import type { Dispatcher } from '../call/dispatcher.ts'
import { rightsTopic, type Entry } from '../change/entry.ts'
import type { FeedNode } from '../change/node.ts'
import type { Connection, Principal } from '../define/call.ts'
import type { Log } from '../define/plugin.ts'
import { addressReader } from './address.ts'
import { createAdmission } from './admission.ts'
import type { Limits } from './limits.ts'
import { armExpiry, changeEvent, endSocket, heard, liveRoom, startLive, type LiveData } from './live.ts'
import { answerRequests } from './requests.ts'

export interface SocketOptions {
  readonly dispatcher: Dispatcher
  readonly assembly: Assembly
  readonly knex: Knex
  readonly log: Log
  readonly limits: Limits
  readonly feed: FeedNode
}

export interface Sockets {
  /** Tells this node's live sockets of changes, and ends those whose right has ended with them. */
  broadcast(entries: readonly Entry[]): void
  stop(): Promise<void>
}

/** Milliseconds. Source: wire contract §1 and §8. */
const times = { join: 10_000, publicIdle: 600_000, cutOff: 25_000, watch: 1000 }

const isLive = (data: unknown): data is LiveData => typeof data === 'object' && data !== null && 'principal' in data

/** Opens both doors on the HTTP server. */
export const attachSockets = (http: HttpServer, options: SocketOptions): Sockets => {
  const { dispatcher, assembly, knex, log, limits, feed } = options
  const { settings, operations, broadcasts, actors, app, contributors, resources } = assembly
  const io = new Server(http, {
    serveClient: false,
    connectTimeout: times.join,
    maxHttpBufferSize: settings.MESSAGE_SIZE,
  })
  const main = io.of('/')
  const lobby = io.of('/auth')
  const getters = new Set([...operations.values()].filter((operation) => operation.getter).map((operation) => operation.event))
  const byActor = new Map<string, Set<Socket>>()
  const lobbies = new WeakMap<object, number>()

  const addressOf = addressReader(settings.TRUST_PROXY)

  const origin = (socket: Socket): Omit<Connection, 'principal'> => {
    const ip = addressOf(socket.request)
    const userAgent = socket.handshake.headers['user-agent']
    return { transport: 'socket', id: socket.id, ...(ip === undefined ? {} : { ip }), ...(userAgent === undefined ? {} : { userAgent }) }
  }

  /** A socket that cannot be opened is closed, and ends nobody else's. */
  const guarded = (open: (socket: Socket) => void) => (socket: Socket): void => {
    try {
      open(socket)
    } catch (error) {
      log.error({ err: error }, 'a socket could not be opened')
      socket.conn.close()
    }
  }

  const mayListen = async (principal: Principal): Promise<boolean> => {
    for (const { contribution } of contributors) if ((await contribution.mayListen?.(knex, principal)) === false) return false
    return true
  }

  const begin = (socket: Socket, data: LiveData): void => {
    startLive(socket, data, { knex, feed, broadcasts, mayListen }).catch((error: unknown) => {
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

  main.use(createAdmission({ assembly, knex, feedPos: () => feed.pos, hasOtherDoor: (socket) => (lobbies.get(socket.conn) ?? 0) > 0 }))
  main.on('connection', guarded((socket) => {
    const data: unknown = socket.data
    if (!isLive(data)) return void socket.disconnect()
    const source = origin(socket)
    remember(socket, data)
    // What was told between the admission and now found no such socket to review.
    if (feed.pos !== data.admittedAt) void review(data.principal.actorId).catch(() => socket.conn.close())
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

  const socketsOf = (actorId: string): Socket[] => [...(byActor.get(actorId) ?? [])]
  const principalOf = (socket: Socket): Principal | undefined => (isLive(socket.data) ? socket.data.principal : undefined)

  /** Lets a socket hear of changes, or no longer, as it now may. */
  const attend = async (socket: Socket): Promise<void> => {
    const data: unknown = socket.data
    if (!isLive(data) || !socket.connected) return
    const may = await mayListen(data.principal)
    if (may && data.silent === true) begin(socket, data)
    if (may || data.silent === true) return
    data.silent = true
    void socket.leave(liveRoom)
  }

  /** Asks whether each of an actor's open sockets still has a right to be. */
  const review = async (actorId: string): Promise<void> => {
    for (const socket of socketsOf(actorId)) {
      const principal = principalOf(socket)
      const reason = principal && (await actors.endOf(knex, principal))
      if (reason !== undefined) endSocket(socket, reason)
      else await attend(socket)
    }
  }

  const reviewAll = (entries: readonly Entry[]): void => {
    const changed = new Set(entries.filter((entry) => (entry.resource === app.authority.actor || entry.resource === rightsTopic) && byActor.has(entry.id)).map((entry) => entry.id))
    for (const actorId of changed) {
      review(actorId).catch((error: unknown) => {
        log.warn({ err: error }, 'the sessions of a changed actor could not be reviewed; his sockets are closed')
        for (const socket of socketsOf(actorId)) socket.conn.close()
      })
    }
  }

  // What is tracked and no resource, settings among it, may decide who hears. Its owner reads it anew first: looked at twice.
  let looks = 0

  // Cut off from the database, this node can no longer know whose right has ended: its clients must go elsewhere.
  const watch = setInterval(() => {
    if (feed.silence() > times.cutOff) for (const socket of main.sockets.values()) socket.conn.close()
    if (looks === 0) return
    looks -= 1
    for (const socket of main.sockets.values()) attend(socket).catch(() => socket.conn.close())
  }, times.watch)
  const head = setInterval(() => main.to(liveRoom).emit('feed-head', { pos: feed.pos }), settings.FEED_HEAD_INTERVAL * 1000)

  return {
    broadcast(entries) {
      const events = heard(entries, broadcasts)
      for (const entry of events) main.to(liveRoom).emit(...changeEvent(entry, broadcasts))
      if (events.length > 0) head.refresh()
      reviewAll(entries)
      if (entries.some(({ resource }) => broadcasts.has(resource) && !resources.has(resource))) looks = 2
    },
    async stop() {
      clearInterval(watch)
      clearInterval(head)
      main.emit('server-stopping')
      // Closing the transport, not the namespace, lets every standard client come back.
      for (const socket of [...main.sockets.values(), ...lobby.sockets.values()]) socket.conn.close()
      await io.close()
    },
  }
}
