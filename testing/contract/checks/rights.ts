// Checks of rights: without a key, with a key everywhere, and with a key within a scope; totals are exact under each.
import { expect } from 'chai'
import { it } from '../../runner.ts'
import type { Resource } from '../../../core/model/resource.ts'
import { goodCalls, plainField, readersOf, unspentCalls, type GoodCall } from '../calls.ts'
import { causes, changesNothing, created, deleted, updated } from '../expected.ts'
import type { RuleBuilder } from '../../../core/define/rights.ts'
import type { Grant } from '../people.ts'
import { refusal, success, type Person, type Reply, type Row } from '../transport.ts'
import {
  createRow, idsInTable, isRequiredReference, leastPayload, named, next, someRow, valueFor, type Later, type World,
} from '../world.ts'
import { idsOf } from './lists.ts'

const as = (world: World, person: Person) => (event: string, payload: unknown): Promise<Reply> => world.door.ask(person, event, payload)

/** Every key of a resource and of its relations. */
const allKeys = (resource: Resource): string[] =>
  [...new Set([...Object.values(resource.keys), ...[...resource.relations.values()].map((relation) => relation.key)])]

/** Actions that the definition's own rules may open to anyone: which rows they reach is for the definition's own tests to say. */
const opened = (resource: Resource): Set<string> => {
  const actions = new Set<string>()
  const rules: RuleBuilder = { allow: (action) => void actions.add(action), deny: () => undefined }
  resource.permissions?.(rules, { id: 'no-one', grants: [] })
  return actions
}

/** Whether the definition may ask for more than the key, such as to hold what one gives. */
const asksMore = (world: World, { event }: GoodCall): boolean => {
  const operation = world.server.assembly.operations.get(event)
  return (operation?.hooks.length ?? 0) > 0 || world.resources.get(operation?.resource ?? '')?.guard !== undefined
}

/** Who holds the key, and what reads the row that the call names. */
const holderOf = (world: World, { key, names, otherKey }: GoodCall): Promise<Person> =>
  world.people.holding(...[...new Set([key, ...(otherKey === undefined ? [] : [otherKey]), ...(names ? [names.keys.get] : [])])].map(
    (each): Grant => ({ key: each }),
  ))

/** The ways in which a row can lie in a scope: by naming it in a field, or by being it. */
interface Way {
  readonly title: string
  /** The resource whose rows are the scopes. */
  readonly scope: string
  /** The field that names the scope; undefined: the row is the scope. */
  readonly field: string | undefined
}

const waysOf = (resource: Resource): Way[] => [
  ...(resource.isScope ? [{ title: 'being it', scope: resource.name, field: undefined }] : []),
  ...(resource.isScope && resource.parent ? [
    { title: `its ${resource.parent.name}`, scope: resource.name, field: resource.parent.name },
  ] : []),
  ...resource.scopedBy.map(({ field, target }) => ({ title: `its ${field.name}`, scope: target.name, field: field.name })),
]

/** The scopes of a fresh tree, from the root down; one alone where there is no tree. */
const freshScopes = async (world: World, scope: Resource): Promise<string[]> => {
  const ids = [String((await createRow(world, scope))['id'])]
  if (scope.parent) ids.push(String((await createRow(world, scope, { [scope.parent.name]: ids[0] }))['id']))
  return ids
}

