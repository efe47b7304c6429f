// What the events of all relations share: the owner row, named by `id` or `<resource>Id`, loaded and authorised.
import type { Schema } from 'yup'
import { changeAction } from '../access/ability.ts'
import { authoriseRow, onRow, type RowDemand } from '../access/authorise.ts'
import type { EngineCall, Reading } from '../call/operation.ts'
import type { Payload } from '../define/call.ts'
import { invalidPayload, requireVersion } from '../define/errors.ts'
import { id } from '../define/fields.ts'
import type { Row } from '../define/rights.ts'
import { validate } from '../define/validate.ts'
import type { CompiledRelation, LinkColumn, OneRelation, Resource } from '../model/resource.ts'
import { optionally, requiredId, version } from './input.ts'
import { loadRow } from './select.ts'

/** Further names of fields in the events of relations: `groupId` for `id`, and the field of a to-one relation for its target. */
export const aliasesOf = ({ name }: Resource, relation?: CompiledRelation): ReadonlyMap<string, string> => new Map([
  [`${name}Id`, 'id'],
  ...(relation?.kind === 'one' && relation.field !== relation.payload ? [[relation.field, relation.payload] as const] : []),
])

/** `groupId` is accepted for `id`. @throws AppError invalid_payload when both are given and differ */
export const withoutAliases = (aliases: ReadonlyMap<string, string>, payload: Payload): Payload => {
  const named: Record<string, unknown> = { ...payload }
  for (const [alias, name] of aliases) {
    const { [alias]: value } = named
    if (value === undefined) continue
    if (named[name] !== undefined && named[name] !== value) throw invalidPayload([{ path: alias, message: `differs from ${name}` }])
    named[name] = value
    delete named[alias]
  }
  return named
}

/** Reading a relation asks for the owner's key to get. */
export const reading = (resource: Resource) => {
  const demand = onRow(resource, 'get')
  return {
    demands: [demand],
    load: (call: EngineCall) => loadRow(call, resource),
    authorise: (call: EngineCall, row: Row | undefined): Promise<Row> => authoriseRow(call, demand, row),
  }
}

/** Changing a relation asks for the relation's key. */
export const changing = (resource: Resource, { name, key }: CompiledRelation): RowDemand =>
  ({ on: 'row', resource, action: changeAction(name), key })

export const authoriseChange = async (call: EngineCall, demand: RowDemand, loaded: Row | undefined): Promise<Row> => {
  const row = await authoriseRow(call, demand, loaded)
  requireVersion(row.version, call.input['ifVersion'])
  return row
}

const ownerPayload = (aliases: ReadonlyMap<string, string>, more: readonly [string, Schema][]): Reading => {
  const fields = new Map([requiredId, ...more])
  return { accepts: { fields, aliases }, parse: (payload) => validate(fields, withoutAliases(aliases, payload)) }
}

/** The payload of reading a relation: its owner. */
export const ownerId = (resource: Resource): Reading => ownerPayload(aliasesOf(resource), [])

/** The payload of a change of a relation. */
export const changePayload = (resource: Resource, fields: readonly [string, Schema][]): Reading =>
  ownerPayload(aliasesOf(resource), [version, ...fields])

/** The payload of setting a to-one relation: the row that it is to lead to. */
export const targetPayload = (resource: Resource, relation: OneRelation): Reading =>
  ownerPayload(aliasesOf(resource, relation), [version, [relation.payload, id().required()]])

/** The payload of adding or removing a link: the row at the other end, and the link's own columns. */
export const linkPayload = (resource: Resource, { payload }: CompiledRelation, columns: readonly LinkColumn[]): Reading =>
  changePayload(resource, [[payload, id().required()], ...columns.map(optionally)])
