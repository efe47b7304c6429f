// audit-config-get and audit-config-update: which levels and categories are recorded.
import type { Knex } from 'knex'
import { array, object, string } from 'yup'
import { dateTime, invalidPayload, operation, statement } from '#sovrane'
import { levels, type Level } from './entry.ts'
import { configEvent } from './record.ts'

interface ConfigRow {
  readonly id: string
  readonly levels: readonly Level[]
  readonly categories: readonly string[]
  readonly updated_at: Date
  readonly updated_by: string | null
}

const theOne = 'audit-config'

const readRow = async (db: Knex, lock: boolean): Promise<ConfigRow> => {
  const query = db('audit_config').where({ id: theOne })
  const row: ConfigRow | undefined = await (lock ? query.forUpdate() : query).first(
    'id', 'levels', 'categories', 'updated_at', 'updated_by',
  )
  if (!row) throw new Error('The row of "audit_config" is missing')
  return row
}

const toWire = ({ id, levels: recorded, categories, updated_at: updatedAt, updated_by: updatedBy }: ConfigRow) =>
  ({ id, levels: recorded, categories, updatedAt: updatedAt.toISOString(), updatedBy })

const configReply = object({
  id: string().required(),
  levels: array().of(string().oneOf(levels).required()).required(), categories: array().of(string().required()).required(),
  updatedAt: dateTime().required(), updatedBy: string().nullable().defined(),
})

const contentOf = (row: ConfigRow) => ({ levels: row.levels, categories: row.categories })

const get = operation({
  event: 'audit-config-get',
  about: 'Says which levels and categories are recorded',
  kind: 'query',
  access: { key: 'read-audit-config' },
  input: object(),
  output: configReply,
  async handle(call) {
    return toWire(await readRow(call.db, false))
  },
})

const list = () => string().min(1).max(128).required()

const update = (known: () => ReadonlySet<string>) => operation({
  event: configEvent,
  kind: 'mutation',
  access: { key: 'write-audit-config' },
  input: object({
    levels: array().max(levels.length).of(string().oneOf(levels).required()).optional(),
    categories: array().max(200).of(list()).optional(),
  }),
  output: configReply,
  async handle(call) {
    const before = await readRow(call.db, true)
    const wanted = {
      levels: [...new Set(call.input.levels ?? before.levels)],
      categories: [...new Set(call.input.categories ?? before.categories)],
    }
    const names = known()
    const faults = (call.input.categories ?? []).flatMap((name, index) =>
      (names.has(name) ? [] : [{ path: `categories[${index}]`, message: 'is not a known category' }]))
    if (faults.length > 0) throw invalidPayload(faults)
    await call.db('audit_config').where({ id: theOne }).update(wanted)
    const after = await readRow(call.db, false)
    call.notes.set(statement, { targetType: theOne, targetId: theOne, before: contentOf(before), after: contentOf(after) })
    return toWire(after)
  },
})

/** `known`: the names of all categories there are. */
export const configOperations = (known: () => ReadonlySet<string>) => [get, update(known)]
