// Nodes of an app with jobs: servers in this process on one database, each with a plugin whose jobs the test writes.
import { setTimeout as sleep } from 'node:timers/promises'
import { object, string } from 'yup'
import { startServer, type Server } from '../../core/boot/server.ts'
import { definePlugin, operation } from '../../core/define/index.ts'
import type { App, Call, Provided } from '../../core/define/index.ts'
import { jobs as jobsPlugin, type Jobs } from '../../plugins/jobs/index.ts'
import { appWith, recordingLog, type Environment, type Recorded } from '../kit/server.ts'
import type { Kind } from '../kit/databases.ts'
import { cleanUp, freshEnvironment } from '../kit/place.ts'

export interface JobRow {
  readonly name: string
  readonly id: string
  readonly attempts: number
  readonly locked: boolean
  readonly failed: boolean
  readonly due: boolean
  readonly last_error: string | null
}

export interface Node {
  readonly server: Server
  readonly jobs: Jobs
  readonly log: Recorded
  /** The rows of the queue but for those of the plugin itself, oldest first. */
  rows(): Promise<JobRow[]>
}

/** An app whose plugin `errand` provides jobs. `errand-run` is a public operation that queues the job `errand`. */
export const errandApp = (provides: readonly Provided[], onSetup?: (jobs: Jobs) => void): App => appWith(jobsPlugin, definePlugin({
  name: 'errand',
  requires: { jobs: jobsPlugin },
  setup({ use }) {
    onSetup?.(use.jobs)
    return {
      provides,
      operations: [operation({
        event: 'errand-run', kind: 'mutation', access: 'public', input: object({ note: string().required() }),
        output: object({ id: string().required() }),
        async handle(call) {
          const id = await use.jobs.enqueue(call, 'errand', { note: call.input.note })
          if (call.input.note === 'fail') throw new Error('the operation fails after it has queued')
          return { id }
        },
      })],
    }
  },
}))

export const startNode = async (app: App, environment: Environment, jobs: () => Jobs | undefined): Promise<Node> => {
  const log = recordingLog()
  const server = await startServer(app, { environment, log, print: () => undefined, interactive: false })
  const found = jobs()
  if (!found) throw new Error('the plugin was not set up')
  const { knex } = server.database
  return {
    server, log, jobs: found,
    async rows() {
      const rows: JobRow[] = await knex('jobs').whereNot('name', 'like', 'jobs.%').orderBy('created_at').orderBy('id')
        .select('name', 'id', 'attempts', 'last_error', knex.raw('locked_until is not null as locked'), knex.raw('failed_at is not null as failed'),
          knex.raw('run_at <= now() as due'))
      return rows
    },
  }
}

/** Nodes that start together; `stop` is for `afterEach`. */
export class Cluster {
  readonly nodes: Node[] = []
  readonly #kind: Kind
  readonly #extra: Environment
  #environment: Promise<Environment> | undefined

  constructor(kind: Kind, extra: Environment = {}) {
    this.#kind = kind
    this.#extra = extra
  }

  environment(): Promise<Environment> {
    this.#environment ??= freshEnvironment(this.#kind).then((fresh) => ({ ...fresh, ...this.#extra }))
    return this.#environment
  }

  async start(provides: readonly Provided[], count = 1): Promise<Node[]> {
    const environment = await this.environment()
    const first = this.nodes.length
    const started = Array.from({ length: count }, async () => {
      let found: Jobs | undefined
      const app = errandApp(provides, (jobs) => void (found = jobs))
      return startNode(app, environment, () => found)
    })
    this.nodes.push(...await Promise.all(started))
    return this.nodes.slice(first)
  }

  async one(...provides: readonly Provided[]): Promise<Node> {
    const [node] = await this.start(provides)
    if (!node) throw new Error('no node has started')
    return node
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.splice(0).map(({ server }) => server.stop()))
    await cleanUp()
  }
}

/** Queues a job in a transaction of its own. */
export const queue = (
  node: Node, ...[name, payload, options]: Parameters<Jobs['enqueue']> extends [unknown, ...infer Rest] ? Rest : never
): Promise<string> =>
  node.server.run((call: Call) => node.jobs.enqueue(call, name, payload, options))

/** Waits until something holds; the test's own time-out ends it. */
export const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await sleep(10)
}

/** POSTs an operation; answers status and body. */
export const post = async (server: Server, event: string, payload: object): Promise<{ status: number; body: unknown }> => {
  const response = await fetch(`${server.url}/api/${event}`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(payload),
  })
  return { status: response.status, body: await response.json() }
}
