// Only the fields that the actor may read leave the engine.
import type { Resource } from '../model/resource.ts'
import type { EngineCall } from '../call/operation.ts'
import type { Payload } from '../define/call.ts'
import type { Row } from '../define/rights.ts'
import { writesIn } from '../define/statement.ts'
import { findRow } from './select.ts'

type By = 'get' | 'list' | 'whole'

const readable = (resource: Resource, row: Row, permitted: ReadonlySet<string>): Payload => {
  const readable: Record<string, unknown> = { id: row.id }
  for (const name in row) if (permitted.has(name) && resource.fields.get(name)?.source !== 'none') readable[name] = row[name]
  return readable
}

/** The permitted part of a row that the actor may read. `whole`: in a list, without a right of their own to the row. */
export const projectRow = async (call: EngineCall, resource: Resource, row: Row, by: By): Promise<Payload> => {
  const [action, isWhole] = by === 'whole' ? ['list', true] as const : [by, false] as const
  // Where the actor may read the same fields of all rows, none is asked but their own.
  const same = row.id === call.actor?.id ? undefined : call.rights.sameFields(action, resource, isWhole)
  return readable(resource, row, same ?? await call.rights.fields(action, resource, row, isWhole))
}

/** The same of many rows. */
export const projectRows = async (call: EngineCall, resource: Resource, rows: readonly Row[], by: By): Promise<Payload[]> => {
  const projected: Payload[] = []
  for (const row of rows) projected.push(await projectRow(call, resource, row, by))
  return projected
}

/** What is answered to a change: the row as it now is and as the actor may read it; `{ id }` when they may change it but not read it. */
export const projectChanged = async (call: EngineCall, resource: Resource, id: string): Promise<Payload> => {
  const { written } = call
  const isIt = written !== undefined && written.resource === resource && written.row.id === id
  const row = isIt && written.writes === (await writesIn(call.db)) ? written.row : await findRow(call.db, resource, id)
  return row && (await call.rights.can('get', resource, row)) ? projectRow(call, resource, row, 'get') : { id }
}
