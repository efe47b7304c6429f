// Moving a row of a tree: where to it may go, the move itself, and the way back.
import type { DescribedResource } from '#sovrane'
import type { Link, Node } from '../app/tree.ts'
import { titleOf } from '../app/format.ts'
import { holdsOn, mayAsk } from '../app/rights.ts'
import { ask, me, type Row } from '../app/state.ts'
import { tt } from '../texts/tree/texts.ts'
import { attempt } from './attempt.ts'
import { notify } from './notices.tsx'

export interface Moves {
  mayMove(row: Row): boolean
  /** Why a row cannot go below another, null: to the top; undefined: it can, as far as the browser knows. */
  fault(row: Row, to: Row | null): string | undefined
  /** @returns whether it was done */
  move(row: Row, to: Row | null): Promise<boolean>
}

/** What is shown, and what is known of it. */
interface Seen {
  readonly nodes: () => readonly Node[]
  /** Whether the server lets a row be moved; undefined: it was not asked. */
  readonly known: (row: Row) => boolean | undefined
}

export const movesOf = (resource: DescribedResource, link: Link, { nodes, known }: Seen): Moves => {
  const { events: { set, clear }, key, payload, field } = link
  const put = (row: { readonly id: string; readonly version?: unknown }, above: string | null): Promise<Row> =>
    ask<Row>((above === null ? clear : set) ?? '', {
      id: row.id, ...(above === null ? {} : { [payload]: above }), ...(row.version === undefined ? {} : { ifVersion: row.version }),
    })
  const mayMove = (row: Row): boolean => mayAsk(set) && mayAsk(clear) && (known(row) ?? holdsOn(key, resource, row))
  const isEverywhere = (): boolean => me.value?.keys.some((held) => held.key === key && held.scopes === null) ?? false
  const isWithin = (row: Row, to: Row): boolean => {
    const above = new Map(nodes().map((node) => [node.row.id, node.above?.id]))
    for (let id: string | undefined = to.id; id !== undefined; id = above.get(id)) if (id === row.id) return true
    return false
  }
  const fault = (row: Row, to: Row | null): string | undefined => {
    if (!mayMove(row)) return tt.value.notMovable(titleOf(resource, row))
    if (to === null) return isEverywhere() ? undefined : tt.value.notHere
    if (isWithin(row, to)) return tt.value.within
    return holdsOn(key, resource, to) ? undefined : tt.value.notHere
  }
  return {
    mayMove,
    fault,
    async move(row, to) {
      const why = fault(row, to)
      if (why !== undefined) {
        notify(why, { kind: 'bad' })
        return false
      }
      const before = typeof row[field] === 'string' ? row[field] : null
      if (before === (to?.id ?? null)) return false
      const name = titleOf(resource, row)
      return attempt(async () => {
        // Those who may not read it any longer have no version of it.
        const moved = await put({ id: row.id, version: row['version'] }, to?.id ?? null)
        notify(to === null ? tt.value.movedTop(name) : tt.value.moved(name, titleOf(resource, to)), {
          undo: () => void attempt(() => put({ id: row.id, version: moved['version'] }, before), tt.value.movedBack(name)),
        })
      })
    },
  }
}
