// What the caller may do with a row: the events that nothing known without the rest of a payload refuses, and the fields that they may
// change, decided by the steps of the operations themselves.
import { decide, stateChange, type StatedChange } from '../access/decide.ts'
import { authorise, authoriseRow, type RowDemand } from '../access/authorise.ts'
import { placesOf, type Place } from '../access/scopes.ts'
import type { CallContext, OwnTrial } from '../call/call.ts'
import type { EngineCall, Operation } from '../call/operation.ts'
import type { Allowed } from '../define/call.ts'
import { AppError, notFound } from '../define/errors.ts'
import type { Row } from '../define/rights.ts'
import type { Field, LinkRelation, OneRelation, Resource } from '../model/resource.ts'
import { linkChanges } from './links.ts'
import { readRow } from './select.ts'

const isRefused = async (work: () => Promise<unknown>): Promise<boolean> => {
  try {
    await work()
    return false
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return true
  }
}

/** The demand of an operation on rows of the resource. */
const demandOn = ({ steps }: Operation, resource: Resource): RowDemand | undefined =>
  steps.demands.find((demand): demand is RowDemand => demand.on === 'row' && demand.resource === resource)

const mayCall = async ({ steps }: Operation, trial: EngineCall, row: Row): Promise<boolean> =>
  !(await isRefused(async () => {
    for (const demand of steps.demands) await (demand.on === 'row' ? authoriseRow(trial, demand, row) : authorise(trial, demand))
    await steps.foresee(trial, row)
  }))

/** The relation by which a field is a link. */
const relationOf = ({ ones, links }: Resource, { name, source }: Field): OneRelation | LinkRelation | undefined =>
  (source === 'link' ? links.find((each) => each.name === name) : ones.find(({ field }) => field === name))

/** The row as it would be with something else in the field, as far as that does not matter: links and the linked row are left. */
const otherwise = (resource: Resource, row: Row, field: Field): StatedChange => {
  const { name } = field
  const relation = relationOf(resource, field)
  const left = row[name]
  const links = relation?.kind === 'link' ? [linkChanges(relation, row, { [name]: [] })] : []
  return {
    ...stateChange(resource, { before: row, after: row, values: { [name]: row[name] }, links }),
    fields: new Set([name]),
    moves: relation?.kind === 'one' ? [{ relation, left: typeof left === 'string' ? left : undefined, joined: undefined }] : [],
  }
}

/** Where a field links to nothing, another value is a row that has to be named, and only what one may read can be. */
const mayName = ({ rights }: EngineCall, { moves, linked }: StatedChange, { target }: LinkRelation | OneRelation): boolean =>
  moves.some(({ left }) => left !== undefined) || linked.length > 0 || rights.mayAsk('get', target, target.keys.get)

const mayChange = async (trial: EngineCall, { action, resource }: RowDemand, row: Row, field: Field): Promise<boolean> => {
  if (!(await trial.rights.can(action, resource, row, field.name))) return false
  const change = otherwise(resource, row, field)
  const relation = relationOf(resource, field)
  return (!relation || mayName(trial, change, relation)) && !(await isRefused(() => decide(trial, change, { resource })))
}

/** @throws AppError not_found for a row that the caller may neither get nor list */
export const allowedOn = async (
  { operations }: Pick<CallContext, 'operations'>, asker: EngineCall,
  { resource, id }: { readonly resource: Resource; readonly id: string }, open: OwnTrial,
): Promise<Allowed> => {
  const { rights, db } = asker
  const isSeen = (await rights.nameable(resource, [id])).has(id) || (await rights.among('list', resource, [id])).has(id)
  const row = isSeen ? await readRow(asker, resource, id) : undefined
  if (!row) throw notFound()
  const events: string[] = []
  const fields: string[] = []
  const lies = new Map<unknown, Promise<readonly Place[]>>()
  const places = (of: Resource, at: Row | Readonly<Record<string, unknown>>): Promise<readonly Place[]> => {
    const known = lies.get(at) ?? placesOf(db, of, at)
    lies.set(at, known)
    return known
  }
  for (const operation of operations.values()) {
    const demand = demandOn(operation, resource)
    if (!demand) continue
    const trial = open({ operation, input: { id }, watched: { places } })
    trial.before = row
    if (!(await mayCall(operation, trial, row))) continue
    events.push(operation.event)
    if (operation.action !== 'update' || operation.resource !== resource.name) continue
    for (const field of resource.fields.values()) {
      if (!field.base && !field.readOnly && !field.fixed && (await mayChange(trial, demand, row, field))) fields.push(field.name)
    }
  }
  return { events, fields }
}
