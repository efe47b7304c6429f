// The cursors of lists, sealed: they may hold what their reader may not read, such as the time by which rows are ordered.
import { invalidPayload } from '../define/errors.ts'
import type { Cursors } from '../define/page.ts'
import { createSeal } from '../define/sealing.ts'

const parse = (text: string | undefined): unknown => (text === undefined ? undefined : JSON.parse(text))

/** The first secret seals, all of them open. The same row of the same list has one cursor. */
export const createCursors = (secrets: readonly Buffer[]): Cursors => {
  const sealed = createSeal({ secrets, purpose: 'cursors', repeatable: true })
  return {
    seal: (values, place) => sealed.close(JSON.stringify(values), JSON.stringify(place)),
    open(after, place, fits) {
      const values = parse(sealed.open(after, JSON.stringify(place)))
      if (Array.isArray(values) && fits(values)) return values
      throw invalidPayload([{ path: 'after', message: 'is not a cursor of this list with this sort, filter and search' }])
    },
  }
}
