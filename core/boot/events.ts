// Every event of a resource, derived from its definition.
import { createStages } from '../crud/create.ts'
import { deleteStages } from '../crud/delete.ts'
import { getStages } from '../crud/get.ts'
import { listStages } from '../crud/list.ts'
import { updateStages } from '../crud/update.ts'
import type { Operation, Stages } from '../call/operation.ts'
import { ancestorsStages } from '../relations/ancestors.ts'
import { changeLinkStages, linkedPageStages } from '../relations/linked.ts'
import { getOneStages, removeOneStages, setOneStages } from '../relations/one.ts'
import { changeOwnedStages, ownedPageStages } from '../relations/owned.ts'
import { kebabCase } from './names.ts'
import type { CompiledRelation, Resource, Resources } from './resource.ts'

type Bare = Omit<Operation, 'hooks'>

const of = (resource: Resource) => (suffix: string, kind: Operation['kind'], stages: Stages, getter = false): Bare =>
  ({ event: `${resource.name}-${suffix}`, owner: resource.name, kind, public: false, getter, resource, stages })

const relationEvents = (resources: Resources, resource: Resource, relation: CompiledRelation): Bare[] => {
  const event = of(resource)
  if (relation.kind === 'one') {
    const name = kebabCase(relation.name)
    return [
      ...(relation.acyclic ? [event('ancestors-request', 'query', ancestorsStages(resource, relation))] : []),
      ...(relation.events ? [
        event(`${name}-get`, 'query', getOneStages(resources, resource, relation), true),
        event(`${name}-set`, 'mutation', setOneStages(resources, resource, relation)),
        event(`${name}-remove`, 'mutation', removeOneStages(resource, relation)),
      ] : []),
    ]
  }
  const [page, change] = relation.kind === 'link'
    ? [linkedPageStages(resources, resource, relation), (kind: 'add' | 'remove') => changeLinkStages(resources, resource, relation, kind)]
    : [ownedPageStages(resources, resource, relation), (kind: 'add' | 'remove') => changeOwnedStages(resources, resource, relation, kind)]
  return [
    event(`${kebabCase(relation.name)}-request`, 'query', page),
    ...(relation.item === undefined ? [] : [
      event(`add-${relation.item}`, 'mutation', change('add')),
      event(`remove-${relation.item}`, 'mutation', change('remove')),
    ]),
  ]
}

/** The operations of a resource, without hooks. */
export const eventsOf = (resources: Resources, resource: Resource): Bare[] => {
  const event = of(resource)
  const generic = {
    list: () => event('list-request', 'query', listStages(resources, resource)),
    get: () => event('get', 'query', getStages(resources, resource)),
    create: () => event('create', 'mutation', createStages(resources, resource)),
    update: () => event('update', 'mutation', updateStages(resources, resource)),
    delete: () => event('delete', 'mutation', deleteStages(resource)),
  }
  return [
    ...[...resource.events].map((action) => generic[action]()),
    ...[...resource.relations.values()].flatMap((relation) => relationEvents(resources, resource, relation)),
  ]
}