const scopeChecks = (later: Later, resource: Resource, way: Way): void => {
  const { name, keys } = resource
  const { field } = way

  it(`reaches exactly the rows of a scope by ${way.title}`, async () => {
    const world = later()
    const scopes = await freshScopes(world, named(world, way.scope))
    const [scopeId = ''] = scopes
    const inside = new Set(resource.isScope && way.scope === name ? scopes : [])
    if (field !== undefined) for (const scope of scopes) inside.add(String((await createRow(world, resource, { [field]: scope }))['id']))
    const outside = String((await createRow(world, resource))['id'])
    const readers = readersOf(resource).filter((key) => !allKeys(resource).includes(key)).map((key): Grant => ({ key }))
    const person = await world.people.holding(...allKeys(resource).map((key): Grant => ({ key, scopeId })), ...readers)
    const ask = as(world, person)

    const list = success(await ask(`${name}-list-request`, { limit: 100 }), 'list')
    if (opened(resource).has('list')) expect(idsOf(list['items'])).to.include.members([...inside])
    else {
      expect(idsOf(list['items'])).to.have.members([...inside])
      expect(list['total']).to.equal(inside.size)
    }
    const change = async (): Promise<Row> => ({ [plainField(resource)]: await valueFor(world, resource, plainField(resource), next()) })
    for (const id of inside) {
      const row = success(await ask(`${name}-get`, { id }), 'get')
      const payload = { id, ...(await change()) }
      await causes(world, async () => success(await ask(`${name}-update`, payload), 'update'), (after) =>
        updated(world, resource, row, after))
    }
    await changesNothing(world, async () => {
      refusal(await ask(`${name}-get`, { id: outside }), 'not_found', 'get outside')
      refusal(await ask(`${name}-update`, { id: outside, ...(await change()) }), 'not_found', 'update outside')
      refusal(await ask(`${name}-delete`, { id: outside }), 'not_found', 'delete outside')
      const { details } = refusal(await ask(`${name}-create`, await leastPayload(world, resource)), 'forbidden', 'create outside')
      expect(details).to.deep.equal({ permission: keys.create })
    })
    if (field === undefined) return
    const payload = { ...(await leastPayload(world, resource)), [field]: scopes.at(-1) }
    const row = await causes(world, async () => success(await ask(`${name}-create`, payload), 'create inside'), (result) =>
      created(world, resource, result))
    const elsewhere = String((await createRow(world, named(world, way.scope)))['id'])
    await changesNothing(world, async () => {
      for (const value of [null, elsewhere]) {
        // Within a tree what is elsewhere cannot be read, and so cannot be named.
        const code = value !== null && way.scope === name ? 'invalid_payload' : 'forbidden'
        refusal(await ask(`${name}-update`, { id: row['id'], [field]: value }), code, `move out to ${String(value)}`)
      }
    })
    await causes(world, async () => success(await ask(`${name}-delete`, { id: row['id'] }), 'delete inside'), () =>
      deleted(world, resource, row))
  })

  it(`forbids to change what is only read: a row outside the scope by ${way.title}`, async () => {
    const world = later()
    const [scopeId = ''] = await freshScopes(world, named(world, way.scope))
    const person = await world.people.holding({ key: keys.get }, { key: keys.list }, { key: keys.update, scopeId }, {
      key: keys.delete, scopeId,
    })
    const row = await createRow(world, resource)
    const { id } = row
    const field = plainField(resource)
    const payload = { id, [field]: await valueFor(world, resource, field, next()) }
    await changesNothing(world, async () => {
      for (const [event, key, sent] of [['update', keys.update, payload], ['delete', keys.delete, { id }]] as const) {
        const { details } = refusal(await as(world, person)(`${name}-${event}`, sent), 'forbidden', event)
        expect(details).to.deep.equal({ permission: key })
      }
    })
    const seen = Object.fromEntries(Object.entries(row).filter(([key]) => resource.fields.get(key)?.readKey === undefined))
    expect(success(await as(world, person)(`${name}-get`, { id }), 'get')).to.deep.equal(seen)
  })
}

/** What a row must name, its author must be able to read, or nothing could be made at all. */
function readsOfRequired(resource: Resource): Grant[] {
  const targets = [...resource.relations.values()].filter((relation) =>
    relation.kind === 'one' && isRequiredReference(resource, relation.field))
  return [...new Set(targets.map((relation) => relation.target.keys.get))].map((key) => ({ key }))
}

