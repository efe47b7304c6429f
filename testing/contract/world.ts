// What every check of the contract suite works with: a running app, a door to it, people to ask as, and rows made on demand.
import type { Field, LinkRelation, OneRelation, Resource, Resources } from '../../core/model/resource.ts'
import type { Server } from '../../core/boot/server.ts'
import { isRequired, isWritable, validFor } from './values.ts'
import type { Listener } from './listener.ts'
import type { People } from './people.ts'
import { success, type Door, type Person, type Reply, type Row } from './transport.ts'

export interface World {
  readonly server: Server
  readonly resources: Resources
  readonly door: Door
  readonly admin: Person
  readonly people: People
  readonly listener: Listener
}

/** A world once the server runs: tests are defined before. */
export type Later = () => World

let made = 0
/** A number that no row of this run has. */
export const next = (): number => (made += 1)

export const oneBy = (resource: Resource, field: string): OneRelation | undefined =>
  [...resource.relations.values()].find((relation): relation is OneRelation => relation.kind === 'one' && relation.field === field)

/** Whether a row must name another in this field. */
export const isRequiredReference = (resource: Resource, field: string): boolean =>
  resource.fields.get(field)?.schema.spec.nullable === false

export const linkOf = (resource: Resource, field: string): LinkRelation | undefined => {
  const relation = resource.relations.get(field)
  return relation?.kind === 'link' && relation.isField ? relation : undefined
}

export const named = (world: World, name: string): Resource => {
  const found = world.resources.get(name)
  if (!found) throw new Error(`There is no resource "${name}"`)
  return found
}

/** The resources that have all generic events: those whose rows a client can make. */
export const whole = (resources: Resources): Resource[] => [...resources.values()].filter((resource) => resource.events.size === 5)

export const ask = (world: World, event: string, payload?: unknown): Promise<Reply> => world.door.ask(world.admin, event, payload)

/** Asks as the administrator and insists on success. */
export const ok = async (world: World, event: string, payload: Row): Promise<Row> => success(await ask(world, event, payload), event)

const shared = new WeakMap<Server, Map<string, Promise<string>>>()

/** The id of a row that stands for "some row" of a resource: one for all tests, never deleted. */
export const someRow = (world: World, name: string): Promise<string> => {
  const known = shared.get(world.server) ?? new Map<string, Promise<string>>()
  shared.set(world.server, known)
  const found = known.get(name) ?? createRow(world, named(world, name)).then((row) => String(row['id']))
  known.set(name, found)
  return found
}

/** A valid value for a field: a reference leads to some row. */
export const valueFor = async (world: World, resource: Resource, name: string, n: number): Promise<unknown> => {
  const field = resource.fields.get(name)
  if (!field) throw new Error(`There is no field "${name}"`)
  const [reference, link] = [oneBy(resource, name), linkOf(resource, name)]
  if (reference) return someRow(world, reference.target.name)
  if (link) return [await someRow(world, link.target.name)]
  const example = resource.examples?.[name]
  if (example) return example(n)
  try {
    return validFor(field.schema, n)
  } catch (error) {
    throw new Error(`${resource.name}.${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

/** A payload for create with what is required. */
export const leastPayload = async (world: World, resource: Resource): Promise<Record<string, unknown>> => {
  const n = next()
  const payload: Record<string, unknown> = {}
  for (const field of resource.fields.values()) if (isRequired(field)) payload[field.name] = await valueFor(world, resource, field.name, n)
  return payload
}

/** A payload for create with every field that can be written. */
export const fullPayload = async (world: World, resource: Resource): Promise<Record<string, unknown>> => {
  const n = next()
  const payload: Record<string, unknown> = {}
  for (const field of resource.fields.values()) if (isWritable(field)) payload[field.name] = await valueFor(world, resource, field.name, n)
  return payload
}

/** Creates a row of this payload and insists on success. */
export const create = async (world: World, resource: Resource, payload: Row): Promise<Row> => {
  const reply = await ask(world, `${resource.name}-create`, payload)
  if (reply.ok) return reply.data
  const { code, message, details } = reply.error
  const faults = Array.isArray(details) ? (details as { path: string; message: string }[]) : []
  const hint =
    faults.map(
      ({ path, message: fault }) => `\n  ${path}: ${fault}. A good value would be given by the definition: examples: { ${path}: (n) => … }`,
    )
      .join('')
  throw new Error(`No "${resource.name}" can be made with ${JSON.stringify(payload)}: ${code}, ${message}${hint}`)
}

/** Creates a row with what is required and what is given. */
export const createRow = async (world: World, resource: Resource, given: Row = {}): Promise<Row> =>
  create(world, resource, { ...(await leastPayload(world, resource)), ...given })

export const readRow = (world: World, resource: Resource, id: unknown): Promise<Row> => ok(world, `${resource.name}-get`, { id })

/** All ids of a table in the order of its default list. */
export const idsInTable = async (world: World, resource: Resource): Promise<string[]> => {
  const rows: { id: string }[] =
    await world.server.database.knex(resource.table).select('id').orderBy([{ column: 'created_at' }, { column: 'id' }])
  return rows.map((row) => row.id)
}

/** All rows as the administrator lists them. */
export const allRows = async (world: World, resource: Resource): Promise<Row[]> => {
  const rows: Row[] = []
  for (let after: unknown; ;) {
    const page = await ok(world, `${resource.name}-list-request`, { limit: 100, ...(after === undefined ? {} : { after }) })
    rows.push(...(page['items'] as Row[]))
    after = page['next']
    if (after === undefined) return rows
  }
}

/** Fields that a unique index of the table is on. */
export const uniqueFields = async (world: World, resource: Resource): Promise<Field[]> => {
  const indexes: { definition: string }[] = await world.server.database.knex('pg_indexes')
    .where({ tablename: resource.table }).whereLike('indexdef', 'CREATE UNIQUE%').whereNot('indexname', `${resource.table}_pkey`).select({
      definition: 'indexdef',
    })
  return [...resource.fields.values()].filter(({ source, column }) =>
    source === 'column' && indexes.some(({ definition }) => new RegExp(`\\(.*\\b${column}\\b`).test(definition)))
}
