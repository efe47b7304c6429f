// Every event of a resource, derived from its definition.
import { createStages } from '../crud/create.ts'
import { deleteStages } from '../crud/delete.ts'
import { getStages } from '../crud/get.ts'
import { listStages } from '../crud/list.ts'
import { updateStages } from '../crud/update.ts'
import type { Operation, Stages } from '../call/operation.ts'
import { ancestorsStages } from '../crud/ancestors.ts'
import { changeLinkStages, linkedPageStages } from '../crud/linked.ts'
import { getOneStages, removeOneStages, setOneStages } from '../crud/one.ts'
import { changeOwnedStages, ownedPageStages } from '../crud/owned.ts'
import { kebabCase } from '../model/names.ts'
import type { CompiledRelation, OneRelation, OwnedRelation, Resource, Resources } from '../model/resource.ts'

type Unhooked = Omit<Operation, 'hooks'>

const of = (resource: Resource) => (suffix: string, stages: Stages, more: Partial<Unhooked> = {}): Unhooked =>
  ({ event: `${resource.name}-${suffix}`, owner: resource.name, kind: 'query', public: false, getter: false, resource, stages, ...more })

/** Whether a row may stand without it; else it can be replaced, not removed. */
const mayBeNull = (resource: Resource | undefined, relation: OneRelation | OwnedRelation): boolean =>
  resource?.fields.get(relation.field)?.schema.spec.nullable !== false

const relationEvents = (resources: Resources, resource: Resource, relation: CompiledRelation): Unhooked[] => {
  const event = of(resource)
  const change = { kind: 'mutation', right: { key: relation.key } } as const
  if (relation.kind === 'one') {
    const name = kebabCase(relation.name)
    return [
      ...(relation.acyclic ? [event('ancestors-request', ancestorsStages(resource, relation))] : []),
      ...(relation.events ? [
        event(`${name}-get`, getOneStages(resources, resource, relation), { getter: true }),
        event(`${name}-set`, setOneStages(resources, resource, relation), change),
        ...(mayBeNull(resource, relation) ? [event(`${name}-remove`, removeOneStages(resources, resource, relation), change)] : []),
      ] : []),
    ]
  }
  const [page, stages] = relation.kind === 'link'
    ? [linkedPageStages(resources, resource, relation), (kind: 'add' | 'remove') => changeLinkStages(resources, resource, relation, kind)]
    : [ownedPageStages(resources, resource, relation), (kind: 'add' | 'remove') => changeOwnedStages(resources, resource, relation, kind)]
  return [
    event(`${kebabCase(relation.name)}-request`, page),
    ...(relation.item === undefined ? [] : [
      event(`add-${relation.item}`, stages('add'), change),
      ...(relation.kind === 'link' || mayBeNull(resources.get(relation.target), relation) ? [event(`remove-${relation.item}`, stages('remove'), change)] : []),
    ]),
  ]
}

/** The operations of a resource, without hooks. */
export const eventsOf = (resources: Resources, resource: Resource): Unhooked[] => {
  const event = of(resource)
  const change = (action: 'create' | 'update' | 'delete') => ({ kind: 'mutation', right: { key: resource.keys[action], action } }) as const
  const generic = {
    list: () => event('list-request', listStages(resources, resource)),
    get: () => event('get', getStages(resources, resource)),
    create: () => event('create', createStages(resources, resource), change('create')),
    update: () => event('update', updateStages(resources, resource), change('update')),
    delete: () => event('delete', deleteStages(resources, resource), change('delete')),
  }
  return [
    ...[...resource.events].map((action) => generic[action]()),
    ...[...resource.relations.values()].flatMap((relation) => relationEvents(resources, resource, relation)),
  ]
}
