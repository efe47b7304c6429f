// The contract suite as projects call it: for the resources of their own app, on a server of its own.
import type { AnyResource } from '../../core/define/resource.ts'
import { department, group, permission, role, site, user } from '../../resources/index.ts'
import { readyOf } from '../project.ts'
import type { Kind } from '../ready.ts'
import { compiled, startOn, type AnyApp, type Environment } from '../server.ts'
import type { People } from './people.ts'
import { playContract } from './suite.ts'
import type { Door } from './transport.ts'

export interface ContractOptions {
  /** Further variables of the server. */
  readonly environment?: Environment
  /** Names of resources; without it, all that the app has of its own: neither those of `sovrane/resources` nor those of its plugins. */
  readonly resources?: readonly string[]
  /** Without it, both. */
  readonly doors?: readonly Door['name'][]
  /** How accounts are made and logged in, where the app does it in a way of its own. */
  readonly people?: (door: Door) => Promise<People>
}

/** Definitions that come with the package have this suite behind them. */
const packaged = new Set<AnyResource>([department, group, permission, role, site, user])

/**
 * Defines, for each resource of an app, the tests that follow from its definition: every event over both doors, as a client sees it.
 * Called within a suite, or at the top of a file.
 * @throws BootError when the app is wrong; Error when it has no such resource
 */
export const contractSuite = (app: AnyApp, kind: Kind = 'embedded', options: ContractOptions = {}): void => {
  const { environment = {}, doors = ['socket', 'http'], people } = options
  const names = options.resources ?? app.resources.filter((resource) => !packaged.has(resource)).map((resource) => resource.name)
  const { resources } = compiled(app, environment)
  const unknown = names.find((name) => !resources.has(name))
  if (unknown !== undefined) throw new Error(`The app has no resource "${unknown}"; it has ${[...resources.keys()].join(', ')}`)
  if (names.length === 0) return
  playContract({
    app, environment, people,
    isChosen: ({ name }, door) => names.includes(name) && doors.includes(door),
    start: () => startOn({ ready: readyOf(app, environment), kind }, app, { JOB_SCHEDULES: 'none', ...environment }),
    stop: (running) => running.stop(),
  })
}
