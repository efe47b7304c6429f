// config-list-request: declared settings and free keys as one list, page by page in the order of their keys, and nothing to filter by.
import { createHash } from 'node:crypto'
import { mixed, number, object, string } from 'yup'
import { invalidPayload, operation, type DeclaredSettings, type Fault } from '../../core/define/index.ts'
import { effective, isKey } from './values.ts'

interface ListRequest {
  readonly page?: number | undefined
  readonly search?: string | undefined
  readonly sort?: unknown
  readonly filter?: unknown
  readonly after?: string | undefined
}

const sortNames = (sort: unknown): unknown[] => (sort === undefined ? ['key'] : Array.isArray(sort) ? sort : [sort])

const sortFaults = (sort: unknown): Fault[] => {
  const names = sortNames(sort)
  if (names.length > 8) return [{ path: 'sort', message: 'must have at most 8 fields' }]
  return names.filter((name) => name !== 'key' && name !== '-key').map((name) => ({
    path: 'sort', message: typeof name === 'string' ? `"${name.slice(0, 64)}" cannot be sorted by` : 'must be a field or an array of fields',
  }))
}

const filterFaults = (filter: unknown): Fault[] => {
  if (filter === undefined) return []
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) return [{ path: 'filter', message: 'must be an object' }]
  return Object.keys(filter).map((name) => ({ path: `filter.${name}`.slice(0, 128), message: 'cannot be filtered by' }))
}

/** @throws AppError invalid_payload with every fault */
const checkList = ({ page, sort, filter, after }: ListRequest): void => {
  const both = after !== undefined && page !== undefined ? [{ path: 'after', message: 'cannot be given with page' }] : []
  const faults = [...sortFaults(sort), ...filterFaults(filter), ...both]
  if (faults.length > 0) throw invalidPayload(faults.slice(0, 100))
}

/** Keys are unique: only the first name of an order counts. */
const isDescending = (sort: unknown): boolean => sortNames(sort)[0] === '-key'

/** What makes a cursor the cursor of this list. */
const fingerprint = ({ sort, search }: ListRequest): string =>
  createHash('sha256').update(JSON.stringify(['config', isDescending(sort), search ?? ''])).digest('base64url').slice(0, 16)

/** The opaque `next` after a key. */
const makeCursor = (request: ListRequest, key: string): string =>
  Buffer.from(JSON.stringify({ f: fingerprint(request), k: key })).toString('base64url')

const parse = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}

/**
 * The key that `after` stands for; undefined without one.
 * @throws AppError invalid_payload when it is no cursor of this list
 */
const cursorAfter = (request: ListRequest): string | undefined => {
  if (request.after === undefined) return undefined
  const parsed = parse(request.after)
  if (typeof parsed === 'object' && parsed !== null && 'f' in parsed && 'k' in parsed && parsed.f === fingerprint(request) && isKey(parsed.k)) return parsed.k
  throw invalidPayload([{ path: 'after', message: 'is no cursor of this list with this sort and search' }])
}

interface Found {
  readonly key: string
  readonly set: boolean
  readonly value: unknown
}

const toItem = (declared: DeclaredSettings, { key, set, value }: Found) => {
  const setting = declared.get(key)
  return {
    key,
    value: effective(setting, set ? value : undefined),
    default: setting?.initial ?? null,
    description: setting?.description ?? null,
    type: setting?.schema.type ?? 'json',
  }
}

/** The declared keys are given to the database, which joins, orders and counts them with the stored ones. */
const source = '(select jsonb_array_elements_text(?::jsonb) as key union select id from config) k left join config c on c.id = k.key'
const order = 'k.key collate "C"'

/** `%` and `_` are letters here. */
const likePattern = (text: string): string => `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`

/** Keys, and declared settings also by what their descriptions say. */
const searchSql = (declared: DeclaredSettings, search: string) => {
  const described = [...declared.values()].filter(({ description }) => description.toLowerCase().includes(search.toLowerCase()))
  return {
    sql: '(k.key ilike ? or k.key in (select jsonb_array_elements_text(?::jsonb)))',
    bindings: [likePattern(search), JSON.stringify(described.map(({ key }) => key))],
  }
}

export const listOperation = (declared: DeclaredSettings) => operation({
  event: 'config-list-request',
  kind: 'query',
  access: { key: 'read-config' },
  input: object({
    page: number().integer().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
    limit: number().integer().min(1).max(100).optional(),
    search: string().max(200).optional(),
    sort: mixed().optional(),
    filter: mixed().optional(),
    after: string().max(4096).optional(),
  }),
  async handle(call) {
    checkList(call.input)
    const { page = 1, limit = 20, search = '', after } = call.input
    const descending = isDescending(call.input.sort)
    const searched = search === '' ? { sql: 'true', bindings: [] } : searchSql(declared, search)
    const bindings = [JSON.stringify([...declared.keys()]), ...searched.bindings]
    const counted: { rows: { total: number }[] } = await call.db.raw(`select count(*) as total from ${source} where ${searched.sql}`, bindings)
    const total = counted.rows[0]?.total ?? 0
    const start = cursorAfter(call.input)
    const [rest, more] = start === undefined ? ['', []] : [` and ${order} ${descending ? '<' : '>'} ?`, [start]]
    const offset = after === undefined ? (page - 1) * limit : 0
    const found: { rows: Found[] } = after === undefined && offset >= total ? { rows: [] } : await call.db.raw(
      `select k.key, c.id is not null as set, c.value from ${source} where ${searched.sql}${rest}
       order by ${order} ${descending ? 'desc' : 'asc'} limit ${limit + 1} offset ${offset}`, [...bindings, ...more])
    const rows = found.rows.slice(0, limit)
    const last = rows.at(-1)
    const next = last && found.rows.length > limit ? { next: makeCursor(call.input, last.key) } : {}
    return { items: rows.map((row) => toItem(declared, row)), page, limit, total, ...next }
  },
})
