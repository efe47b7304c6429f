// Servers of the app of app.ts with the plugins `config` and `probe`, alone or several on one database, and people to ask them.
import { app } from '../../app.ts'
import { startServer, type Server } from '../../core/boot/server.ts'
import { defineApp, type AnyPlugin } from '../../core/define/index.ts'
import { config } from '../../plugins/config/index.ts'
import { openListener, type Listener } from '../../testing/contract/listener.ts'
import { openPeople, type People } from '../../testing/contract/people.ts'
import { httpDoor, socketDoor, success, type Door, type Reply, type Row } from '../../testing/contract/transport.ts'
import { recordingLog, type Recorded } from '../kit/server.ts'
import { onAnyDatabase, type Kind } from '../kit/databases.ts'
import { cleanUp, freshEnvironment } from '../kit/place.ts'
import { probe } from './probe.ts'
import { witness } from './witness.ts'

/** Milliseconds that a start may take on a busy machine. */
export const patience = 120_000

const others: readonly AnyPlugin[] = app.plugins.filter((plugin: AnyPlugin) => plugin.name !== config.name)
const withPlugins = (...plugins: readonly AnyPlugin[]) =>
  defineApp({ ...app, plugins: [...plugins, ...others], migrations: new URL('../../resources/migrations/', import.meta.url) })

export const apps = { whole: withPlugins(config, probe, witness), unplugged: withPlugins(probe), withoutProbe: withPlugins(config) }

export interface Node {
  readonly server: Server
  readonly log: Recorded
  readonly doors: { readonly http: Door; readonly socket: Door }
  stop(): Promise<void>
}

export interface Place {
  /** Starts one more server on this place's database. */
  start(which?: keyof typeof apps): Promise<Node>
  /** Stops what still runs and takes the database away. */
  close(): Promise<void>
}

/** An empty database for servers. */
export const openPlace = async (kind: Kind): Promise<Place> => {
  const environment = await freshEnvironment(kind)
  const running = new Set<Node>()
  return {
    async start(which = 'whole') {
      const log = recordingLog()
      const server = await startServer(apps[which], { environment, log, print: () => undefined, interactive: false })
      const doors = { http: httpDoor(server.url), socket: socketDoor(server.url) }
      const node: Node = {
        server, log, doors,
        async stop() {
          if (!running.delete(node)) return
          doors.socket.close()
          await server.stop()
        },
      }
      running.add(node)
      return node
    },
    async close() {
      for (const node of running) await node.stop()
      await cleanUp()
    },
  }
}

export interface World extends Node {
  readonly kind: Kind
  readonly people: People
  readonly listener: Listener
  /** Asks as the administrator over HTTP. */
  ask(event: string, payload: Row): Promise<Reply>
  /** The same, and insists on success. */
  ok(event: string, payload?: Row): Promise<Row>
}

/** The same tests on each database, with a server that they share: keys need names of their own. */
export const onServer = (title: string, define: (world: () => World) => void): void => onAnyDatabase(title, (kind) => {
  let place: Place | undefined
  let world: World | undefined

  before(async function () {
    this.timeout(patience)
    place = await openPlace(kind)
    const node = await place.start()
    const people = await openPeople(node.doors.http)
    const ask = (event: string, payload: Row): Promise<Reply> => node.doors.http.ask(people.admin, event, payload)
    const ok = async (event: string, payload: Row = {}): Promise<Row> => success(await ask(event, payload), event)
    world = { ...node, kind, people, listener: await openListener(node.server, people.admin), ask, ok }
  })

  after(async function () {
    this.timeout(patience)
    world?.listener.close()
    await place?.close()
  })

  define(() => {
    if (!world) throw new Error('The server has not started')
    return world
  })
})
