// What the events of all relations share: the owner row, named by `id` or `<resource>Id`, loaded and authorised.
import type { Schema } from 'yup'
import { changeAction } from '../access/ability.ts'
import { authoriseRow } from '../access/authorise.ts'
import type { EngineCall } from '../call/operation.ts'
import type { Payload } from '../define/call.ts'
import { invalidPayload, requireVersion } from '../define/errors.ts'
import { id } from '../define/fields.ts'
import type { Row } from '../define/rights.ts'
import { validate } from '../define/validate.ts'
import type { CompiledRelation, LinkColumn, Resource } from '../model/resource.ts'
import { optionally, requiredId, version } from './input.ts'

/** `groupId` is accepted for `id`. @throws AppError invalid_payload when both are given and differ */
export const ownerAlias = (resource: Resource, payload: Payload): Payload => {
  const alias = `${resource.name}Id`
  const { [alias]: named, ...rest } = payload
  if (named === undefined) return payload
  if (rest['id'] !== undefined && rest['id'] !== named) throw invalidPayload([{ path: alias, message: 'differs from id' }])
  return { ...rest, id: named }
}

/** Reading a relation asks for the owner's key to get. */
export const authoriseReading = (resource: Resource) => (call: EngineCall, row: Row | undefined): Promise<Row> =>
  authoriseRow(call, resource, row, { action: 'get', key: resource.keys.get })

/** Changing a relation asks for the relation's key. */
export const authoriseChange = async (
  call: EngineCall, resource: Resource, relation: CompiledRelation, loaded: Row | undefined,
): Promise<Row> => {
  const row = await authoriseRow(call, resource, loaded, { action: changeAction(relation.name), key: relation.key })
  requireVersion(row.version, call.input['ifVersion'])
  return row
}

/** The payload of adding or removing a link: the row at the other end, and the link's own columns. */
export const parseLinking = (resource: Resource, { payload }: CompiledRelation, columns: readonly LinkColumn[]) =>
  parseChange(resource, [[payload, id().required()], ...columns.map(optionally)])

/** The payload of a change of a relation. */
export const parseChange = (resource: Resource, fields: readonly [string, Schema][]) => {
  const all = new Map([requiredId, version, ...fields])
  return (payload: Payload): Payload => validate(all, ownerAlias(resource, payload))
}
