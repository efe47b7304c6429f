// A figure that the server shows to those who watch it, as data: core and plugins declare theirs alike.

/** One value; with a `label` one for each of its few, fixed values. Undefined: not known at the moment. */
export type Reading = number | undefined | Readonly<Record<string, number>>

export interface Metric {
  /** Lower-case letters, digits and underscores, its unit last: `sovrane_<plugin>_…`; that of a counter ends with `_total`. */
  readonly name: string
  readonly help: string
  /** A counter only grows, from 0 at the start of the process. */
  readonly kind: 'gauge' | 'counter'
  readonly label?: string
  /** Read at each scrape. What it throws counts as not known. */
  read(): Reading | Promise<Reading>
}
