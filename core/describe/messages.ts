// What an event takes and what it replies, as JSON Schemas: of generic events from their resource, of others from their definition.
import type { Operation } from '../call/operation.ts'
import type { JsonSchema } from '../define/description.ts'
import { isSchema } from '../model/fields.ts'
import { jsonSchemaOf, payloadSchema } from '../model/json-schema.ts'
import type { CompiledRelation, Resource, Resources } from '../model/resource.ts'
import { includeSchema, named, pageSchema, relatedRow, relationPage, requestId, writtenField } from './rows.ts'

/** The resource and the relation that an event is about. */
interface Subject {
  readonly resource: Resource | undefined
  readonly relation: CompiledRelation | undefined
}

export const subjectOf = ({ resource = '', relation = '' }: Operation, resources: Resources): Subject => {
  const owner = resources.get(resource)
  return { resource: owner, relation: owner?.relations.get(relation) }
}

/** Whether core made it of a resource's definition. */
export const isGeneric = ({ said }: Operation): boolean => said === undefined

const propertiesOf = (schema: JsonSchema): Readonly<Record<string, JsonSchema>> => {
  const { properties } = schema
  return typeof properties === 'object' && properties !== null ? (properties as Record<string, JsonSchema>) : {}
}

/** The fields that only a resource can tell about. */
const told = (operation: Operation, { resource, relation }: Subject): Readonly<Record<string, JsonSchema | undefined>> => {
  const listed = relation?.target ?? resource
  if (!listed || !['list', 'get'].includes(operation.action)) return {}
  const include = { include: includeSchema(listed) }
  if (operation.action === 'get') return include
  return {
    ...include, filter: named(`${listed.name}.filter`), sort: named(`${listed.name}.sort`),
    ...(listed.list.search.size === 0 ? { search: undefined } : {}),
  }
}

/** What an event takes. */
export const payloadOf = (operation: Operation, resources: Resources): JsonSchema => {
  const { accepts: { fields, aliases = new Map<string, string>() } } = operation.steps
  const subject = subjectOf(operation, resources)
  const schema = payloadSchema(fields)
  const generic = isGeneric(operation) ? told(operation, subject) : {}
  const properties: Record<string, JsonSchema> = {}
  for (const [name, own] of Object.entries(propertiesOf(schema))) {
    const better = name in generic ? generic[name] : own
    if (better === undefined) continue
    properties[name] = isGeneric(operation) && subject.resource && !subject.relation ? writtenField(subject.resource, name, better) : better
  }
  if (aliases.size === 0) return { ...schema, properties: { ...properties, requestId } }
  // Either name will do.
  const { required = [], ...rest } = schema
  const needed: unknown[] = Array.isArray(required) ? required : []
  const named = new Set(aliases.values())
  const others = needed.filter((name) => !named.has(String(name)))
  const further = [...aliases].map(([alias, name]) => [alias, { ...properties[name], description: `Another name of \`${name}\`` }])
  const ways = [...aliases].filter(([, name]) => needed.includes(name))
    .reduce<string[][]>((all, [alias, name]) => [name, alias].flatMap((each) => all.map((way) => [...way, each])), [[]])
  return {
    ...rest,
    properties: { ...properties, ...Object.fromEntries(further), requestId },
    ...(others.length > 0 ? { required: others } : {}),
    anyOf: ways.map((way) => ({ required: way })),
  }
}

const onlyId: JsonSchema = { type: 'object', properties: { id: { type: 'string' }, requestId }, required: ['id'] }

const rowsFrom = (resource: Resource): JsonSchema =>
  ({ type: 'object', properties: { items: { type: 'array', items: named(resource.name) }, requestId }, required: ['items'] })

const genericReply = ({ action }: Operation, resource: Resource, relation: CompiledRelation | undefined): JsonSchema => {
  if (action === 'list') return relation && relation.kind !== 'one' ? relationPage(relation) : pageSchema(named(resource.name))
  if (action === 'get' && relation) return relatedRow(relation)
  if (action === 'delete') return onlyId
  return action === 'custom' ? rowsFrom(resource) : named(resource.name)
}

/** With the `requestId` that every reply echoes. */
const echoing = (schema: JsonSchema): JsonSchema => {
  const { anyOf } = schema
  if (Array.isArray(anyOf)) return { ...schema, anyOf: (anyOf as JsonSchema[]).map(echoing) }
  return 'properties' in schema ? { ...schema, properties: { ...propertiesOf(schema), requestId } } : schema
}

/** What an event replies. */
export const replyOf = (operation: Operation, resources: Resources): JsonSchema => {
  const { resource, relation } = subjectOf(operation, resources)
  const output: unknown = operation.said?.output
  if (isSchema(output)) return echoing(jsonSchemaOf(output))
  if (isGeneric(operation) && resource) return genericReply(operation, resource, relation)
  return { type: 'object', properties: { requestId } }
}
