// include: rows of relations embedded in a reply, each under the reading rules of its own resource.
import { array, string, type Schema } from 'yup'
import type { CompiledRelation, LinkRelation, ManyRelation, OneRelation, Resource } from '../model/resource.ts'
import type { EngineCall } from '../call/operation.ts'
import { invalidPayload } from '../define/errors.ts'
import type { Payload } from '../define/call.ts'
import type { Row } from '../define/rights.ts'
import { sourceOf } from './source.ts'
import { projectRow } from './project.ts'
import { always } from '../define/sql.ts'
import { ask, reading } from '../define/statement.ts'
import { readRows, selectList, toRow } from './select.ts'

export const includeField: [string, Schema] = ['include', array().max(20).of(string().required()).optional()]

export const includable = (relation: CompiledRelation): boolean => relation.kind === 'one' || relation.cap !== undefined

/** @throws AppError invalid_payload when a name is not a relation that can be included */
export const checkInclude = (resource: Resource, include: unknown): void => {
  const names: unknown[] = Array.isArray(include) ? include : []
  const faults = names.flatMap((name, index) => {
    const relation = resource.relations.get(String(name))
    return relation && includable(relation) ? [] : [{ path: `include[${index}]`, message: 'is not a relation that can be included' }]
  })
  if (faults.length > 0) throw invalidPayload(faults)
}

interface Page {
  readonly rows: readonly Row[]
  readonly projected: readonly Payload[]
  readonly include: unknown
}

/** The projected rows with the included relations in them. */
export const embed = async (call: EngineCall, resource: Resource, page: Page): Promise<Payload[]> => {
  const names: string[] = Array.isArray(page.include) ? [...new Set(page.include.map(String))] : []
  if (names.length === 0) return [...page.projected]
  const result: Record<string, unknown>[] = page.projected.map((row) => ({ ...row }))
  for (const name of names) {
    const relation = resource.relations.get(name)
    if (!relation) continue
    const embedded = relation.kind === 'one' ? await embedOne(call, relation, page.rows) : await embedMany(call, relation, page.rows)
    const field = relation.kind === 'one' ? relation.field : relation.kind === 'link' && relation.isField ? relation.name : undefined
    page.rows.forEach((row, index) => {
      const target = result[index]
      // What is embedded would tell what a field says that the actor may not read.
      if (target && (field === undefined || page.projected[index]?.[field] !== undefined)) target[name] = embedded(row)
    })
  }
  return result
}

type Lookup = (row: Row) => unknown

/** Those of the rows that the actor may get. */
const targetsOf = async (call: EngineCall, target: Resource, ids: readonly string[]): Promise<Row[]> => {
  if (ids.length === 0) return []
  const allowed = call.rights.sql('get', target)
  if (allowed === always) return [...(await readRows(call, target, ids)).values()]
  const { rows } = await ask<Record<string, unknown>>(
    call.db, reading(`select ${selectList(target)} from ${target.table} where ${target.table}.id = any(?::text[]) and ${allowed.sql}`),
    [ids, ...allowed.bindings])
  return rows.map(toRow)
}

const embedOne = async (call: EngineCall, relation: OneRelation, rows: readonly Row[]): Promise<Lookup> => {
  const { target } = relation
  const ids = [...new Set(rows.map((row) => row[relation.field]).filter((id): id is string => typeof id === 'string'))]
  const found = new Map<string, Payload>()
  for (const row of await targetsOf(call, target, ids)) found.set(row.id, await projectRow(call, target, row, 'get'))
  return (row) => found.get(String(row[relation.field])) ?? null
}

/** The ids of those linked, as each row itself has them. */
const idsIn = (row: Row, name: string): string[] => {
  const ids = row[name]
  return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : []
}

/** As the statement below orders them. */
const byCreation = (one: Row, other: Row): number => {
  const [first, second] = [[String(one['createdAt']), one.id], [String(other['createdAt']), other.id]]
  const at = first[0] === second[0] ? 1 : 0
  return (first[at] ?? '') < (second[at] ?? '') ? -1 : 1
}

/** Where the rows name all whom they are linked to, and the actor may list each, they may all be known already. */
const embedNamed = async (call: EngineCall, { name, target, cap = 1 }: LinkRelation, rows: readonly Row[]): Promise<Lookup> => {
  const found = new Map<string, { readonly row: Row; readonly projected: Payload }>()
  const named = await readRows(call, target, [...new Set(rows.flatMap((row) => idsIn(row, name)))])
  for (const row of named.values()) found.set(row.id, { row, projected: await projectRow(call, target, row, 'list') })
  return (row) => idsIn(row, name).flatMap((id) => found.get(id) ?? [])
    .toSorted((one, other) => byCreation(one.row, other.row)).slice(0, cap).map(({ projected }) => projected)
}

const embedMany = async (call: EngineCall, relation: ManyRelation, rows: readonly Row[]): Promise<Lookup> => {
  const { target } = relation
  const found = new Map<string, Payload[]>()
  const allowed = call.rights.sql('list', target)
  if (allowed === always && relation.kind === 'link' && relation.isField && relation.columns.length === 0)
    return embedNamed(call, relation, rows)
  const { from, owner, extra } = sourceOf(relation)
  const byBytes = relation.kind === 'link' ? ' collate "C"' : ''
  const columns = [selectList(target), ...extra.map(({ name, sql }) => `${sql} as "${name}"`)].join(', ')
  // One statement for all rows: the cap holds for each of them.
  const { rows: targets } = await ask<Record<string, unknown>>(call.db, reading(
    `select o.id as "~owner", m.* from unnest(?::text[]) as o(id) cross join lateral (
       select ${columns} from ${from} where ${owner} = o.id and ${allowed.sql}
       order by ${target.table}.created_at, ${target.table}.id${byBytes} limit ${relation.cap ?? 1}) m`),
    [rows.map((row) => row.id), ...allowed.bindings])
  for (const { '~owner': id, ...values } of targets) {
    const own = Object.fromEntries(extra.map(({ name }) => [name, values[name]]))
    const projected = { ...(await projectRow(call, target, toRow(values), 'list')), ...own }
    found.set(String(id), [...(found.get(String(id)) ?? []), projected])
  }
  return (row) => found.get(row.id) ?? []
}
