// Every event of a resource, derived from its definition.
import type { Operation, Steps } from '../call/operation.ts'
import { ancestorsSteps } from '../crud/ancestors.ts'
import { createSteps } from '../crud/create.ts'
import { deleteSteps } from '../crud/delete.ts'
import { getSteps } from '../crud/get.ts'
import { changeLinkSteps, linkedPageSteps } from '../crud/linked.ts'
import { listSteps } from '../crud/list.ts'
import { clearOneSteps, getOneSteps, setOneSteps } from '../crud/one.ts'
import { changeOwnedSteps, ownedPageSteps } from '../crud/owned.ts'
import { replayRows } from '../crud/replay.ts'
import { updateSteps } from '../crud/update.ts'
import type { OperationInfo } from '../define/call.ts'
import { kebabCase } from '../model/names.ts'
import type { CompiledRelation, OneRelation, Resource, Resources } from '../model/resource.ts'

/** An operation before its hooks are known. */
export type Unhooked = Omit<Operation, 'hooks'>

type Action = OperationInfo['action']

/** Of each action the rest of the event's name, and the file of core/crud that does it. */
const of = (resource: Resource) => (action: Action, suffix: string, [file, steps]: readonly [string, Steps], more: Partial<Unhooked> = {}): Unhooked => ({
  event: `${resource.name}-${suffix}`, owner: resource.name, resource: resource.name, action, kind: 'query', tags: [], public: false,
  file: `core/crud/${file}.ts`, steps, replay: replayRows(resource), ...more,
})

/** Whether a row can do without it: else there is no removing, only another. */
const mayBeNull = (resource: Resource, field: string): boolean => resource.fields.get(field)?.schema.spec.nullable !== false

const relationEvents = (resource: Resource, relation: CompiledRelation): Unhooked[] => {
  const event = of(resource)
  const read = { relation: relation.name }
  const change = { ...read, kind: 'mutation', right: { key: relation.key } } as const
  const name = kebabCase(relation.name)
  if (relation.kind === 'one') return [...(relation.acyclic ? [event('custom', 'ancestors-request', ['ancestors', ancestorsSteps(resource, relation)], read)] : []), ...oneEvents(relation)]
  const item = relation.item ?? ''
  if (relation.kind === 'link') {
    return [
      event('list', `${name}-request`, ['linked', linkedPageSteps(resource, relation)], read),
      ...(item === '' ? [] : (['add', 'remove'] as const).map((action) => event(action, `${action}-${item}`, ['linked', changeLinkSteps(resource, relation, action)], change))),
    ]
  }
  const { inverse } = relation
  const actions = item === '' || !inverse ? [] : (['add', 'remove'] as const).filter((action) => action === 'add' || mayBeNull(relation.target, relation.field))
  return [
    event('list', `${name}-request`, ['owned', ownedPageSteps(resource, relation)], read),
    ...actions.flatMap((action) => (inverse ? [event(action, `${action}-${item}`, ['owned', changeOwnedSteps(resource, relation, inverse, action)], change)] : [])),
  ]

  function oneEvents(one: OneRelation): Unhooked[] {
    if (!one.events) return []
    return [
      event('get', `${name}-get`, ['one', getOneSteps(resource, one)], read),
      event('set', `${name}-set`, ['one', setOneSteps(resource, one)], change),
      ...(mayBeNull(resource, one.field) ? [event('clear', `${name}-remove`, ['one', clearOneSteps(resource, one)], change)] : []),
    ]
  }
}

/** The operations of a resource, without hooks. */
export const eventsOf = (resources: Resources, resource: Resource): Unhooked[] => {
  const event = of(resource)
  const change = (action: 'create' | 'update' | 'delete', steps: Steps): Unhooked =>
    event(action, action, [action, steps], { kind: 'mutation', right: { key: resource.keys[action], action } })
  const generic = {
    list: () => event('list', 'list-request', ['list', listSteps(resource)]),
    get: () => event('get', 'get', ['get', getSteps(resource)]),
    create: () => change('create', createSteps(resource)),
    update: () => change('update', updateSteps(resource)),
    delete: () => change('delete', deleteSteps(resources, resource)),
  }
  return [
    ...[...resource.events].map((action) => generic[action]()),
    ...[...resource.relations.values()].flatMap((relation) => relationEvents(resource, relation)),
  ]
}
