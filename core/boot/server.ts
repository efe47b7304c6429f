// A running server: database, migrations, feed, plugins and doors, started in order and stopped in reverse.
import type { Server as HttpServer } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import type { Noted } from '../call/noted.ts'
import { logAnswered } from '../call/answered.ts'
import type { CallTracing } from '../call/call.ts'
import { createCache } from '../call/cache.ts'
import { createDispatcher, type Dispatcher } from '../call/dispatcher.ts'
import { allowedOn } from '../crud/allowed.ts'
import { explain } from '../crud/explain.ts'
import { holdings } from '../crud/holdings.ts'
import type { Entry } from '../change/entry.ts'
import { resetTopic, rightsTopic } from '../define/topics.ts'
import { startNode, type FeedNode } from '../change/node.ts'
import { startRetention } from './retention.ts'
import type { OnStatement } from '../db/connection.ts'
import { openDatabase, type Database } from '../db/database.ts'
import { roomIn } from '../db/room.ts'
import { migrateLatest } from '../db/migrate.ts'
import type { App } from '../define/app.ts'
import type { Log, Runtime } from '../define/plugin.ts'
import { guardDoor } from '../transport/door.ts'
import type { Engine } from '../transport/engine.ts'
import { attachHttp } from '../transport/http.ts'
import { createLimits } from '../transport/limits.ts'
import { createListener } from '../transport/listener.ts'
import { metricsPage, metricsPath, metricsServer } from '../transport/metrics.ts'
import { originCheck } from '../transport/origin.ts'
import { attachSockets, type Sockets } from '../transport/socket.ts'
import { assemble, type Assembly } from './assemble.ts'
import { describe } from '../describe/chain.ts'
import type { Description } from '../define/description.ts'
import { describeApp } from '../describe/description.ts'
import type { Environment } from './environment.ts'
import { createFigures, type Figures } from './figures.ts'
import { drainPatience, endAll, startPlugin, stopPlugin } from './life.ts'
import { createMetrics, readingsOf } from './metrics.ts'
import { listenOn, tryPort } from './port.ts'
import { compareTables, judge, orderFault, refusingUnfit } from './tables.ts'

export interface ServerOptions {
  readonly environment: Environment
  readonly log: Log
  /** Writes for the person at the terminal. */
  readonly print: (line: string) => void
  /** Whether there is one. */
  readonly interactive: boolean
  /** False: the engine without its doors, for commands. */
  readonly listen?: boolean
}

export interface Server {
  readonly url: string
  readonly database: Pick<Database, 'kind' | 'description' | 'knex'>
  readonly assembly: Assembly
  /** What this node keeps of the feed. */
  readonly feed: Pick<FeedNode, 'pos' | 'ring' | 'recall' | 'forget'>
  /** Runs a task in a transaction of its own and in no one's name. */
  readonly run: Dispatcher['run']
  readonly act: Dispatcher['act']
  readonly watch: Dispatcher['watch']
  /** Stops accepting, answers what is under way, closes everything. */
  stop(): Promise<void>
}

/** Milliseconds that a command's transaction may think: it loads and hashes within it, and keeps no client waiting. */
const commandIdle = 60_000

/** Milliseconds. */
const embeddedWait = 5000

const connect = ({ variables }: Assembly, isCommand: boolean, onStatement: OnStatement): Promise<Database> =>
  openDatabase({
    onStatement,
    ...(isCommand ? { idleInTransaction: commandIdle } : {}),
    ...(variables.DATABASE_URL === undefined ? {} : { databaseUrl: variables.DATABASE_URL }),
    dataDir: variables.DATA_DIR,
    poolMax: variables.DATABASE_POOL_SIZE,
    statementTimeout: variables.DATABASE_STATEMENT_TIMEOUT,
    // The embedded database has one connection: waiting for it says little of the load.
    acquireTimeout: variables.DATABASE_URL === undefined ? embeddedWait : variables.DATABASE_ACQUIRE_TIMEOUT,
  })

/** Milliseconds: what a node has not heard for so long may have changed, and is read from the database. */
const longestLag = 2000

/**
 * Starts an app.
 * @throws BootError when the app or its environment is wrong; Error when the database cannot be opened
 */
