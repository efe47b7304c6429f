// Links that are no fields of the row: read, compared with what the file says, and changed one by one by their own events.
import { AppError, canonical, type OperationInfo, type Payload } from '#sovrane'
import type { Draft, DraftLink } from './draft.ts'
import type { LinksColumn } from './columns.ts'
import { linksOf } from '../../core/model/resource.ts'
import { canonicalReference, type Door } from './lookup.ts'
import { reasonsOf } from './reasons.ts'
import type { Context } from './resolve.ts'

/** Whether a link is told by events of its own, after the row. */
export const isAfter = ({ kind, relation }: LinksColumn): boolean =>
  kind === 'joins' || relation.kind === 'linked' || !relation.isField

/** The event of a relation that does this. @throws Error when there is none */
const eventOf = (
  operations: Iterable<OperationInfo>, resource: string, relation: string, action: OperationInfo['action'],
): string => {
  for (const each of operations) if (each.resource === resource && each.relation === relation && each.action === action) return each.event
  throw new Error(`${resource}.${relation} has no event to ${action}`)
}

type Values = Readonly<Record<string, unknown>>

interface Link {
  readonly target: string
  readonly values: Values
}

const columnsOf = (column: LinksColumn) => linksOf(column.relation).columns

const placeOf = ({ target, values }: Link): string => canonical([target, values])

const linkOf = (column: LinksColumn, target: string, values: Values): Link =>
  ({ target, values: Object.fromEntries(columnsOf(column).map(({ name, initial }) => [name, values[name] ?? initial])) })

/** All links that a row has. */
export const currentLinks = async ({ act, actorId }: Door, operations: Iterable<OperationInfo>, { column, resource, id }: {
  readonly column: LinksColumn; readonly resource: string; readonly id: string
}): Promise<Link[]> => {
  const event = eventOf(operations, resource, column.relation.name, 'list')
  const links: Link[] = []
  for (let after: unknown; ;) {
    const page = await act(event, { id, limit: 100, ...(after === undefined ? {} : { after }) }, { actorId })
    for (const row of page['items'] as readonly Payload[]) links.push(linkOf(column, String(row['id']), row))
    after = page['next']
    if (after === undefined) return links
  }
}

/** Makes the links of a row what its record says. The reasons, where something of it is refused. */
export const writeLinks = async (context: Context, draft: Draft, id: string): Promise<string[]> => {
  const { door, lookup, operations, reading } = context
  const all = [...operations.values()]
  const reasons: string[] = []
  const ask = async (event: string, payload: Payload, column: LinksColumn): Promise<void> => {
    try {
      await door.act(event, payload, { actorId: door.actorId })
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      reasons.push(...reasonsOf(error, reading).map((reason) => `${column.name}: ${reason}`))
    }
  }
  const wanted = async (column: LinksColumn, links: readonly DraftLink[]): Promise<Link[]> => {
    const found: Link[] = []
    for (const { target, by, text, values } of links) {
      const said = canonicalReference(target, by, text)
      const one = (await lookup.find(target, by, [said])).get(said)
      if (one && 'id' in one) found.push(linkOf(column, one.id, values))
      else reasons.push(`${column.name}: ${one?.fault ?? 'is not known'}`)
    }
    return found
  }
  for (const [column, links] of draft.links) {
    if (!isAfter(column)) continue
    const { relation } = column
    const there = await wanted(column, links)
    if (column.kind === 'joins') {
      const add = eventOf(all, column.owner.name, relation.name, 'add')
      for (const { target, values } of there) await ask(add, { ...values, id: target, [relation.payload]: id }, column)
      continue
    }
    const resource = reading.resource.name
    const before = new Map((await currentLinks(door, all, { column, resource, id })).map((link) => [placeOf(link), link]))
    const after = new Map(there.map((link) => [placeOf(link), link]))
    // A reference that was not found must not take a link away.
    const [add, remove] = (['add', 'remove'] as const).map((action) => eventOf(all, resource, relation.name, action))
    const payload = ({ target, values }: Link): Payload => ({ ...values, id, [relation.payload]: target })
    for (const [place, link] of before) if (!after.has(place) && reasons.length === 0) await ask(remove ?? '', payload(link), column)
    for (const [place, link] of after) if (!before.has(place)) await ask(add ?? '', payload(link), column)
  }
  return reasons
}
