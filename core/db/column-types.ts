// How column values become JavaScript values: one table for both drivers, which disagree by default.

import pg from 'pg'

type Parse = (text: string) => unknown

const oid = {
  bytea: 17, int8: 20, date: 1082, timestamp: 1114, timestamptz: 1184, interval: 1186, numeric: 1700,
  textArray: 1009, int8Array: 1016, dateArray: 1182,
} as const

const asText: Parse = (text) => text
const native = (type: number): Parse => pg.types.getTypeParser(type) as Parse
const each = (parse: Parse): Parse => (text) =>
  (native(oid.textArray)(text) as (string | null)[]).map((item) => (item === null ? null : parse(item)))

/** Parsers by type oid; a type that is not here is parsed alike by both drivers. */
export const columnTypes: Readonly<Record<number, Parse>> = {
  // Exact up to 2^53; counters, versions and sums of ours stay far below.
  [oid.int8]: Number,
  [oid.int8Array]: each(Number),
  [oid.numeric]: Number,
  [oid.timestamptz]: native(oid.timestamptz),
  [oid.timestamp]: native(oid.timestamp),
  // A day has no time zone. As a Date it would move by a day in half of them.
  [oid.date]: asText,
  [oid.dateArray]: each(asText),
  [oid.interval]: asText,
  [oid.bytea]: native(oid.bytea),
}

/** A time as PostgreSQL writes it in UTC. */
const utc = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,3})\d*)?\+00$/

/** ISO 8601 without a `Date` between: lists are made of many. What has no such form, as infinity, is left to the driver. */
const isoOf: Parse = (text) => {
  const [whole, day, time, thousandths = ''] = utc.exec(text) ?? []
  return whole === undefined ? native(oid.timestamptz)(text) : `${day}T${time}.${thousandths.padEnd(3, '0')}Z`
}

/** The same for rows of resources, whose times are texts. */
export const rowTypes: Readonly<Record<number, Parse>> = { ...columnTypes, [oid.timestamptz]: isoOf }

/** A table in the shape that `pg` takes; the global one of `pg` stays as it is. */
const shaped = (table: Readonly<Record<number, Parse>>): pg.CustomTypesConfig => ({
  getTypeParser: ((type: number, format?: 'text' | 'binary'): unknown =>
    (format === 'binary' ? undefined : table[type]) ?? pg.types.getTypeParser(type, format)) as typeof pg.types.getTypeParser,
})

export const pgTypes = shaped(columnTypes)
export const pgRowTypes = shaped(rowTypes)
