// The rights oracle as projects call it: for their own app, on a server of its own.
import { readyOf } from '../project.ts'
import type { Kind } from '../ready.ts'
import { compiled, startOn, type AnyApp, type Environment } from '../server.ts'
import { resources } from './keys.ts'
import { judged } from './player.ts'
import type { OracleOptions } from './settings.ts'
import { mfa } from './shape.ts'
import { playOracle } from './suite.ts'

export interface RightsOptions extends OracleOptions {
  /** Further variables of the server. */
  readonly environment?: Environment
}

/**
 * Defines tests that play random organisations on the app, over both doors: each answer to random people with random rights is compared
 * with a model of the rights to users, roles, permissions, groups, departments and sites. Called within a suite, or at the top of a file.
 * @throws BootError when the app is wrong; Error when it lacks an event that is played
 */
export const rightsOracle = (app: AnyApp, kind: Kind = 'embedded', { environment = {}, ...options }: RightsOptions = {}): void => {
  const { operations, resources: definitions } = compiled(app, environment)
  const missing = judged.find((event) => !operations.has(event))
  if (missing !== undefined)
    throw new Error(`The app has no event "${missing}": the rights oracle plays the resources of sovrane/resources, with auth, mfa and invitations`)
  const further = Object.fromEntries(resources.map((name) => [
    name, [...definitions.get(name)?.fields.values() ?? []].filter((field) => field.source !== 'none' && !mfa.includes(field.name))
      .map((field) => field.name),
  ]))
  playOracle(kind, {
    further,
    async open() {
      const running = await startOn({ ready: readyOf(app, environment), kind }, app, { JOB_SCHEDULES: 'none', ...environment })
      return { url: running.server.url, stop: running.stop }
    },
  }, options)
}
