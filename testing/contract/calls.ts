// A good call of every event that a definition gives, with the permission key that it needs.
import { kebabCase } from '../../core/model/names.ts'
import type { CompiledRelation, Resource } from '../../core/model/resource.ts'
import type { Action } from '../../core/define/index.ts'
import { isWritable } from './values.ts'
import { createRow, isRequiredReference, leastPayload, next, valueFor, type World } from './world.ts'
import type { Row } from './transport.ts'

export interface GoodCall {
  readonly event: string
  readonly payload: Row
  readonly key: string
  /** The action that it is, where a rule of the definition can open it without the key. */
  readonly action?: Action
  /** It addresses a row by `id`. */
  readonly addressed: boolean
  readonly mutation: boolean
  /** The resource whose row it names as a target: what one may not read, one cannot name. */
  readonly names?: Resource
  /** The key of the link's other end, where it is another. */
  readonly otherKey?: string
}

/** A field of the resource that an update may set. */
export const updatable = (resource: Resource): string[] =>
  [...resource.fields.values()].filter((field) => isWritable(field) && !field.fixed).map((field) => field.name)

/** A field that can be changed without any other right than to update. */
export const plainField = (resource: Resource): string => {
  const relations = [...resource.relations.values()]
  const found = [...resource.fields.values()].find((field) =>
    isWritable(field) && !field.fixed && field.source === 'column'
      && !relations.some((relation) => relation.kind === 'one' && relation.field === field.name))
  if (!found) throw new Error(`"${resource.name}" has no plain field`)
  return found.name
}

const relationCalls = async (world: World, resource: Resource, relation: CompiledRelation, id: string): Promise<GoodCall[]> => {
  const read = { key: resource.keys.get, action: 'get', addressed: true, mutation: false } as const
  const change = { key: relation.key, addressed: true, mutation: true }
  const target = (): Promise<string> => createRow(world, relation.target).then((row) => String(row['id']))
  const prefix = `${resource.name}-${kebabCase(relation.name)}`
  if (relation.kind === 'one') {
    const ancestors = { ...read, event: `${resource.name}-ancestors-request`, payload: { id } }
    const events = relation.events ? [
      { ...read, event: `${prefix}-get`, payload: { id } },
      { ...change, names: relation.target, event: `${prefix}-set`, payload: { id, [relation.payload]: await target() } },
      ...(isRequiredReference(resource, relation.field) ? [] : [{ ...change, event: `${prefix}-remove`, payload: { id } }]),
    ] : []
    return [...(relation.acyclic ? [ancestors] : []), ...events]
  }
  const otherKey = 'of' in relation && relation.of.key !== relation.key ? { otherKey: relation.of.key } : {}
  const page = { ...read, event: `${prefix}-request`, payload: { id } }
  if (relation.item === undefined) return [page]
  // What must belong to a row is moved to another, and never removed.
  const stays = relation.kind === 'owned' && isRequiredReference(relation.target, relation.of.field)
  const changes = await Promise.all((stays ? ['add'] : ['add', 'remove']).map(async (kind) => ({
    ...change, ...otherKey, names: relation.target, event: `${resource.name}-${kind}-${relation.item ?? ''}`,
    payload: { id, [relation.payload]: await target() },
  })))
  return [page, ...changes]
}

/** The keys to read what rows of the resource may name, but for rows of their own kind. */
export const readersOf = (resource: Resource): string[] =>
  [...new Set([...resource.relations.values()].filter(({ target }) => target.name !== resource.name).map(({ target }) => target.keys.get))]

/** Every event of a resource with a payload that succeeds for the administrator, on rows of its own. */
export const goodCalls = async (world: World, resource: Resource): Promise<GoodCall[]> => {
  const id = String((await createRow(world, resource))['id'])
  const doomed = String((await createRow(world, resource))['id'])
  const field = plainField(resource)
  const { name, keys } = resource
  const calls: GoodCall[] = [
    { event: `${name}-list-request`, payload: {}, key: keys.list, action: 'list', addressed: false, mutation: false },
    { event: `${name}-get`, payload: { id }, key: keys.get, action: 'get', addressed: true, mutation: false },
    {
      event: `${name}-create`, payload: await leastPayload(world, resource), key: keys.create, action: 'create', addressed: false,
      mutation: true,
    },
    {
      event: `${name}-update`, payload: { id, [field]: await valueFor(world, resource, field, next()) }, key: keys.update, action: 'update',
      addressed: true, mutation: true,
    },
  ]
  for (const relation of resource.relations.values()) calls.push(...(await relationCalls(world, resource, relation, id)))
  calls.push({ event: `${name}-delete`, payload: { id: doomed }, key: keys.delete, action: 'delete', addressed: true, mutation: true })
  return calls
}

const unspent = new WeakMap<World, Map<string, Promise<GoodCall[]>>>()

/** Good calls that are never made as they are, but only in ways that are refused: made once for a whole run. */
export const unspentCalls = (world: World, resource: Resource): Promise<GoodCall[]> => {
  const known = unspent.get(world) ?? new Map<string, Promise<GoodCall[]>>()
  unspent.set(world, known)
  const calls = known.get(resource.name) ?? goodCalls(world, resource)
  known.set(resource.name, calls)
  return calls
}
