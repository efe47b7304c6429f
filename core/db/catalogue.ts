// What the database has: tables with their columns, constraints, triggers and indexes, read from its catalogue in one statement.
import type { Knex } from 'knex'

export interface TableColumn {
  readonly name: string
  /** The type's name in the catalogue, such as `text`, `int4`, `timestamptz`, `_text`; of a domain, the type below it. */
  readonly type: string
  /** The type as SQL writes it, such as `character varying(20)`. */
  readonly sqlType: string
  readonly notNull: boolean
  /** The database gives it a value when none is given: a default, an identity, an expression. */
  readonly filled: boolean
  /** The expression of its default, in the words of the database; null: none, or one that the database works out by itself. */
  readonly default: string | null
}

export interface TableTrigger {
  readonly function: string
  readonly arguments: readonly string[]
  readonly on: { readonly insert: boolean; readonly update: boolean; readonly delete: boolean }
}

/** A key of an index: SQL without what does not matter: brackets, quotes, casts to text. */
interface IndexKey {
  readonly sql: string
  readonly collation: string | null
}

export interface TableIndex {
  readonly name: string
  /** Such as `btree`. */
  readonly method: string
  readonly unique: boolean
  readonly primary: boolean
  /** Of two nulls, one is the other. */
  readonly nullsAlike: boolean
  /** It is that of a unique constraint, which owns it. */
  readonly constraint: boolean
  readonly keys: readonly IndexKey[]
  /** What makes it, in the words of the database. */
  readonly sql: string
}

export interface ForeignKey {
  readonly name: string
  readonly columns: readonly string[]
  readonly target: string
  readonly targetColumns: readonly string[]
  readonly onDelete: 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default'
}

/** A check of one column. */
export interface ColumnCheck {
  readonly name: string
  readonly column: string
  /** In the words of the database. */
  readonly sql: string
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
  readonly foreignKeys: readonly ForeignKey[]
  readonly checks: readonly ColumnCheck[]
}

