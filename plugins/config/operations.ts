// config-get, config-update and config-delete. Changes are checked, written one after another, and known to this node before the reply.
import type { Knex } from 'knex'
import { mixed, object } from 'yup'
import {
  ifVersion, invalidPayload, notFound, operation, requireVersion, statement, type Call, type DeclaredSettings, type Fault, type Payload,
} from '#sovrane'
import type { Cache } from './cache.ts'
import { effective, keySchema, lockConfig, pairFaults, pairsOf, readRow, readValues, valueFaults, writeRow, type Stored } from './values.ts'

const get = (declared: DeclaredSettings) => operation({
  event: 'config-get',
  about: 'Reads one setting: the value that was set, or its default',
  errors: ['not_found'],
  kind: 'query',
  access: { key: 'read-config' },
  input: object({ key: keySchema() }),
  output: object({ key: keySchema(), value: mixed().nullable().defined() }),
  async handle(call) {
    const { key } = call.input
    const setting = declared.get(key)
    const row = await readRow(call.db, key)
    if (!row && !setting) throw notFound()
    return { key, value: effective(setting, row?.value) }
  },
})

/** An unset key has the version 0. */
const requireUnchanged = (row: Stored | undefined, wanted: number | undefined): void =>
  requireVersion(row?.version ?? 0, wanted, 'The setting has changed meanwhile')

const refuse = (faults: readonly Fault[]): void => {
  if (faults.length > 0) throw invalidPayload(faults)
}

/** What was set before and after, for the audit log if there is one; nothing set is `{}`. */
const state = (call: Pick<Call, 'notes'>, before: Payload, after: Payload): void => call.notes.set(statement, { before, after })

const asSet = (key: string, row: Stored | undefined): Payload => (row ? { key, value: row.value } : {})

/** Checks a setting's new value against the others. `path`: the field of the payload that is to blame. */
const checkPairs = async (db: Knex, declared: DeclaredSettings, next: { key: string; value: unknown }, path: string): Promise<void> => {
  const pairs = pairsOf(declared).filter(({ lower, upper }) => lower === next.key || upper === next.key)
  if (pairs.length === 0) return
  const keys = pairs.flatMap(({ lower, upper }) => [lower, upper])
  const stored = await readValues(db, keys)
  const values = new Map(keys.map((key) => [key, effective(declared.get(key), stored.get(key))]))
  refuse(pairFaults(pairs, values.set(next.key, next.value), path))
}

const update = (declared: DeclaredSettings, cache: Cache) => operation({
  event: 'config-update',
  about: 'Sets one setting',
  changes: ['config'],
  kind: 'mutation',
  access: { key: 'update-config' },
  input: object({ key: keySchema(), value: mixed().nullable().defined(), ifVersion: ifVersion() }),
  output: object({ key: keySchema(), value: mixed().nullable().defined() }),
  async handle(call) {
    const { key, value } = call.input
    refuse(valueFaults(declared.get(key), value))
    await lockConfig(call.db)
    const row = await readRow(call.db, key)
    requireUnchanged(row, call.input.ifVersion)
    await checkPairs(call.db, declared, { key, value }, 'value')
    await writeRow(call.db, key, value)
    state(call, asSet(key, row), { key, value })
    call.afterCommit(() => cache.refresh(key))
    return { key, value }
  },
})

const remove = (declared: DeclaredSettings, cache: Cache) => operation({
  event: 'config-delete',
  about: 'Takes one setting back to its default',
  errors: ['not_found'],
  changes: ['config'],
  kind: 'mutation',
  access: { key: 'delete-config' },
  input: object({ key: keySchema(), ifVersion: ifVersion() }),
  output: object({ key: keySchema() }),
  async handle(call) {
    const { key } = call.input
    const own = declared.get(key)
    await lockConfig(call.db)
    const row = await readRow(call.db, key)
    if (!row && !own) throw notFound()
    requireUnchanged(row, call.input.ifVersion)
    if (row && own) await checkPairs(call.db, declared, { key, value: own.initial }, 'key')
    if (row) await call.db('config').where({ id: key }).delete()
    state(call, asSet(key, row), {})
    call.afterCommit(() => cache.refresh(key))
    return { key }
  },
})

export const configOperations = (declared: DeclaredSettings, cache: Cache) => [
  get(declared), update(declared, cache), remove(declared, cache),
]
