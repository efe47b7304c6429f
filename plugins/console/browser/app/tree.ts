// A tree of rows, read level by level: what one opens is read, and read again when someone changes it.
import { computed, signal, type ReadonlySignal } from '@preact/signals'
import type { SovraneError } from '../../../../client/index.ts'
import type { DescribedRelation, DescribedResource } from '#sovrane'
import { ask, asError, client, me, type PageOf, type Payload, type Row } from './state.ts'

export interface Link extends DescribedRelation {
  /** The field that names the row above. */
  readonly field: string
}

/** The relation that makes a tree of a resource's rows, where its levels can be asked for; undefined: there is none. */
export const treeLink = ({ name, relations, list }: DescribedResource): Link | undefined => {
  const link = relations.find(({ kind, tree, target }) => kind === 'one' && tree && target === name)
  return link?.field !== undefined && list.filter.includes(link.field) ? { ...link, field: link.field } : undefined
}

interface Level {
  readonly rows: readonly Row[]
  readonly total: number
  readonly next?: string
}

/** A row where it is shown. */
export interface Node {
  readonly row: Row
  /** The row above; undefined: it is at the top. */
  readonly above: Row | undefined
  /** From 1. */
  readonly depth: number
  /** From 1, and how many there are beside it. */
  readonly place: number
  readonly siblings: number
}

/** More rows below `of` than were read. */
interface More {
  readonly of: string
  readonly count: number
}

export interface Tree {
  /** By the id of the row above; `''`: the top. */
  readonly levels: ReadonlySignal<ReadonlyMap<string, Level>>
  readonly opened: ReadonlySignal<ReadonlySet<string>>
  /** All rows that are shown, from above to below. */
  readonly nodes: ReadonlySignal<readonly Node[]>
  readonly error: ReadonlySignal<SovraneError | undefined>
  /** False: nothing lies below it. True also where that is not known yet. */
  mayOpen(id: string): boolean
  more(id: string): More | undefined
  open(id: string): void
  shut(id: string): void
  readMore(id: string): void
  readonly again: () => void
  close(): void
}

/** Rows of one question, and how many questions are asked to learn below which rows there are others. */
const [limit, rounds] = [100, 5]
/** Milliseconds: many changes at once are one question. */
const calm = 150
/** So few at the top are opened at once. */
const few = 4
const top = ''

/** What is at the top for this person: those who hold the key everywhere see the whole tree, others begin where their scopes do. */
const topQuery = (resource: DescribedResource, link: Link): Payload => {
  const held = (me.value?.keys ?? []).filter(({ key }) => key === resource.keys['list'])
  const isTop = { [link.field]: { isNull: true } }
  if (held.some(({ scopes }) => scopes === null)) return { filter: isTop }
  const scopes = held.flatMap(({ scopes: some }) => some ?? []).slice(0, limit)
  const ids = [...scopes, ...held.flatMap(({ rows }) => rows.filter((row) => row.resource === resource.name).map(({ id }) => id))]
  const fields = resource.relations.flatMap(({ kind, field, tree }) =>
    (kind === 'one' && !tree && field !== undefined && resource.list.filter.includes(field) ? [field] : []))
  return {
    filter: { or: [isTop, { id: { in: ids.slice(0, limit) } }, ...fields.map((field) => ({ [field]: { in: scopes } }))] },
    ...(link.include ? { include: [link.name] } : {}),
  }
}

/** Rows above which nothing is seen. */
const withoutAbove = (rows: readonly Row[], link: Link): Row[] => {
  const ids = new Set(rows.map(({ id }) => id))
  const isSeen = (value: unknown): boolean => typeof value === 'object' && value !== null
  return rows.filter((row) => !isSeen(row[link.name]) && !ids.has(String(row[link.field])))
}