export interface Catalogue {
  /** The tables of the asked names that there are, and all whose changes are heard. */
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

interface ForeignKeyRow extends Omit<ForeignKey, 'onDelete'> {
  readonly action: string
}

interface CatalogueRow {
  readonly name: string
  readonly word: boolean
  readonly kind: string | null
  readonly columns: readonly TableColumn[] | null
  readonly triggers: readonly TriggerRow[] | null
  readonly indexes: readonly TableIndex[] | null
  readonly foreign_keys: readonly ForeignKeyRow[] | null
  readonly checks: readonly ColumnCheck[] | null
  readonly trigrams: string | null
}

// Names are found as statements find them, by the search path. `tgargs` are the arguments, each ended by a zero byte.
const statement = `
  with named as (
    select n.name, to_regclass(quote_ident(n.name)) as oid from json_array_elements_text(?::json) n(name)),
  heard as (
    select c.relname::text as name, c.oid::regclass as oid from pg_class c
    where pg_table_is_visible(c.oid) and c.oid in (
      select g.tgrelid from pg_trigger g join pg_proc p on p.oid = g.tgfoid
      where not g.tgisinternal and (p.proname = 'sovrane_stamp' or starts_with(p.proname, 'sovrane_touch_'))))
  select w.name, c.relkind::text as kind,
    exists (select 1 from pg_get_keywords() k where k.word = w.name and k.catcode in ('R', 'T')) as word,
    (select jsonb_agg(jsonb_build_object(
        'name', a.attname, 'type', coalesce(b.typname, t.typname), 'sqlType', format_type(a.atttypid, a.atttypmod),
        'notNull', a.attnotnull or t.typnotnull, 'filled', a.atthasdef or a.attidentity <> '' or t.typdefault is not null,
        'default', case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end) order by a.attnum)
      from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_type b on t.typtype = 'd' and b.oid = t.typbasetype
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
    (select jsonb_agg(jsonb_build_object('function', p.proname, 'arguments', encode(g.tgargs, 'escape'), 'type', g.tgtype))
      from pg_trigger g join pg_proc p on p.oid = g.tgfoid
      where g.tgrelid = c.oid and not g.tgisinternal and g.tgenabled in ('O', 'A')) as triggers,
    (select jsonb_agg(jsonb_build_object('name', x.relname, 'sql', pg_get_indexdef(x.oid), 'method', m.amname,
        'unique', i.indisunique, 'primary', i.indisprimary, 'nullsAlike', i.indnullsnotdistinct,
        'constraint', exists (select 1 from pg_constraint k where k.conindid = x.oid and k.contype = 'u'), 'keys', (
        select jsonb_agg(jsonb_build_object('sql', regexp_replace(pg_get_indexdef(i.indexrelid, k, true), '::text|[()" ]', '', 'g'),
            'collation', (select l.collname from pg_collation l where l.oid = i.indcollation[k - 1])) order by k)
          from generate_series(1, i.indnkeyatts) k)) order by x.relname)
      from pg_index i join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam
      where i.indrelid = c.oid and i.indisvalid and i.indpred is null) as indexes,
    (select jsonb_agg(jsonb_build_object('name', k.conname, 'action', k.confdeltype, 'target', r.relname,
        'columns', (select jsonb_agg(a.attname order by u.place) from unnest(k.conkey) with ordinality u(num, place)
          join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.num),
        'targetColumns', (select jsonb_agg(a.attname order by u.place) from unnest(k.confkey) with ordinality u(num, place)
          join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.num)) order by k.conname)
      from pg_constraint k join pg_class r on r.oid = k.confrelid where k.conrelid = c.oid and k.contype = 'f') as foreign_keys,
    (select jsonb_agg(jsonb_build_object(
        'name', k.conname, 'column', a.attname, 'sql', pg_get_expr(k.conbin, k.conrelid)) order by k.conname)
      from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
      where k.conrelid = c.oid and k.contype = 'c' and cardinality(k.conkey) = 1) as checks,
    (select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_trgm') as trigrams
  from (select * from named union select * from heard) w(name, oid) left join pg_class c on c.oid = w.oid`

/** Bits of `tgtype`. */
const bit = { insert: 4, delete: 8, update: 16 } as const

const toTrigger = (row: TriggerRow): TableTrigger => ({
  function: row.function,
  arguments: row.arguments.split('\\000').slice(0, -1),
  on: { insert: (row.type & bit.insert) !== 0, update: (row.type & bit.update) !== 0, delete: (row.type & bit.delete) !== 0 },
})

/** Letters of `confdeltype`. */
const actions: Readonly<Record<string, ForeignKey['onDelete']>> = {
  a: 'no action', r: 'restrict', c: 'cascade', n: 'set null', d: 'set default',
}

const toForeignKey = ({ action, ...row }: ForeignKeyRow): ForeignKey => ({ ...row, onDelete: actions[action] ?? 'no action' })

/** Looks the tables up; `names` as they are in the database. One statement, some milliseconds. */
export const readCatalogue = async (db: Knex, names: readonly string[]): Promise<Catalogue> => {
  const { rows }: { rows: CatalogueRow[] } = await db.raw(statement, [JSON.stringify([...new Set(names)])])
  const tables = rows.filter((row) => row.kind !== null).map((row): [string, Table] => [row.name, {
    name: row.name,
    kind: row.kind === 'r' || row.kind === 'p' ? 'table' : 'view',
    columns: new Map((row.columns ?? []).map((column) => [column.name, column])),
    triggers: (row.triggers ?? []).map(toTrigger),
    indexes: row.indexes ?? [],
    foreignKeys: (row.foreign_keys ?? []).map(toForeignKey),
    checks: row.checks ?? [],
  }])
  const words = new Set(rows.filter((row) => row.word).map((row) => row.name))
  return { tables: new Map(tables), words, trigrams: rows[0]?.trigrams ?? undefined }
}
