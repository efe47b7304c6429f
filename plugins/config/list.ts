// config-list-request: declared settings and free keys as one list, page by page in the order of their keys.
import { mixed, number, object, string } from 'yup'
import { operation, type DeclaredSettings } from '../../core/define/index.ts'
import { checkList, cursorAfter, isDescending, makeCursor } from './list-request.ts'
import { requireEverywhere } from './rights.ts'
import { effective } from './value.ts'

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
    await requireEverywhere(call, 'read-config')
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
