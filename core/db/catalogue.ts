// What the database has: tables with their columns, triggers and indexes, read from its catalogue in one statement.
import type { Knex } from 'knex'

interface TableColumn {
  readonly name: string
  /** The type's name in the catalogue, such as `text`, `int4`, `timestamptz`, `_text`; of a domain, the type below it. */
  readonly type: string
  readonly notNull: boolean
  /** The database gives it a value when none is given: a default, an identity, an expression. */
  readonly filled: boolean
}

export interface TableTrigger {
  readonly function: string
  readonly arguments: readonly string[]
  readonly on: { readonly insert: boolean; readonly update: boolean; readonly delete: boolean }
}

export interface Table {
  readonly name: string
  /** `table` for all that can be written and tracked, `view` for all that is only read. */
  readonly kind: 'table' | 'view'
  readonly columns: ReadonlyMap<string, TableColumn>
  /** Those that are enabled. */
  readonly triggers: readonly TableTrigger[]
  /** Those that hold every row. */
  readonly indexes: readonly TableIndex[]
}

interface TableIndex {
  /** Such as `btree`. */
  readonly method: string
  /** In their order, as SQL without what does not matter: brackets, quotes, casts to text. */
  readonly keys: readonly { readonly sql: string; readonly collation: string | null }[]
}

export interface Catalogue {
  /** The tables of the asked names that there are. */
  readonly tables: ReadonlyMap<string, Table>
  /** Of the asked names, those that SQL takes for words of its own. */
  readonly words: ReadonlySet<string>
  /** The schema of the extension pg_trgm, where it is. */
  readonly trigrams: string | undefined
}

interface TriggerRow {
  readonly function: string
  readonly arguments: string
  readonly type: number
}

interface CatalogueRow {
  readonly name: string
  readonly word: boolean
  readonly kind: string | null
  readonly columns: readonly TableColumn[] | null
  readonly triggers: readonly TriggerRow[] | null
  readonly indexes: readonly TableIndex[] | null
  readonly trigrams: string | null
}

// Names are found as statements find them, by the search path. `tgargs` are the arguments, each ended by a zero byte.
const statement = `
  select w.name, c.relkind::text as kind,
    exists (select 1 from pg_get_keywords() k where k.word = w.name and k.catcode in ('R', 'T')) as word,
    (select jsonb_agg(jsonb_build_object(
        'name', a.attname, 'type', coalesce(b.typname, t.typname), 'notNull', a.attnotnull or t.typnotnull,
        'filled', a.atthasdef or a.attidentity <> '' or t.typdefault is not null))
      from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_type b on t.typtype = 'd' and b.oid = t.typbasetype
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
    (select jsonb_agg(jsonb_build_object('function', p.proname, 'arguments', encode(g.tgargs, 'escape'), 'type', g.tgtype))
      from pg_trigger g join pg_proc p on p.oid = g.tgfoid
      where g.tgrelid = c.oid and not g.tgisinternal and g.tgenabled in ('O', 'A')) as triggers,
    (select jsonb_agg(jsonb_build_object('method', m.amname, 'keys', (
        select jsonb_agg(jsonb_build_object('sql', regexp_replace(pg_get_indexdef(i.indexrelid, k, true), '::text|[()" ]', '', 'g'),
            'collation', (select l.collname from pg_collation l where l.oid = i.indcollation[k - 1])) order by k)
          from generate_series(1, i.indnkeyatts) k)))
      from pg_index i join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam
      where i.indrelid = c.oid and i.indisvalid and i.indpred is null) as indexes,
    (select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_trgm') as trigrams
  from json_array_elements_text(?::json) w(name) left join pg_class c on c.oid = to_regclass(quote_ident(w.name))`

/** Bits of `tgtype`. */
const bit = { insert: 4, delete: 8, update: 16 } as const

const toTrigger = (row: TriggerRow): TableTrigger => ({
  function: row.function,
  arguments: row.arguments.split('\\000').slice(0, -1),
  on: { insert: (row.type & bit.insert) !== 0, update: (row.type & bit.update) !== 0, delete: (row.type & bit.delete) !== 0 },
})

/** Looks the tables up; `names` as they are in the database. One statement, some milliseconds. */
export const readCatalogue = async (db: Knex, names: readonly string[]): Promise<Catalogue> => {
  const { rows }: { rows: CatalogueRow[] } = await db.raw(statement, [JSON.stringify([...new Set(names)])])
  const tables = rows.filter((row) => row.kind !== null).map((row): [string, Table] => [row.name, {
    name: row.name,
    kind: row.kind === 'r' || row.kind === 'p' ? 'table' : 'view',
    columns: new Map((row.columns ?? []).map((column) => [column.name, column])),
    triggers: (row.triggers ?? []).map(toTrigger),
    indexes: row.indexes ?? [],
  }])
  const words = new Set(rows.filter((row) => row.word).map((row) => row.name))
  return { tables: new Map(tables), words, trigrams: rows[0]?.trigrams ?? undefined }
}
