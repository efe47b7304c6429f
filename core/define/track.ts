// What migrations call to have a table's changes heard: whatever writes, the trigger is in its transaction.
import type { Knex } from 'knex'

/** Adds the columns that every resource has: id, version and the four stamps. */
export const resourceColumns = (table: Knex.CreateTableBuilder, knex: Knex): void => {
  table.text('id').primary()
  table.bigInteger('version').notNullable()
  // Milliseconds: what a client reads back and pages by is the whole value.
  table.specificType('created_at', 'timestamptz(3)').notNullable().defaultTo(knex.fn.now())
  table.specificType('updated_at', 'timestamptz(3)').notNullable().defaultTo(knex.fn.now())
  table.text('created_by')
  table.text('updated_by')
}

/**
 * Tracks the table of a resource: versions, stamps, `<resource>-changed`. `scope`: its rows can limit grants, those that are there too.
 * What is there of it already is made anew.
 */
export const trackChanges = async (knex: Knex, table: string, options: { resource: string; scope?: boolean }): Promise<void> => {
  const resource = literal(options.resource)
  await knex.raw(`create or replace trigger a_stamp before insert or update on ?? for each row execute function sovrane_stamp(${resource})`, [table])
  await knex.raw(
    `create or replace trigger b_record after insert or update or delete on ?? for each row execute function sovrane_record(${resource})`,
    [table],
  )
  await always(knex, table, 'b_record')
  for (const [name, moment] of [
    ['f_truncated_rows', 'before'],
    ['f_truncated', 'after'],
  ] as const) {
    await knex.raw(`create or replace trigger ?? ${moment} truncate on ?? for each statement execute function sovrane_truncate(${resource})`, [
      name, table,
    ])
    await always(knex, table, name)
  }
  await knex.raw('create index if not exists ?? on ?? (created_at, id)', [`${table}_created`, table])
  if (options.scope === true) {
    await knex.raw(`create or replace trigger c_scope after insert or delete on ?? for each row execute function sovrane_scope(${resource})`, [table])
    await knex.raw('insert into scopes (id, resource) select id, ? from ?? on conflict (id) do nothing', [options.resource, table])
  }
}

/** Takes the tracking of a table off again; `only`: that its rows can limit grants. The ids that grants may name stay. */
export const untrackChanges = async (knex: Knex, table: string, { only }: { readonly only?: 'scope' } = {}): Promise<void> => {
  const triggers = only === 'scope' ? ['c_scope'] : ['a_stamp', 'b_record', 'f_truncated_rows', 'f_truncated', 'c_scope']
  for (const name of triggers) await knex.raw('drop trigger if exists ?? on ??', [name, table])
  if (only === undefined) await knex.raw('drop index if exists ??', [`${table}_created`])
}

interface Touch {
  /** The table of the resource that owns the link. */
  readonly owner: string
  /** The column of the tracked table that holds the owner's id. */
  readonly by: string
  /** Only a change of this column counts on update; default: any change. Needs `key`, the column that pairs old and new rows. */
  readonly when?: string
  readonly key?: string
}

/** Makes each change of a table's rows a change of the row that owns them, whichever way it comes about. */
export const touchOwner = async (knex: Knex, table: string, touch: Touch): Promise<void> => {
  const about = [touch.owner, touch.by, touch.when ?? '', touch.key ?? 'id']
  const made: { rows: { name: string }[] } =
    await knex.raw('select sovrane_static_touch(?::regclass, ?, ?, ?, ?) as name', [table, ...about])
  // The arguments tell what it is for when the table is compared with its definition.
  const call = `${made.rows[0]?.name ?? ''}(${about.map(literal).join(', ')})`
  const tables = { insert: 'new table as new_rows', delete: 'old table as old_rows', update: 'old table as old_rows new table as new_rows' }
  for (const [event, transition] of Object.entries(tables)) {
    const name = `d_touch_${touch.owner}_${touch.by}_${event}`
    await knex.raw(`create or replace trigger ?? after ${event} on ?? referencing ${transition} for each statement execute function ${call}`, [
      name, table,
    ])
    await always(knex, table, name)
  }
  await hearTruncate(knex, table)
}

/** A change of a table's rows is no longer one of the row that owns them. */
export const untouchOwner = async (knex: Knex, table: string, { owner, by }: Pick<Touch, 'owner' | 'by'>): Promise<void> => {
  for (const event of ['insert', 'delete', 'update'])
    await knex.raw('drop trigger if exists ?? on ??', [`d_touch_${owner}_${by}_${event}`, table])
}

/**
 * Puts an internal entry (`~topic`) in the feed for each change of a table: for caches, never for clients.
 * `on`: which statements count, such as `update of ended_at`; default: all.
 */
export const announce = async (knex: Knex, table: string, options: { topic: `~${string}`; id: string; on?: string }): Promise<void> => {
  const name = `e_announce_${options.topic.slice(1)}`
  await knex.raw(`create or replace trigger ?? after ${options.on ?? 'insert or update or delete'} on ?? for each row execute function
    sovrane_announce(${literal(options.topic)}, ${literal(options.id)})`, [name, table])
  await always(knex, table, name)
  await hearTruncate(knex, table)
}

/** Changes of a table are no longer announced under a topic. */
export const unannounce = async (knex: Knex, table: string, { topic }: { readonly topic: `~${string}` }): Promise<void> => {
  await knex.raw('drop trigger if exists ?? on ??', [`e_announce_${topic.slice(1)}`, table])
}

interface RightsTable {
  /** The column that names the actor whose rights a row says something about; default: it is about everyone's. */
  readonly actor?: string
  /** Only a change of this column counts, and the deletion of a row; default: any change, and new rows. */
  readonly column?: string
}

/** Makes each change of a table from which rights are read raise the stamp of rights, so that none that is cached outlives it. */
export const trackRights = async (knex: Knex, table: string, { actor = '', column }: RightsTable): Promise<void> => {
  const call = `execute function sovrane_rights(${literal(actor)})`
  const [old, now] = column === undefined ? ['old.*', 'new.*'] : [`old.${column}`, `new.${column}`]
  const triggers = {
    e_rights_rows: `after ${column === undefined ? 'insert or delete' : 'delete'} on ?? for each row ${call}`,
    e_rights_update: `after update on ?? for each row when (${old} is distinct from ${now}) ${call}`,
    e_rights_truncate: `after truncate on ?? for each statement ${call}`,
  }
  for (const [name, when] of Object.entries(triggers)) {
    await knex.raw(`create trigger ?? ${when}`, [name, table])
    await always(knex, table, name)
  }
}

/** Writers in the role of a replica are heard too. */
const always = async (knex: Knex, table: string, trigger: string): Promise<void> => {
  await knex.raw('alter table ?? enable always trigger ??', [table, trigger])
}

/** TRUNCATE asks no row's trigger: it is told as the loss of everything that is cached. */
const hearTruncate = async (knex: Knex, table: string): Promise<void> => {
  await knex.raw("create or replace trigger g_truncated after truncate on ?? for each statement execute function sovrane_truncate('')", [
    table,
  ])
  await always(knex, table, 'g_truncated')
}

/** Trigger arguments cannot be bound. */
const literal = (text: string): string => {
  if (!/^[~a-z0-9_-]*$/.test(text)) throw new Error(`"${text}" cannot be a trigger's argument`)
  return `'${text}'`
}
