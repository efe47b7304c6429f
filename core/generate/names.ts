// Names that something new can have: no word of TypeScript or SQL, and none that is taken, by a file, a table or the app.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MigrationDirectory } from '../define/app.ts'
import { Unclear } from './renames.ts'

const ofTypeScript = new Set(`
  arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for
  function if implements import in instanceof interface let new null package private protected public return static super switch
  this throw true try typeof undefined var void while with yield async of type any unknown never object string number boolean app
`.trim().split(/\s+/))

/** What `pg_get_keywords()` calls reserved. */
const ofSql = new Set(`
  all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column
  concurrently constraint create cross current_catalog current_date current_role current_schema current_time current_timestamp
  current_user default deferrable desc distinct do else end except false fetch for foreign freeze from full grant group having ilike
  in initially inner intersect into is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null
  offset on only or order outer overlaps placing primary references returning right select session_user similar some symmetric table
  tablesample then to trailing true union unique user using variadic verbose when where window with
`.trim().split(/\s+/))

const sourcesIn = ({ directory }: MigrationDirectory): readonly (readonly [name: string, text: string])[] => {
  const folder = fileURLToPath(directory)
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => /\.[jt]s$/.test(name))
  return names.map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const)
}

/** The migration that makes a table; undefined: none does. */
const makerOf = (table: string, folders: readonly MigrationDirectory[]): string | undefined => {
  const makes = new RegExp(`createTable\\(['"]${table}['"]|create table (?:if not exists )?"?${table}"?\\b`, 'i')
  for (const folder of folders) {
    const found = sourcesIn(folder).find(([, text]) => makes.test(text))
    if (found) return `${folder.owner}/${found[0]}`
  }
  return undefined
}

/** @throws Unclear when a table cannot be called so */
export const requireTable = (table: string, advice: string, folders: readonly MigrationDirectory[]): void => {
  if (ofSql.has(table)) throw new Unclear(`"${table}" is a word of SQL and cannot name a table; ${advice}`)
  const maker = makerOf(table, folders)
  if (maker !== undefined) throw new Unclear(`There is a table "${table}" already, which ${maker} makes; ${advice}`)
}

/** @throws Unclear when nothing in code can be called so. `taken`: the names that `app.ts` has. */
export const requireIdentifier = (name: string, what: string, taken: ReadonlySet<string>): void => {
  if (ofTypeScript.has(name)) throw new Unclear(`"${name}" is a word of TypeScript and cannot name a ${what}`)
  if (taken.has(name)) throw new Unclear(`app.ts has a "${name}" already; choose another name`)
}