export const startServer = async (app: App, options: ServerOptions): Promise<Server> => {
  const assembly = assemble(app, options.environment, options.log)
  const { variables: { HOST, METRICS_PORT } } = assembly
  if (options.listen !== false) await tryPort(assembly.variables)
  if (options.listen !== false && METRICS_PORT !== undefined) await tryPort({ HOST, PORT: METRICS_PORT, named: 'METRICS_PORT' })
  const statements = { requests: 0, upkeep: 0 }
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: service } = assembly.variables
  // Loading it takes time and memory: only for who wants it.
  const tracing = endpoint === undefined ? undefined : (await import('./tracing.ts')).startTracing({ endpoint, service })
  const onStatement: OnStatement = (sql, pool) => {
    statements[pool] += 1
    return tracing?.onStatement(sql, pool)
  }
  const database = await connect(assembly, options.listen === false, onStatement)
  // What was started is stopped in reverse, whether the server ran or did not come up.
  const closers: (() => unknown)[] = [() => tracing?.stop(), () => database.close()]
  const stop = (): Promise<void> => endAll(closers, database)
  try {
    return { ...(await run(assembly, database, { ...options, closers, statements, tracing })), stop }
  } catch (error) {
    await stop().catch((cause: unknown) => options.log.error({ err: cause }, 'what had been started could not be stopped in order'))
    throw error
  }
}

const open = async (http: HttpServer, { HOST, PORT }: Assembly['variables']): Promise<string> => {
  const port = await listenOn(http, { HOST, PORT })
  return `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${port}`
}

/** One plugin's fault is its own: the others' caches are dropped all the same. */
const tellPlugins = (contributors: Assembly['contributors'], entries: readonly Entry[], log: Log): void => {
  for (const { plugin, contribution } of contributors) {
    for (const entry of entries) {
      try {
        if (entry.resource === resetTopic) contribution.onReset?.()
        else contribution.onChange?.(entry)
      } catch (error) {
        log.error({ err: error, plugin: plugin.name, resource: entry.resource }, 'a plugin failed to hear of a change')
      }
    }
  }
}

interface Started {
  readonly closers: (() => unknown)[]
  /** Statements asked, by pool. */
  readonly statements: Readonly<Record<string, number>>
  readonly tracing: CallTracing | undefined
}