export const rightsChecks = (later: Later, resource: Resource): void => {
  const { name, keys } = resource

  it('forbids every event to who holds no key, naming the key that it needs, whatever the id', async () => {
    const world = later()
    const calls = await unspentCalls(world, resource)
    const nobody = await world.people.holding()
    await changesNothing(world, async () => {
      for (const { event, payload, key, addressed, action } of calls) {
        for (const sent of [payload, ...(addressed ? [{ ...payload, id: 'no-such-row' }] : [])]) {
          const reply = await as(world, nobody)(event, sent)
          if (reply.ok && action !== undefined && opened(resource).has(action)) continue
          const { details } = refusal(reply, 'forbidden', `${event} without a key`)
          expect(details, event).to.deep.equal({ permission: key })
        }
      }
    })
  })

  it('answers nothing without a token', async () => {
    const world = later()
    const calls = await unspentCalls(world, resource)
    await changesNothing(world, async () => {
      for (const { event, payload } of calls) {
        const reply = await world.door.ask(undefined, event, payload)
        refusal(reply, world.door.name === 'socket' ? 'unknown_event' : 'unauthenticated', `${event} without a token`)
      }
    })
  })

  it('lets a key do what it is for, and nothing else', async () => {
    const world = later()
    const calls = await goodCalls(world, resource)
    const people = await Promise.all(allKeys(resource).map(async (key) => ({ key, person: await world.people.holding({ key }) })))
    await changesNothing(world, async () => {
      for (const { key, person } of people) {
        // One event for each other key: that no event is open without its key is another test.
        const others = new Map(calls.filter((call) => call.key !== key).map((call) => [call.key, call])).values()
        for (const { event, payload, action } of others) {
          const reply = await as(world, person)(event, payload)
          if (!reply.ok || action === undefined || !opened(resource).has(action)) refusal(reply, 'forbidden', `${event} with ${key}`)
        }
      }
    })
    for (const { key, person } of people) {
      for (const call of calls.filter((each) => each.key === key)) {
        if (call.names) {
          const code = call.otherKey === undefined ? 'not_found' : 'forbidden'
          refusal(await as(world, person)(call.event, call.payload), code, `${call.event} of what cannot be read`)
        }
        const reply = await as(world, await holderOf(world, call))(call.event, call.payload)
        const readsOwn = call.names?.name === name
        // A definition's own hook may ask for more, such as to hold what one gives; then it names that.
        if (!reply.ok && asksMore(world, call)) expect(refusal(reply, 'forbidden', call.event).details).to.not.deep.equal({
          permission: key,
        })
        // What they may change but not read is not in the reply either.
        else if (call.mutation
          && !readsOwn) expect(Object.keys(success(reply, `${call.event} with ${key}`)), call.event).to.deep.equal(['id'])
        else success(reply, `${call.event} with ${key}`)
      }
    }
  })

  it('lists everything to who holds the key everywhere, with an exact total', async () => {
    const world = later()
    const person = await world.people.holding({ key: keys.list })
    const ids = await idsInTable(world, resource)
    const list = success(await as(world, person)(`${name}-list-request`, { limit: 100 }), 'list')
    expect(list['total']).to.equal(ids.length)
    expect(idsOf(list['items'])).to.deep.equal(ids.slice(0, 100))
  })

  const ways = waysOf(resource)
  for (const way of ways) scopeChecks(later, resource, way)
  if (ways.length > 0) return

  it('is reached by no grant within a scope: it lies in none', async () => {
    const world = later()
    const scope = [...world.resources.values()].find((each) => each.isScope)
    if (!scope) throw new Error('The app has no scopes')
    const scopeId = await someRow(world, scope.name)
    const calls = await unspentCalls(world, resource)
    const person = await world.people.holding(...allKeys(resource).map((key): Grant => ({ key, scopeId })), ...readsOfRequired(resource))
    await changesNothing(world, async () => {
      for (const { event, payload, addressed } of calls) {
        if (event === `${name}-list-request`) {
          expect(success(await as(world, person)(event, payload), event)).to.deep.equal({ items: [], page: 1, limit: 20, total: 0 })
        } else refusal(await as(world, person)(event, payload), addressed ? 'not_found' : 'forbidden', `${event} within a scope`)
      }
    })
  })
}
