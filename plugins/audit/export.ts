// The audit log as lines of JSON: one entry a line, in order of time, whatever is in it.
import type { Knex } from 'knex'
import { columns, toWire, type Sealed } from './entry.ts'
import { endOf, startOf } from './page.ts'
import type { Period } from './verify.ts'

/** What ends a line for some reader, or steers a terminal, and JSON lets pass. */
const unsafe = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** One entry as one line, without its end. */
export const exportLine = (entry: object): string =>
  JSON.stringify(entry).replaceAll(unsafe, (character) => String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

const batch = 1000

/** Milliseconds: `at` has no finer. */
type Place = readonly [at: string, id: string]

/** Gives the lines of a period one by one, oldest first, with place and seal so that a copy can be verified; memory holds one batch. */
export async function* exportLines(db: Knex, period: Period): AsyncGenerator<string> {
  const to = period.to === undefined ? '9999-12-31T00:00:00.000Z' : endOf(period.to)
  let place: Place = [period.from === undefined ? '0001-01-01T00:00:00.000Z' : startOf(period.from), '']
  for (;;) {
    const found: { rows: Sealed[] } = await db.raw(
      `select ${columns}, seal_pos as pos, seal from audit_entries where (at, id) > (?::timestamptz, ?) and at <= ?::timestamptz order by at, id limit ${batch}`,
      [...place, to])
    for (const entry of found.rows) yield exportLine({ ...toWire(entry), position: entry.pos, seal: entry.seal, mac: entry.mac })
    const last = found.rows.at(-1)
    if (!last || found.rows.length < batch) return
    place = [last.timestamp.toISOString(), last.id]
  }
}