const run = async (
  assembly: Assembly, database: Database,
  { log, print, interactive, listen = true, closers, statements, tracing }: ServerOptions & Started,
): Promise<Omit<Server, 'stop'>> => {
  const { app, variables, resources, actors, contributors } = assembly
  const { knex, upkeep } = database
  log.debug({ operations: describe(assembly.operations, resources) }, 'who touches what')
  const applied = await migrateLatest(database, app.migrations)
  if (applied.length > 0) log.info({ migrations: applied }, 'the database was migrated')
  const disorder = await orderFault(knex)
  if (disorder !== undefined) log.warn({}, disorder)
  const { told, ...compared } = await compareTables(knex, assembly)
  const drift = variables.DRIFT ?? (database.kind === 'postgres' ? 'refuse' : 'warn')
  const operations = refusingUnfit(assembly.operations, judge(compared, drift, log))
  await app.authority.register(knex, assembly.permissionKeys)

  const parts: { node?: FeedNode; sockets?: Sockets; figures?: Figures } = {}
  const rightsOf = new Set([app.authority.actor, ...app.authority.watch])
  // Where their rows lie decides which denies reach a grant.
  const placing = new Set([...resources.values()].filter(({ isScope, parent }) => isScope && parent).map(({ name }) => name))
  const forgetRights = (noted: Noted): void => {
    if (noted === 'many') {
      actors.forget()
      return
    }
    for (const { resource, id } of noted) {
      if (resource === app.authority.actor || resource === rightsTopic) actors.forget(id)
      else if (rightsOf.has(resource) || resource === resetTopic) actors.forget()
      if (placing.has(resource) || resource === resetTopic) actors.forgetPlaced()
    }
  }
  const isHearing = (): boolean => (parts.node?.lag() ?? Infinity) < longestLag
  const cache = createCache({
    rows: variables.CACHE_ROWS, isTold: (resource) => told.has(resource), isHearing,
  })
  const metrics = createMetrics(operations)
  const logged = logAnswered(log)
  const requireRoom = roomIn(database, variables.DATABASE_QUEUE_SIZE)
  const dispatcher = createDispatcher({
    requireRoom, isHearing,
    tracing,
    onAnswered: (answered) => {
      metrics.onAnswered(answered)
      logged(answered)
    },
    cache, operations, resources, actors, explain, allowedOn, holdings, knex, upkeep, log,
    keys: assembly.permissionKeys, idempotency: assembly.idempotency, cursors: assembly.cursors, root: app.authority.root,
    actorResource: app.authority.actor,
    onCommit: (noted, answered) => {
      // The next request on this node sees what was written, and read by who wrote it, without waiting for the feed.
      cache.forget(noted)
      if (answered) cache.forget([answered])
      forgetRights(noted)
      if (noted.length > 0) parts.node?.committed()
    },
  })
  const runtime: Runtime = {
    operations: [...operations.values()].map(({ event, owner, kind }) => ({ event, owner, kind })),
    database: database.kind, log, print, interactive, run: (task, how) => dispatcher.run(task, how),
    readings: (names) => readingsOf(parts.figures?.metrics ?? [], names),
  }

  const limits = createLimits(variables.RATE_LIMIT_EVENTS)
  const listener = createListener(variables.HTTP_MAX_CONNECTIONS)
  const http = listener.server
  const node = await startNode({
    knex: upkeep,
    ...(variables.DATABASE_URL === undefined ? {} : { databaseUrl: variables.DATABASE_URL }),
    log,
    rightsTopics: [...rightsOf, rightsTopic, resetTopic],
    onRights: (changes) => {
      const everyone = changes === 'many' || changes.some(({ resource }) => resource !== app.authority.actor && resource !== rightsTopic)
      if (everyone) actors.forget()
      else for (const { id } of changes) actors.forget(id)
      parts.sockets?.review(everyone ? 'all' : changes.map(({ id }) => id))
    },
    onRead: (entries) => {
      cache.forget(entries)
      if (entries.some(({ resource }) => placing.has(resource) || resource === resetTopic)) actors.forgetPlaced()
      tellPlugins(contributors, entries, log)
    },
    onTell: async (entries, advance, more) => {
      if (parts.sockets) await parts.sockets.tell(entries, advance, more)
      else advance(entries.at(-1)?.pos ?? 0)
    },
  })
  closers.push(() => node.stop())
  const engine: Engine = {
    dispatcher, operations, resources, actors, authenticator: assembly.authenticator, root: app.authority.root,
    broadcasts: assembly.broadcasts, interests: assembly.interests,
    bounds: {
      unsent: variables.SOCKET_MAX_UNSENT, requests: variables.SOCKET_MAX_REQUESTS,
      join: variables.SOCKET_JOIN_TIMEOUT * 1000, idle: variables.SOCKET_IDLE_TIMEOUT * 1000,
    },
    requireRoom, knex, upkeep, log, limits, trustedProxies: variables.TRUST_PROXY, messageSize: variables.MESSAGE_SIZE,
    headInterval: variables.FEED_HEAD_INTERVAL,
    async mayListen(db, principal) {
      for (const { contribution } of contributors) if ((await contribution.mayListen?.(db, principal)) === false) return false
      return true
    },
  }
  const { METRICS_PORT, HOST } = variables
  const metricsDoor = { contentType: metrics.contentType, page: metrics.page, isPublic: variables.METRICS === 'public' }
  const described: { value?: Description } = {}
  attachHttp(http, engine, () => node.isReady(), {
    pages: METRICS_PORT === undefined ? { [metricsPath]: metricsPage(metricsDoor) } : {},
    files: contributors.flatMap(({ contribution }) => contribution.files ?? []),
    folders: contributors.flatMap(({ contribution }) => contribution.folders ?? []),
    description: () => (described.value ??= describeApp(assembly)),
  })
  parts.node = node
  const sockets = attachSockets(http, engine, node)
  parts.sockets = sockets
  const figures = createFigures({ database, node, sockets, statements })
  parts.figures = figures
  closers.push(() => figures.stop())
  metrics.add([...figures.metrics, ...contributors.flatMap(({ contribution }) => contribution.metrics ?? [])])
  const origins = originCheck({ list: variables.CORS_ORIGIN, publicUrl: variables.PUBLIC_URL, host: variables.HOST })
  guardDoor(http, { origins, log, times: {
    keepAlive: variables.HTTP_KEEP_ALIVE, headers: variables.HTTP_HEADERS_TIMEOUT, request: variables.HTTP_REQUEST_TIMEOUT,
  } })
  // Plugins outlive the doors: what came in is still answered.
  const doors = async (): Promise<void> => {
    listener.refuse()
    await dispatcher.drain(drainPatience)
    // The last reply is being handed to its client.
    await turn()
    await sockets.stop()
    await listener.end()
  }
  // Should a plugin not start, the doors' timers must end too; once they all have, the doors are closed first of all.
  closers.push(() => sockets.stop())
  closers.push(startRetention({ knex: upkeep, hours: variables.FEED_RETENTION, log, onForgotten: (upto) => node.forget(upto) }))
  for (const contributor of contributors) {
    closers.push(() => stopPlugin(contributor))
    await startPlugin(contributor, runtime)
  }
  closers.push(doors)
  if (listen && METRICS_PORT !== undefined) {
    const own = metricsServer(metricsDoor)
    const port = await listenOn(own, { HOST, PORT: METRICS_PORT, named: 'METRICS_PORT' })
    log.info({ port }, 'metrics are read at a port of their own')
    closers.push(() => {
      own.closeAllConnections()
      return new Promise((resolve) => own.close(resolve))
    })
  }

  return {
    url: listen ? await open(http, variables) : '',
    database,
    assembly,
    feed: node,
    run: (task) => dispatcher.run(task),
    act: (event, payload, by) => dispatcher.act(event, payload, by),
    watch: (listener) => dispatcher.watch(listener),
  }
}
