// Checks of a definition that has only some of the generic events: rows are made by its plugin, whose own tests make them.
import { expect } from 'chai'
import { it } from '../../runner.ts'
import type { Resource } from '../../../core/model/resource.ts'
import type { Action } from '../../../core/define/index.ts'
import { changesNothing } from '../expected.ts'
import { refusal, success } from '../transport.ts'
import { allRows, ask, idsInTable, type Later } from '../world.ts'

const suffix: Readonly<Record<Action, string>> = { list: 'list-request', get: 'get', create: 'create', update: 'update', delete: 'delete' }

export const partialChecks = (later: Later, resource: Resource): void => {
  const { name, keys, events } = resource
  const eventOf = (action: Action): string => `${name}-${suffix[action]}`
  const ours = (event: string): boolean => later().server.assembly.operations.get(event)?.owner === name

  it('answers unknown_event for the generic events that it leaves out, unless a plugin has them', async () => {
    const world = later()
    for (const action of ['list', 'get', 'create', 'update', 'delete'] as const) {
      const event = eventOf(action)
      expect(ours(event), event).to.equal(events.has(action))
      if (!world.server.assembly.operations.has(event)) refusal(await ask(world, event, {}), 'unknown_event', event)
    }
  })

  it('forbids what it has to who holds no key, and refuses unknown fields', async () => {
    const world = later()
    const nobody = await world.people.holding()
    await changesNothing(world, async () => {
      for (const action of events) {
        const event = eventOf(action)
        refusal(await ask(world, event, { nonsense: 1 }), 'invalid_payload', event)
        if (action !== 'list') continue
        expect(refusal(await world.door.ask(nobody, event, {}), 'forbidden', event).details).to.deep.equal({ permission: keys.list })
      }
    })
  })

  if (events.has('list')) {
    it('lists every row once, with an exact total, to who holds the key', async () => {
      const world = later()
      const ids = await idsInTable(world, resource)
      expect((await allRows(world, resource)).map((row) => row['id'])).to.deep.equal(ids)
      const person = await world.people.holding({ key: keys.list })
      expect(success(await world.door.ask(person, eventOf('list'), {}), 'list')).to.include({ total: ids.length })
    })
  }
}
