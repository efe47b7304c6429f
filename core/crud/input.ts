// The schemas of create and update, derived from a resource's fields.
import type { Schema } from 'yup'
import type { Field, LinkRelation, Resource } from '../model/resource.ts'
import { faultsOf, validate } from '../define/validate.ts'
import { id, ifVersion } from '../define/fields.ts'
import { invalidPayload, type Fault } from '../define/errors.ts'
import type { Payload } from '../define/call.ts'
import type { Reading } from '../call/operation.ts'

/** Accepted in every update, delete and change of a relation. */
export const version: [string, Schema] = ['ifVersion', ifVersion()]
export const requiredId: [string, Schema] = ['id', id().required()]

const isWritable = (field: Field): boolean => !field.readOnly && !field.base

interface Optional {
  optional(): { default(value: undefined): Schema }
}

/** The same schema for a field that may be left out. */
const absentable = (schema: Schema): Schema => {
  const untyped: Optional = schema
  return untyped.optional().default(undefined)
}

/** A field or a column of a link that may be left out. */
export const optionally = ({ name, schema }: Pick<Field, 'name' | 'schema'>): [string, Schema] => [name, absentable(schema)]

/** On create a field with a default or that may be null may be left out. */
const forCreate = (schema: Schema): Schema => (schema.spec.default === undefined && !schema.spec.nullable ? schema : absentable(schema))

const checkLinks = (relation: LinkRelation, value: unknown): Fault[] => {
  if (!Array.isArray(value)) return []
  const fields = new Map([[relation.payload, id().required()], ...relation.columns.map(optionally)])
  return value.flatMap((item: unknown, index) => {
    const place = `${relation.name}[${index}]`
    if (typeof item === 'string') return faultsOf(id().required(), item, place)
    if (typeof item !== 'object' || item === null || Array.isArray(item))
      return [{ path: place, message: `must be an id or an object with ${relation.payload}` }]
    const unknown = Object.keys(item).filter((key) => !fields.has(key))
    return [
      ...unknown.map((key) => ({ path: `${place}.${key}`, message: 'is an unknown field' })),
      ...[...fields].flatMap(([name, schema]) => faultsOf(schema, (item as Record<string, unknown>)[name], `${place}.${name}`)),
    ]
  })
}

const reading = (resource: Resource, fields: ReadonlyMap<string, Schema>): Reading => {
  const links = resource.links.filter(({ isField, columns }) => isField && columns.length > 0)
  const parse = (payload: Payload): Payload => {
    const input = validate(fields, payload)
    const faults = links.flatMap((relation) => checkLinks(relation, input[relation.name]))
    if (faults.length > 0) throw invalidPayload(faults)
    return input
  }
  return { accepts: { fields }, parse }
}

/** The payload of a create. */
export const createPayload = (resource: Resource): Reading => {
  const fields = [...resource.fields.values()].filter(isWritable).map((field): [string, Schema] => [field.name, forCreate(field.schema)])
  return reading(resource, new Map([['id', id().optional()], ...fields]))
}

/** The payload of an update: only what is given changes. */
export const updatePayload = (resource: Resource): Reading => {
  const fields = [...resource.fields.values()].filter((field) => isWritable(field) && !field.fixed).map(optionally)
  return reading(resource, new Map([requiredId, version, ...fields]))
}

/** The values of a new row: what was given, else the schema's default, else null. */
export const withDefaults = (resource: Resource, input: Payload): Record<string, unknown> => {
  const row: Record<string, unknown> = {}
  for (const field of resource.fields.values()) {
    if (field.base || field.source === 'none' || field.source === 'stored') continue
    const initial: unknown = field.schema.getDefault()
    row[field.name] = input[field.name] ?? initial ?? null
  }
  return row
}

