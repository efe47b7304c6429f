// A running server: database, migrations, feed, plugins and doors, started in order and stopped in reverse.
import { createServer, type Server as HttpServer } from 'node:http'
import type { Noted } from '../call/noted.ts'
import { createCache } from '../call/cache.ts'
import { createDispatcher, type Dispatcher } from '../call/dispatcher.ts'
import type { Entry } from '../change/entry.ts'
import { resetTopic, rightsTopic } from '../define/topics.ts'
import { startNode, type FeedNode } from '../change/node.ts'
import { startRetention } from './retention.ts'
import { openDatabase, type Database } from '../db/database.ts'
import { migrateLatest } from '../db/migrate.ts'
import type { App } from '../define/app.ts'
import type { Log, Runtime } from '../define/plugin.ts'
import { guardDoor } from '../transport/door.ts'
import type { Engine } from '../transport/engine.ts'
import { attachHttp } from '../transport/http.ts'
import { createLimits } from '../transport/limits.ts'
import { originCheck } from '../transport/origin.ts'
import { attachSockets, type Sockets } from '../transport/socket.ts'
import { assemble, type Assembly } from './assemble.ts'
import { describe } from './describe.ts'
import type { Environment } from './environment.ts'
import { listenOn, tryPort } from './port.ts'
import { compareTables, orderFault } from './tables.ts'

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
  /** Runs a task in a transaction of its own and in no one's name. */
  readonly run: Dispatcher['run']
  readonly watch: Dispatcher['watch']
  /** Stops accepting, answers what is under way, closes everything. */
  stop(): Promise<void>
}

/** Milliseconds in which what is under way is still answered. */
const drainPatience = 5000
/** Milliseconds that one start or stop of a plugin may take. */
const patience = 60_000

const withPatience = async (what: string, task: Promise<void> | undefined): Promise<void> => {
  if (!task) return
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${patience / 1000} s`)), patience)
  })
  await Promise.race([task, late]).finally(() => clearTimeout(timer))
}

/** A plugin's start; what goes wrong in it is told with its name. */
const startPlugin = async ({ plugin, contribution }: Assembly['contributors'][number], runtime: Runtime): Promise<void> => {
  try {
    await withPatience('it', contribution.start?.(runtime))
  } catch (error) {
    throw new Error(
      `The plugin "${plugin.name}" could not start: ${error instanceof Error ? error.message : String(error)}`, { cause: error },
    )
  }
}

/** Milliseconds that a command's transaction may think: it loads and hashes within it, and keeps no client waiting. */
const commandIdle = 60_000

const connect = ({ variables }: Assembly, isCommand: boolean): Promise<Database> =>
  openDatabase({
    ...(isCommand ? { idleInTransaction: commandIdle } : {}),
    ...(variables.DATABASE_URL === undefined ? {} : { databaseUrl: variables.DATABASE_URL }),
    dataDir: variables.DATA_DIR,
    poolMax: variables.DATABASE_POOL_SIZE,
    statementTimeout: variables.DATABASE_STATEMENT_TIMEOUT,
    acquireTimeout: variables.DATABASE_ACQUIRE_TIMEOUT,
  })

/** Milliseconds: what a node has not heard for so long may have changed, and is read from the database. */
const longestLag = 2000

/**
 * Starts an app.
 * @throws BootError when the app or its environment is wrong; Error when the database cannot be opened
 */
export const startServer = async (app: App, options: ServerOptions): Promise<Server> => {
  const assembly = assemble(app, options.environment, options.log)
  if (options.listen !== false) await tryPort(assembly.variables)
  const database = await connect(assembly, options.listen === false)
  // What was started is stopped in reverse, whether the server ran or did not come up.
  const closers: (() => unknown)[] = [() => database.close()]
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).toReversed()) await close()
  }
  try {
    return { ...(await run(assembly, database, { ...options, closers })), stop }
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

const run = async (
  assembly: Assembly, database: Database,
  { log, print, interactive, listen = true, closers }: ServerOptions & { readonly closers: (() => unknown)[] },
): Promise<Omit<Server, 'stop'>> => {
  const { app, variables, resources, operations, actors, contributors } = assembly
  const { knex, upkeep } = database
  log.debug({ operations: describe(operations, resources) }, 'who touches what')
  const applied = await migrateLatest(database, app.migrations)
  if (applied.length > 0) log.info({ migrations: applied }, 'the database was migrated')
  const disorder = await orderFault(knex)
  if (disorder !== undefined) log.warn({}, disorder)
  const { slow, told } = await compareTables(knex, assembly)
  for (const index of slow) log.warn({ index }, 'an index is missing: slower, never wrong')
  await app.authority.register(knex, assembly.permissionKeys)

  const parts: { node?: FeedNode; sockets?: Sockets } = {}
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
  const cache = createCache({
    rows: variables.CACHE_ROWS, isTold: (resource) => told.has(resource), isHearing: () => (parts.node?.lag() ?? Infinity) < longestLag,
  })
  const dispatcher = createDispatcher({
    cache, operations, resources, actors, knex, log, idempotency: assembly.idempotency, cursors: assembly.cursors, root: app.authority.root,
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
    database: database.kind, log, print, interactive, run: (task) => dispatcher.run(task),
  }

  const limits = createLimits(variables.RATE_LIMIT_EVENTS)
  const http = createServer()
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
    onTell: async (entries, advance) => {
      if (parts.sockets) await parts.sockets.tell(entries, advance)
      else advance(entries.at(-1)?.pos ?? 0)
    },
  })
  closers.push(() => node.stop())
  const engine: Engine = {
    dispatcher, operations, resources, actors, authenticator: assembly.authenticator, root: app.authority.root,
    broadcasts: assembly.broadcasts,
    knex, upkeep, log, limits, trustedProxies: variables.TRUST_PROXY, messageSize: variables.MESSAGE_SIZE,
    headInterval: variables.FEED_HEAD_INTERVAL,
    async mayListen(db, principal) {
      for (const { contribution } of contributors) if ((await contribution.mayListen?.(db, principal)) === false) return false
      return true
    },
  }
  attachHttp(http, engine, () => node.isReady())
  parts.node = node
  const sockets = attachSockets(http, engine, node)
  parts.sockets = sockets
  const origins = originCheck({ list: variables.CORS_ORIGIN, publicUrl: variables.PUBLIC_URL, host: variables.HOST })
  guardDoor(http, { origins, log, keepAlive: variables.HTTP_KEEP_ALIVE })
  // Plugins outlive the doors: what came in is still answered.
  const doors = async (): Promise<void> => {
    await dispatcher.drain(drainPatience)
    await sockets.stop()
    http.closeAllConnections()
    if (http.listening) await new Promise((resolve) => http.close(resolve))
  }
  // Should a plugin not start, the doors' timers must end too; once they all have, the doors are closed first of all.
  closers.push(() => sockets.stop())
  closers.push(startRetention(upkeep, variables.FEED_RETENTION, log))
  for (const contributor of contributors) {
    closers.push(() => withPatience(`the end of the plugin "${contributor.plugin.name}"`, contributor.contribution.stop?.()))
    await startPlugin(contributor, runtime)
  }
  closers.push(doors)

  return {
    url: listen ? await open(http, variables) : '',
    database,
    assembly,
    run: (task) => dispatcher.run(task),
    watch: (listener) => dispatcher.watch(listener),
  }
}
