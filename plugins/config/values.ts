// What a key may be, what may be set for it, and what of that counts; and the table where it stands.
import type { Knex } from 'knex'
import { string } from 'yup'
import { schemaFaults, type DeclaredSettings, type Fault, type Setting } from '#sovrane'

const keyPattern = /^[A-Za-z0-9_.-]{1,128}$/

export const isKey = (key: unknown): key is string => typeof key === 'string' && keyPattern.test(key)

/** The key of a setting, declared or free. Source: docs/protocol.md §7. */
export const keySchema = () =>
  string()
    .required()
    .matches(keyPattern, 'must be 1 to 128 characters of A-Z a-z 0-9 _ . -')
    .notOneOf(['__proto__', 'constructor', 'prototype'])

/** Of UTF-8 as JSON, for declared settings too: what is set is kept in memory. */
const maxBytes = 8192

/** What is wrong with a value for a setting, or for a free key when there is no setting. */
export const valueFaults = (setting: Setting | undefined, value: unknown): Fault[] => {
  if (Buffer.byteLength(JSON.stringify(value)) > maxBytes) return [{ path: 'value', message: `must be at most ${maxBytes} bytes as JSON` }]
  if (!setting) return []
  // Even where the schema would let it pass: a reader of a setting always gets a value.
  return value === null ? [{ path: 'value', message: 'may not be null' }] : schemaFaults(setting.schema, value, 'value')
}

/** The value that counts: what is stored, unless it no longer fits the setting. `stored`: undefined when nothing is. */
export const effective = (setting: Setting | undefined, stored: unknown): unknown => {
  if (!setting) return stored
  return stored !== undefined && valueFaults(setting, stored).length === 0 ? stored : setting.initial
}

/** Settings that depend on each other: the lower may not be above the upper. For flags: not on while the other is off. */
interface Pair {
  readonly lower: string
  readonly upper: string
}

// No one could choose a password; no one could log in and then use anything. Source: docs/protocol.md §4.2 and §7.
const knownPairs: readonly Pair[] = [
  { lower: 'account_password_min_length', upper: 'account_password_max_length' },
  { lower: 'account_require_mfa', upper: 'account_allow_mfa' },
]

/** The pairs that the declared settings make. A setting can name another as its upper bound: `schema.meta({ atMost: key })`. */
export const pairsOf = (declared: DeclaredSettings): Pair[] => {
  const own = [...declared.values()].flatMap(({ key, schema }): Pair[] => {
    const upper: unknown = schema.meta()?.['atMost']
    return typeof upper === 'string' ? [{ lower: key, upper }] : []
  })
  return [...knownPairs, ...own].filter(({ lower, upper }) => declared.has(lower) && declared.has(upper))
}

/** The faults of the pairs as the values would be. Messages name the keys and no value: those who may change need not be able to read. */
export const pairFaults = (pairs: readonly Pair[], values: ReadonlyMap<string, unknown>, path: string): Fault[] =>
  pairs.flatMap(({ lower, upper }) => {
    const [low, high] = [values.get(lower), values.get(upper)]
    if (Number(low) <= Number(high)) return []
    const rule = typeof low === 'boolean' ? 'must not be on while' : 'must not be above'
    return [{ path, message: `"${lower}" ${rule} "${upper}"${typeof low === 'boolean' ? ' is off' : ''}` }]
  })

export interface Stored {
  readonly value: unknown
  readonly version: number
}

/** What is set for a key; undefined when nothing is. */
export const readRow = async (db: Knex, key: string): Promise<Stored | undefined> =>
  db('config').where({ id: key }).first('value', 'version') as Promise<Stored | undefined>

/** The values of those keys that are set. */
export const readValues = async (db: Knex, keys: readonly string[]): Promise<Map<string, unknown>> => {
  const rows: { id: string; value: unknown }[] = await db('config').whereIn('id', keys).select('id', 'value')
  return new Map(rows.map(({ id, value }) => [id, value]))
}

/** Sets a value. The table's trigger drops an update that changes nothing, so no one hears of it. */
export const writeRow = async (db: Knex, key: string, value: unknown): Promise<void> => {
  await db('config').insert({ id: key, value: JSON.stringify(value) }).onConflict('id').merge(['value'])
}

/** Lets the transactions that change settings run one after another: settings of a pair cannot change past each other. */
export const lockConfig = async (db: Knex): Promise<void> => {
  await db.raw("select pg_advisory_xact_lock(hashtext('sovrane:config'))")
}
