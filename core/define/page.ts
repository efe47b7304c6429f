// Lists, page by page: what a request for a page holds, the page that answers it, and the cursor that goes on from its last row.
import { number, string } from 'yup'
import type { Page } from './wire.ts'

/** The fields of a request for a page: `object({ ...pageFields(), … })`. Source: docs/protocol.md §3.2. */
export const pageFields = () => ({
  page: number().integer().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  limit: number().integer().min(1).max(100).optional(),
  after: string().max(40_000).optional(),
})

export interface PageRequest {
  readonly page?: number | undefined
  readonly limit?: number | undefined
  readonly after?: string | undefined
}

/** Sealed cursors: what a list needs to go on from a row, in a form that clients can neither read nor make. */
export interface Cursors {
  /** @param place all that makes it the cursor of this list: which list it is, its order, filter and search */
  seal(values: readonly unknown[], place: readonly unknown[]): string
  /**
   * The values that `after` stands for.
   * @throws AppError invalid_payload when it was not sealed for this place, or the values no longer fit
   */
  open<Values extends readonly unknown[]>(
    after: string, place: readonly unknown[], fits: (values: readonly unknown[]) => values is Values,
  ): Values
}

export interface PageSource<Row, Item> {
  readonly total: number
  /** At most `limit` rows in the order of the list, `offset` rows after its beginning or after the row of the cursor. */
  rows(range: { readonly limit: number; readonly offset: number }): Promise<readonly Row[]>
  items(rows: readonly Row[]): readonly Item[] | Promise<readonly Item[]>
  /** The cursor of a row. */
  cursor(last: Row): string
}

/** Answers a request for a page. One row more than the page holds is read: it tells whether there is a next page. */
export const pageOf = async <Row, Item>(
  { page = 1, limit = 20, after }: PageRequest,
  source: PageSource<Row, Item>,
): Promise<Page<Item>> => {
  const { total } = source
  const offset = after === undefined ? (page - 1) * limit : 0
  const found = after === undefined && offset >= total ? [] : await source.rows({ limit: limit + 1, offset })
  const rows = found.slice(0, limit)
  const last = rows.at(-1)
  const items = await source.items(rows)
  return { items, page, limit, total, ...(last !== undefined && found.length > limit ? { next: source.cursor(last) } : {}) }
}
