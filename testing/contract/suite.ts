// The contract suite over an app's definitions: every event of each, over both doors, as a client sees it.
import { expect } from 'chai'
import type { Resource } from '../../core/model/resource.ts'
import { describedApp } from '../described.ts'
import { expectWhole } from '../reply-faults.ts'
import { after, before, describe, it } from '../runner.ts'
import { compiled, type AnyApp, type Environment, type RunningApp } from '../server.ts'
import { commonChecks } from './checks/common-rules.ts'
import { fieldChecks } from './checks/fields.ts'
import { filterChecks } from './checks/filters.ts'
import { includeChecks } from './checks/includes.ts'
import { listChecks } from './checks/lists.ts'
import { partialChecks } from './checks/partial.ts'
import { relationChecks } from './checks/relations.ts'
import { rightsChecks } from './checks/rights.ts'
import { rowChecks } from './checks/rows.ts'
import { severalChecks } from './checks/several.ts'
import { describedDoor } from './described-door.ts'
import { openListener, type Listener } from './listener.ts'
import { openPeople, type People } from './people.ts'
import { httpDoor, socketDoor, type Door } from './transport.ts'
import type { World } from './world.ts'

const checks = [listChecks, filterChecks, includeChecks, rowChecks, fieldChecks, relationChecks, commonChecks, rightsChecks, severalChecks]

/** A door each of whose replies is what its event says that it answers. */
const whole = (door: Door, app: RunningApp['server']['assembly']): Door => ({
  ...door,
  async ask(person, event, payload) {
    const reply = await door.ask(person, event, payload)
    if (reply.ok) expectWhole(app, event, reply.data)
    return reply
  },
})

/** Which resources are checked over which door. */
export type Choice = (resource: Resource, door: Door['name']) => boolean

export interface Played {
  readonly app: AnyApp
  readonly environment?: Environment | undefined
  readonly isChosen: Choice
  /** Starts the server of the suite, whose schedules do not run: they would change rows under the checks. */
  readonly start: () => Promise<RunningApp>
  /** After the tests; without it the server runs on. */
  readonly stop?: (running: RunningApp) => Promise<void>
  /** How accounts are made and logged in, where the app does it in a way of its own. */
  readonly people?: ((door: Door) => Promise<People>) | undefined
}

/** Defines the suite. */
export const playContract = ({ app, environment, isChosen, start, stop, people: peopleOf = openPeople }: Played): void => {
  let running: RunningApp | undefined
  let people: People | undefined
  let listener: Listener | undefined

  before(async () => {
    running = await start()
    people = await peopleOf(httpDoor(running.server.url))
    listener = await openListener(running.server, people.admin)
  })

  after(async () => {
    listener?.close()
    if (running) await stop?.(running)
  })

  const assembly = compiled(app, environment)
  const described = describedApp(assembly)

  for (const open of [socketDoor, httpDoor]) {
    const name = open === socketDoor ? 'socket' : 'http'
    const chosen = [...assembly.resources.values()].filter((resource) => isChosen(resource, name))
    if (chosen.length === 0) continue
    describe(open === socketDoor ? 'over Socket.IO' : 'over HTTP', () => {
      let door: Door | undefined
      let world: World | undefined

      before(() => {
        if (!running || !people || !listener) throw new Error('The app has not started')
        const { server } = running
        door = whole(describedDoor(open(server.url), described), server.assembly)
        world = { server, resources: server.assembly.resources, door, admin: people.admin, people, listener }
      })

      after(() => door?.close())

      const later = (): World => {
        if (!world) throw new Error('The app has not started')
        return world
      }

      for (const resource of chosen) {
        describe(resource.name, () => {
          for (const check of resource.events.size === 5 ? checks : [partialChecks]) check(later, resource)
        })
      }

      // A suite's own tests run before those of its parts: this one is to be the last.
      describe('afterwards', () => {
        it('each request had exactly one reply, and no one was sent what they had not asked for', () => {
          expect(door?.strays()).to.deep.equal([])
        })

        it('what was told is what the feed holds, in its order', async () => {
          const { server } = later()
          const feed: { pos: number; resource: string; id: string; version: number }[] =
            await server.database.knex('feed').select('pos', 'resource', 'id', 'version').orderBy('pos')
          const byPos = new Map(feed.map((entry) => [entry.pos, `${entry.resource}-changed ${entry.id} ${entry.version}`]))
          const heard = listener?.heard ?? []
          expect(heard.map(({ pos }) => pos)).to.deep.equal([...new Set(heard.map(({ pos }) => pos))].toSorted((a, b) => a - b))
          for (const { event, id, pos, payload } of heard) expect(`${event} ${id} ${String(payload['version'])}`).to.equal(byPos.get(pos))
        })

        it('no request was answered with internal', () => {
          expect(running?.log.lines.filter(({ level }) => level === 'error')).to.deep.equal([])
        })
      })
    })
  }
}
