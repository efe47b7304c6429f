// config-list-request: declared settings and free keys as one list, page by page in the order of their keys, and nothing to filter by.
import { mixed, object, string } from 'yup'
import {
  allOf, always, invalidPayload, likePattern, operation, pageFields, pageOf, pageWith, type DeclaredSettings, type Fault, type Sql,
} from '#sovrane'
import { effective, isKey } from './values.ts'

interface ListRequest {
  readonly page?: number | undefined
  readonly sort?: unknown
  readonly filter?: unknown
  readonly after?: string | undefined
}

const sortNames = (sort: unknown): unknown[] => (sort === undefined ? ['key'] : Array.isArray(sort) ? sort : [sort])

const sortFaults = (sort: unknown): Fault[] => {
  const names = sortNames(sort)
  if (names.length > 8) return [{ path: 'sort', message: 'must have at most 8 fields' }]
  return names
    .filter((name) => name !== 'key' && name !== '-key')
    .map((name) => ({
      path: 'sort',
      message: typeof name === 'string' ? `"${name.slice(0, 64)}" cannot be sorted by` : 'must be a field or an array of fields',
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

const isPlace = (values: readonly unknown[]): values is readonly [string] => values.length === 1 && isKey(values[0])

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

/** Keys, and declared settings also by what their descriptions say. */
const searchSql = (declared: DeclaredSettings, search: string): Sql => {
  if (search === '') return always
  const described = [...declared.values()].filter(({ description }) => description.toLowerCase().includes(search.toLowerCase()))
  return {
    sql: '(k.key ilike ? or k.key in (select jsonb_array_elements_text(?::jsonb)))',
    bindings: [likePattern(search), JSON.stringify(described.map(({ key }) => key))],
  }
}

export const listOperation = (declared: DeclaredSettings) => operation({
  event: 'config-list-request',
  about: 'Lists the settings, declared and set, page by page',
  kind: 'query',
  access: { key: 'read-config' },
  input: object({
    ...pageFields(),
    search: string().max(200).optional(),
    sort: mixed().optional(),
    filter: mixed().optional(),
  }),
  output: pageWith(object({
    key: string().required(), value: mixed().nullable().defined(), default: mixed().nullable().defined(),
    description: string().nullable().defined(),
    /** Of the value, as yup calls it; `json` of a free key. */
    type: string().required(),
  })),
  async handle(call) {
    checkList(call.input)
    const { search = '', after } = call.input
    const descending = isDescending(call.input.sort)
    const place = ['config', descending, search]
    const searched = searchSql(declared, search)
    const rest = after === undefined ? searched
      : allOf([searched, { sql: `${order} ${descending ? '<' : '>'} ?`, bindings: call.cursors.open(after, place, isPlace) }])
    const names = JSON.stringify([...declared.keys()])
    const counted: { rows: { total: number }[] } = await call.db.raw(
      `select count(*) as total from ${source} where ${searched.sql}`, [names, ...searched.bindings])
    return pageOf<Found, ReturnType<typeof toItem>>(call.input, {
      total: counted.rows[0]?.total ?? 0,
      async rows({ limit, offset }) {
        const found: { rows: Found[] } = await call.db.raw(
          `select k.key, c.id is not null as set, c.value from ${source} where ${rest.sql}
           order by ${order} ${descending ? 'desc' : 'asc'} limit ${limit} offset ${offset}`, [names, ...rest.bindings])
        return found.rows
      },
      items: (rows) => rows.map((row) => toItem(declared, row)),
      cursor: ({ key }) => call.cursors.seal([key], place),
    })
  },
})