export const openTree = (resource: DescribedResource, link: Link): Tree => {
  const event = resource.events['list'] ?? ''
  const levels = signal<ReadonlyMap<string, Level>>(new Map())
  const opened = signal<ReadonlySet<string>>(new Set())
  const error = signal<SovraneError | undefined>(undefined)
  /** Of a row, whether there are others below it. */
  const known = signal<ReadonlyMap<string, boolean>>(new Map())
  const stop = new AbortController()
  const sort = resource.title.filter((name) => resource.list.sort.includes(name))
  const read = (query: Payload): Promise<PageOf> =>
    ask<PageOf>(event, { limit, ...(sort.length > 0 ? { sort } : {}), ...query }, stop.signal)
  const fail = (thrown: unknown): void => {
    const found = asError(thrown)
    if (found.code !== 'aborted') error.value = found
  }

  const peek = async (rows: readonly Row[]): Promise<void> => {
    let left = rows.map(({ id }) => id)
    for (let round = 0; round < rounds && left.length > 0; round += 1) {
      const { items, total } = await read({ filter: { [link.field]: { in: left.slice(0, limit) } } })
      const above = new Set(items.map((row) => row[link.field]))
      const asked = left.slice(0, limit)
      const isWhole = total <= limit
      known.value = new Map([...known.value, ...asked.flatMap((id): [string, boolean][] =>
        (above.has(id) ? [[id, true]] : isWhole ? [[id, false]] : []))])
      left = [...left.slice(limit), ...(isWhole ? [] : asked.filter((id) => !above.has(id)))]
    }
  }

  const readLevel = async (id: string, least = limit): Promise<void> => {
    const query = id === top ? topQuery(resource, link) : { filter: { [link.field]: id } }
    const rows: Row[] = []
    let page: PageOf
    let after: string | undefined
    do {
      page = await read(after === undefined ? query : { ...query, after })
      rows.push(...page.items)
      after = page.next
    } while (after !== undefined && rows.length < least)
    const shown = 'include' in query ? withoutAbove(rows, link) : rows
    const { total, next } = page
    const level: Level = { rows: shown, total: total - rows.length + shown.length, ...(next === undefined ? {} : { next }) }
    levels.value = new Map([...levels.value, [id, level]])
    error.value = undefined
    if (id !== top) known.value = new Map([...known.value, [id, shown.length > 0]])
    await peek(shown)
  }
  const readAgain = async (ids: Iterable<string>): Promise<void> => {
    for (const id of ids) await readLevel(id, levels.value.get(id)?.rows.length).catch(fail)
  }

  const open = (id: string): void => {
    opened.value = new Set([...opened.value, id])
    if (!levels.value.has(id)) readLevel(id).catch(fail)
  }

  const begin = async (): Promise<void> => {
    await readLevel(top)
    const rows = levels.value.get(top)?.rows ?? []
    if (rows.length <= few) for (const { id } of rows) if (known.value.get(id) === true) open(id)
  }
  begin().catch(fail)

  const changed = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const follow = (): void => {
    const isOf = ([id, { rows }]: [string, Level]): boolean => id === top || changed.has(id) || rows.some((row) => changed.has(row.id))
    const touched = [...levels.value].filter(isOf).map(([id]) => id)
    // Of a row that was never opened nothing is read but whether it can be.
    const shut = [...levels.value.values()].flatMap(({ rows }) => rows).filter(({ id }) => changed.has(id) && !levels.value.has(id))
    changed.clear()
    void readAgain(touched).then(() => peek(shut)).catch(fail)
  }
  const stops = [
    client.onChanged(({ resource: of, id }) => {
      if (of !== resource.name) return
      changed.add(id)
      clearTimeout(timer)
      timer = setTimeout(follow, calm)
    }),
    client.onRightsChanged(() => void readAgain(levels.value.keys())),
    client.onResync(() => void readAgain(levels.value.keys())),
  ]

  const nodes = computed(() => {
    const found: Node[] = []
    // While some levels are older than others, a row may stand in two of them.
    const seen = new Set<string>()
    const add = (id: string, above: Row | undefined, depth: number): void => {
      const level = levels.value.get(id)
      for (const [index, row] of (level?.rows ?? []).entries()) {
        if (seen.has(row.id)) continue
        seen.add(row.id)
        found.push({ row, above, depth, place: index + 1, siblings: level?.total ?? 0 })
        if (opened.value.has(row.id)) add(row.id, row, depth + 1)
      }
    }
    add(top, undefined, 1)
    return found
  })

  return {
    levels, opened, nodes, error, open,
    mayOpen: (id) => known.value.get(id) !== false,
    more(id) {
      const level = levels.value.get(id)
      return level?.next === undefined ? undefined : { of: id, count: level.total - level.rows.length }
    },
    shut(id) {
      opened.value = new Set([...opened.value].filter((each) => each !== id))
    },
    readMore: (id) => void readLevel(id, (levels.value.get(id)?.rows.length ?? 0) + 1).catch(fail),
    again: () => void (levels.value.has(top) ? readAgain(levels.value.keys()) : begin().catch(fail)),
    close() {
      stop.abort()
      clearTimeout(timer)
      for (const end of stops) end()
    },
  }
}
