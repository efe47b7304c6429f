// A page of rows against the model: its rows and total, and that pages and cursors walk through the same rows in the same order.

import type { Actor } from './actor.ts'
import { Disagreement } from './disagreement.ts'
import type { Reply } from './doors.ts'
import type { Payload } from './move.ts'
import type { Listed } from './queries.ts'
import { differsInItems, isValues } from './shape.ts'
import type { Values } from './shape.ts'

interface Walk {
  /** The reply to the same request with the greatest limit. */
  readonly first: Values
  readonly payload: Payload
  readonly ask: (payload: Payload) => Promise<Reply>
}

const itemsOf = (page: Values): Values[] => {
  const { items } = page
  if (!Array.isArray(items) || !items.every(isValues)) throw new Disagreement(`a page without items: ${JSON.stringify(page).slice(0, 300)}`)
  return items
}

const nameOf = ({ id, scopeId, deny }: Values): string => [id, scopeId, deny].map((part) => JSON.stringify(part ?? '')).join('/')

const order = (items: readonly Values[]): string => items.map(nameOf).join(' ')

const succeeded = (reply: Reply): Values => {
  if (reply.error !== undefined) throw new Disagreement(`a further page is refused: ${reply.error.text}`)
  return reply.body
}

/** Values of rows that the actor does not see there: none may be in a cursor. */
function hiddenFrom(actor: Actor, listed: Listed): string[] {
  const seen = new Set(listed.alternatives.flat().map(({ target }) => target.id))
  return actor.org
    .rows(listed.resource)
    .filter((row) => !seen.has(row.id) && !actor.lists(listed.resource, row))
    .flatMap((row) => [row.id, 'email' in row ? row.email : row.id])
}

function checkCursor(next: unknown, hidden: readonly string[]): string {
  if (typeof next !== 'string') throw new Disagreement(`next is ${JSON.stringify(next)}`)
  const readable = [next, ...['base64url', 'hex'].map((encoding) => Buffer.from(next, encoding as 'hex').toString('utf8'))]
  const shown = hidden.find((value) => readable.some((text) => text.includes(value)))
  if (shown !== undefined) throw new Disagreement(`the cursor holds ${shown}, which the actor may not read`)
  return next
}

/** Fails unless the rows are those that the actor may read, and every way through them is the same. */
export async function walk(actor: Actor, listed: Listed, { first, payload, ask }: Walk): Promise<void> {
  const items = itemsOf(first)
  const found = listed.alternatives.map((wanted) => {
    if (first['total'] !== wanted.length) return [`total is ${String(first['total'])} instead of ${wanted.length}`]
    return differsInItems(actor, { resource: listed.resource, include: listed.include, wanted }, items)
  })
  if (found.every((problems) => problems.length > 0)) throw new Disagreement(found[0]?.join('; ') ?? '')
  if ('next' in first) throw new Disagreement('next is given, and no more rows follow')
  const limit = Number(payload['limit'])
  if (items.length <= limit) return
  const wanted = order(items)
  const pages = Array.from({ length: Math.ceil(items.length / limit) }, async (_, index) =>
    succeeded(await ask({ ...payload, page: index + 1 })),
  )
  const [byPage, byCursor] = await Promise.all([Promise.all(pages), follow(items.length, hiddenFrom(actor, listed), { payload, ask })])
  for (const [way, list] of [['pages', byPage], ['cursors', byCursor]] as const) {
    const walked = order(list.flatMap(itemsOf))
    if (walked !== wanted) throw new Disagreement(`by ${way} the rows are ${walked} instead of ${wanted}`)
    const totals = list.map((page) => page['total'])
    if (totals.some((total) => total !== items.length))
      throw new Disagreement(`by ${way} the totals are ${totals.join()} instead of ${items.length}`)
  }
}

/** All pages by `next`. */
async function follow(total: number, hidden: readonly string[], { payload, ask }: Omit<Walk, 'first'>): Promise<Values[]> {
  const list: Values[] = []
  let page = succeeded(await ask(payload))
  list.push(page)
  while ('next' in page) {
    if (list.length > total) throw new Disagreement('the cursors go on for ever')
    page = succeeded(await ask({ ...payload, after: checkCursor(page['next'], hidden) }))
    list.push(page)
  }
  return list
}
