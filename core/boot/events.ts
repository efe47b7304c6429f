// Every event of a resource, derived from its definition.
import type { Operation, Steps } from '../call/operation.ts'
import { ancestorsSteps } from '../crud/ancestors.ts'
import { createSteps } from '../crud/create.ts'
import { deleteSteps } from '../crud/delete.ts'
import { getSteps } from '../crud/get.ts'
import { changeInverseSteps } from '../crud/inverse.ts'
import { changeLinkSteps } from '../crud/linked.ts'
import { listSteps } from '../crud/list.ts'
import { manyPageSteps } from '../crud/many.ts'
import { clearOneSteps, getOneSteps, setOneSteps } from '../crud/one.ts'
import { replayRows } from '../crud/replay.ts'
import { severalSteps } from '../crud/several.ts'
import { updateSteps } from '../crud/update.ts'
import type { OperationInfo } from '../define/call.ts'
import { kebabCase } from '../model/names.ts'
import type { CompiledRelation, ManyRelation, OneRelation, Resource, Resources } from '../model/resource.ts'

/** An operation before its hooks are known. */
export type Unhooked = Omit<Operation, 'hooks'>

type Action = OperationInfo['action']

/** Of each action the rest of the event's name, and the file of core/crud that does it. */
const of = (resource: Resource) =>
  (action: Action, suffix: string, [file, steps]: readonly [string, Steps], more: Partial<Unhooked> = {}): Unhooked => ({
  event: `${resource.name}-${suffix}`, owner: resource.name, resource: resource.name, action, kind: 'query', tags: [], public: false,
  file: `core/crud/${file}.ts`, steps, replay: replayRows(resource), ...more,
})

/** Whether a row can do without it: else there is no removing, only another. */
const mayBeNull = (resource: Resource, field: string): boolean => resource.fields.get(field)?.schema.spec.nullable !== false

/** What the events of a relation have in common. */
const parts = (resource: Resource, { name }: CompiledRelation) => ({
  event: of(resource),
  name: kebabCase(name),
  read: { relation: name },
  change: { relation: name, kind: 'mutation' } as const,
})

const oneEvents = (resource: Resource, relation: OneRelation): Unhooked[] => {
  const { event, name, read, change } = parts(resource, relation)
  return [
    ...(relation.acyclic ? [event('custom', 'ancestors-request', ['ancestors', ancestorsSteps(resource, relation)], read)] : []),
    ...(relation.events ? [
      event('get', `${name}-get`, ['one', getOneSteps(resource, relation)], read),
      event('set', `${name}-set`, ['one', setOneSteps(resource, relation)], change),
      ...(mayBeNull(resource, relation.field)
        ? [event('clear', `${name}-remove`, ['one', clearOneSteps(resource, relation)], change)]
        : []),
    ] : []),
  ]
}

const manyEvents = (resource: Resource, relation: ManyRelation): Unhooked[] => {
  const { event, name, read, change } = parts(resource, relation)
  const { item } = relation
  const stays = relation.kind === 'owned' && !mayBeNull(relation.target, relation.of.field)
  const stepsOf = (action: 'add' | 'remove'): [string, Steps] => (relation.kind === 'link'
    ? ['linked', changeLinkSteps(resource, relation, action)] : ['inverse', changeInverseSteps(resource, relation, action)])
  return [
    event('list', `${name}-request`, ['many', manyPageSteps(resource, relation)], read),
    ...(item === undefined ? [] : [event('add', `add-${item}`, stepsOf('add'), change)]),
    ...(item === undefined || stays ? [] : [event('remove', `remove-${item}`, stepsOf('remove'), change)]),
  ]
}

/** The operations of a resource, without hooks. */
export const eventsOf = (resources: Resources, resource: Resource): Unhooked[] => {
  const event = of(resource)
  const change = (action: 'create' | 'update' | 'delete', steps: Steps): Unhooked =>
    event(action, action, [action, steps], { kind: 'mutation' })
  const generic = {
    list: () => event('list', 'list-request', ['list', listSteps(resource)]),
    get: () => event('get', 'get', ['get', getSteps(resource)]),
    create: () => change('create', createSteps(resource)),
    update: () => change('update', updateSteps(resource)),
    delete: () => change('delete', deleteSteps(resources, resource)),
  }
  const singles = [...resource.events].map((action) => generic[action]())
  const several = singles.flatMap(({ action, event: each, steps }) => {
    if (action !== 'create' && action !== 'update' && action !== 'delete') return []
    const many = severalSteps(resource, action, { event: each, steps })
    return [event(action, `${action}-many`, ['several', many], { kind: 'mutation', each })]
  })
  return [
    ...singles, ...several,
    ...[...resource.relations.values()].flatMap((relation) =>
      (relation.kind === 'one' ? oneEvents(resource, relation) : manyEvents(resource, relation))),
  ]
}
