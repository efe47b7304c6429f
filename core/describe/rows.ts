// What is sent of a resource: its rows, pages of them, and what a list may be asked for, as JSON Schemas with names.
import { combinators } from '../model/fields.ts'
import { jsonSchemaOf } from '../model/json-schema.ts'
import { linksOf, type CompiledRelation, type Field, type LinkRelation, type ManyRelation, type Resource } from '../model/resource.ts'
import { comparable, idOperators, limits, operators } from '../crud/filter.ts'
import { includable } from '../crud/include.ts'
import { id } from '../define/fields.ts'
import type { JsonSchema } from '../define/description.ts'

/** A reference to a schema by its name. */
export const named = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` })

/** Echoed in replies and changes; see docs/protocol.md §2. */
export const requestId: JsonSchema = {
  type: 'string', pattern: '^[A-Za-z0-9_.:~-]{1,64}$',
  description: 'Comes back in the reply and in the changes that it causes; what was done under it is not done twice',
}

const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] })
const withoutDefault = ({ default: _initial, ...schema }: JsonSchema): JsonSchema => schema

/** One item of a field that is a relation: an id, or an object where the link has columns. */
const linkItem = (relation: LinkRelation): JsonSchema => {
  const one = jsonSchemaOf(id().required())
  if (relation.columns.length === 0) return one
  const columns = Object.fromEntries(relation.columns.map(({ name, schema }) => [name, jsonSchemaOf(schema)]))
  return { anyOf: [one, {
    type: 'object', properties: { [relation.payload]: one, ...columns }, required: [relation.payload], additionalProperties: false,
  }] }
}

const linkOf = (resource: Resource, field: Field): LinkRelation | undefined => {
  const relation = resource.relations.get(field.name)
  return field.source === 'link' && relation?.kind === 'link' ? relation : undefined
}

/** A field as it is written; `schema`: its own. */
export const writtenField = (resource: Resource, name: string, schema: JsonSchema): JsonSchema => {
  const field = resource.fields.get(name)
  if (!field) return schema
  const link = linkOf(resource, field)
  return {
    ...schema,
    ...(link ? { items: linkItem(link) } : {}),
    ...(field.source === 'none' ? { writeOnly: true } : {}),
  }
}

const shownField = (resource: Resource, field: Field): JsonSchema => {
  const link = linkOf(resource, field)
  const schema = withoutDefault(jsonSchemaOf(field.schema))
  if (link) return { ...schema, items: { anyOf: [linkItem(link), linkedRow(link)] } }
  const { type } = schema
  // What may be left out and has no default reads null.
  const isAbsent = field.schema.spec.optional && field.schema.getDefault() === undefined
  const shown = typeof type === 'string' && isAbsent && !field.base ? { ...schema, type: [type, 'null'] } : schema
  return { ...shown, ...(field.readOnly ? { readOnly: true } : {}) }
}

/** A relation embedded by `include`. */
const embedded = (relation: CompiledRelation): JsonSchema => {
  const about = { description: 'Only with `include`' }
  return relation.kind === 'one' ? { ...orNull(named(relation.target.name)), ...about }
    : { type: 'array', items: linkedRow(relation), ...about }
}

/** A row of a to-many relation with the columns of the link. */
const linkedRow = (relation: ManyRelation): JsonSchema => {
  const row = named(relation.target.name)
  const columns = relation.kind === 'owned' ? [] : linksOf(relation).columns
  if (columns.length === 0) return row
  const own = Object.fromEntries(columns.map(({ name, schema }) => [name, withoutDefault(jsonSchemaOf(schema))]))
  return { allOf: [row, { type: 'object', properties: own }] }
}

/** A row as a client sees it. Only `id` is sure: the other fields are those that the reader may read. */
const rowSchema = (resource: Resource): JsonSchema => {
  const fields = [...resource.fields.values()].filter(({ source }) => source !== 'none')
  const relations = [...resource.relations.values()].filter((relation) => includable(relation) && !resource.fields.has(relation.name))
  return {
    type: 'object',
    properties: {
      ...Object.fromEntries(fields.map((field) => [field.name, shownField(resource, field)])),
      ...Object.fromEntries(relations.map((relation) => [relation.name, embedded(relation)])),
      requestId,
    },
    required: ['id'],
  }
}

const filterTest = (field: Field, allowed: readonly string[]): JsonSchema => {
  const value = jsonSchemaOf(comparable(field))
  const isText = field.schema.type === 'string' && !field.date
  const kinds: Readonly<Record<string, JsonSchema>> = {
    eq: field.nullable ? orNull(value) : value, ne: field.nullable ? orNull(value) : value,
    in: { type: 'array', items: value, maxItems: limits.values }, isNull: { type: 'boolean' },
  }
  const tests = allowed.filter((each) => each !== 'contains' || isText)
  return { anyOf: [
    field.nullable ? orNull(value) : value,
    {
      type: 'object', properties: Object.fromEntries(tests.map((each) => [each, kinds[each] ?? value])), minProperties: 1,
      additionalProperties: false,
    },
  ] }
}

const filterSchema = (resource: Resource): JsonSchema => {
  const own = named(`${resource.name}.filter`)
  const [or, and, not] = combinators
  const parts = { type: 'array', items: own, minItems: 1 }
  const fields = [...resource.fields.values()].filter(({ name }) => name === 'id' || resource.list.filter.has(name))
  const tests = fields.map((field) => [field.name, filterTest(field, resource.list.filter.has(field.name) ? operators : idOperators)])
  return {
    type: 'object', properties: { ...Object.fromEntries(tests), [or]: parts, [and]: parts, [not]: own }, additionalProperties: false,
    description: `At most ${limits.conditions} conditions, ${limits.depth} levels deep`,
  }
}

const sortSchema = ({ list }: Resource): JsonSchema => {
  const names = [...new Set([...list.sort, 'id'])]
  const one = { type: 'string', enum: names.flatMap((name) => [name, `-${name}`]) }
  return { anyOf: [one, { type: 'array', items: one, maxItems: 8 }], description: 'A field, or `-field` for the other direction' }
}

/** The schemas of a resource by their names. */
export const schemasOf = (resource: Resource): [string, JsonSchema][] => [
  [resource.name, rowSchema(resource)],
  [`${resource.name}.filter`, filterSchema(resource)],
  [`${resource.name}.sort`, sortSchema(resource)],
]

/** What `include` may name. */
export const includeSchema = (resource: Resource): JsonSchema | undefined => {
  const names = [...resource.relations.values()].filter(includable).map(({ name }) => name)
  return names.length === 0 ? undefined : { type: 'array', items: { type: 'string', enum: names }, maxItems: 20 }
}

/** A page of items. */
export const pageSchema = (items: JsonSchema): JsonSchema => ({
  type: 'object',
  properties: {
    items: { type: 'array', items },
    page: { type: 'integer', minimum: 1 }, limit: { type: 'integer', minimum: 1, maximum: 100 }, total: { type: 'integer', minimum: 0 },
    next: { type: 'string', description: 'The `after` of the next page; absent on the last' },
    requestId,
  },
  required: ['items', 'page', 'limit', 'total'],
})

/** A page of a to-many relation. */
export const relationPage = (relation: ManyRelation): JsonSchema => pageSchema(linkedRow(relation))

/** One row, or null where there is none or the actor may not read it, under the name of its relation. */
export const relatedRow = ({ name, target }: CompiledRelation): JsonSchema =>
  ({ type: 'object', properties: { [name]: orNull(named(target.name)), requestId }, required: [name] })
