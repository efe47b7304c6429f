// What the events of all relations share: the owner row, named by `id` or `<resource>Id`, loaded and authorised.
import type { Schema } from 'yup'
import { resourceOf, type CompiledRelation, type Resource, type Resources } from '../model/resource.ts'
import type { EngineCall, Stages } from '../call/operation.ts'
import { validate } from '../define/validate.ts'
import { changeAction } from '../access/ability.ts'
import { authoriseRow } from './authorise.ts'
import { requiredId, version } from './input.ts'
import { projectWritten } from './project.ts'
import { findRow } from './select.ts'
import { invalidPayload, notFound, requireVersion } from '../define/errors.ts'
import type { Payload } from '../define/call.ts'
import type { Row } from '../define/rights.ts'

/** `groupId` is accepted for `id`. @throws AppError invalid_payload when both are given and differ */
const ownerAlias = (resource: Resource) => (payload: Payload): Payload => {
  const alias = `${resource.name}Id`
  const { [alias]: named, ...rest } = payload
  if (named === undefined) return payload
  if (rest['id'] !== undefined && rest['id'] !== named) throw invalidPayload([{ path: alias, message: 'differs from id' }])
  return { ...rest, id: named }
}

export const ownerOf = (call: EngineCall): Row => {
  if (!call.before) throw notFound()
  return call.before
}

/** Loading and authorising for a relation that is read: by the owner's key to get. */
export const readOwner = (resource: Resource): Pick<Stages, 'normalise' | 'load' | 'authorise'> => ({
  normalise: ownerAlias(resource),
  load: async (call) => {
    call.before = await findRow(call.db, resource, String(call.input['id']))
  },
  authorise: async (call) => void (await authoriseRow(call, resource, call.before, { action: 'get', key: resource.keys.get })),
})

/** Everything but the change itself for a relation that is changed: by the relation's key. */
export const changeOwner = (resource: Resource, relation: CompiledRelation, fields: readonly [string, Schema][]): Omit<Stages, 'handle'> => ({
  normalise: ownerAlias(resource),
  parse: (payload) => validate(new Map([requiredId, version, ...fields]), payload),
  load: async (call) => {
    call.before = await findRow(call.db, resource, String(call.input['id']), { lock: 'change' })
  },
  authorise: async (call) => {
    const row = await authoriseRow(call, resource, call.before, { action: changeAction(relation.name), key: relation.key })
    requireVersion(row.version, call.input['ifVersion'])
  },
  project: async (call) => {
    const row = await findRow(call.db, resource, ownerOf(call).id)
    return row ? projectWritten(call, resource, row) : { id: ownerOf(call).id }
  },
})

/** The row that the owner has become. */
export const rereadOwner = async (call: EngineCall, resource: Resource): Promise<Payload> =>
  (await findRow(call.db, resource, ownerOf(call).id)) ?? { id: ownerOf(call).id }

export const targetOf = (resources: Resources, relation: CompiledRelation): Resource => resourceOf(resources, relation.target)
