// Fields of a resource: the base fields, those of its definition, its relations that are fields, and what plugins add.
import { ObjectSchema, array, date, mixed, number, string, type Schema } from 'yup'
import { id } from '../define/fields.ts'
import type { Extension } from '../define/plugin.ts'
import type { AnyResource } from '../define/resource.ts'
import type { AnySchema } from '../define/schema.ts'
import type { Faults } from './faults.ts'
import { snakeCase } from './names.ts'
import type { Field } from './resource.ts'

export const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && '__isYupSchema__' in value

/** The fields of a yup object. Everywhere else a schema is only its two phantom types. */
export const schemaFields = (schema: AnySchema): [string, Schema][] => {
  if (!(schema instanceof ObjectSchema)) return []
  return Object.entries(schema.fields).filter((entry): entry is [string, Schema] => isSchema(entry[1]))
}

/** What joins the conditions of a filter. */
export const combinators = ['or', 'and', 'not'] as const

/** Names that mean something in every payload. */
const reserved = new Set([
  'include', 'requestId', 'ifVersion', 'page', 'limit', 'search', 'sort', 'filter', 'after', 'scopes', ...combinators,
])

const timestamp = () => date()
const base: readonly [string, Schema][] = [
  ['id', id()], ['version', number().integer()], ['createdAt', timestamp()], ['updatedAt', timestamp()],
  ['createdBy', string().nullable()], ['updatedBy', string().nullable()],
]

const field = (name: string, schema: Schema, more: Partial<Field>): Field => ({
  name,
  column: snakeCase(name),
  schema,
  source: 'column',
  json: ['mixed', 'object', 'array'].includes(schema.type),
  nullable: schema.spec.nullable || schema.spec.optional,
  date: schema.type === 'date' || (schema.spec.meta !== undefined && 'date' in schema.spec.meta),
  base: false,
  readOnly: false,
  fixed: false,
  ...more,
})

const listOf = (item: Schema): Schema => {
  const list: unknown = array().of(item).max(1000).default([])
  if (!isSchema(list)) throw new Error('yup has changed')
  return list
}

/** The fields of a resource by name; what is wrong goes to `faults`. */
export const compileFields = (definition: AnyResource, extensions: readonly [string, Extension][], faults: Faults): Map<string, Field> => {
  const fields = new Map<string, Field>()
  const add = (place: string, entry: Field): void => {
    if (fields.has(entry.name)) faults.add(place, 'is declared twice')
    else if (reserved.has(entry.name)) faults.add(place, 'is a word of the protocol and cannot be a field')
    else fields.set(entry.name, entry)
  }
  for (const [name, schema] of base)
    fields.set(name, field(name, schema, { base: true, readOnly: name !== 'id', nullable: schema.spec.nullable }))
  for (const [name, schema] of schemaFields(definition.schema)) {
    add(`${definition.name}.${name}`, field(name, schema, {
      readOnly: definition.readOnly?.includes(name) ?? false,
      fixed: definition.fixed?.includes(name) ?? false,
    }))
  }
  for (const [name, { schema, readOnly }] of fields) {
    if (schema.type === 'date' && !readOnly)
      faults.add(`${definition.name}.${name}`, 'is a yup date, and JSON has no date type; use dateTime()')
  }
  for (const [name, relation] of Object.entries(definition.relations ?? {})) {
    if (relation.kind === 'many' && relation.field === true) {
      add(
        `${definition.name}.relations.${name}`,
        field(name, listOf(relation.through?.columns ? mixed() : id().required()), { source: 'link', json: false, nullable: false }),
      )
    }
  }
  for (const [plugin, extension] of extensions) {
    for (const [name, schema] of schemaFields(extension.schema)) {
      const stored = extension.stored?.[name]
      const writeOnly = extension.writeOnly?.includes(name) ?? false
      const place = `${plugin}.extend.${definition.name}.${name}`
      add(place, field(name, schema, {
        owner: plugin,
        source: writeOnly ? 'none' : stored ? 'stored' : 'column',
        ...(stored ? { stored } : {}),
        ...(extension.readKeys?.[name] === undefined ? {} : { readKey: extension.readKeys[name] }),
        readOnly: stored !== undefined || (extension.readOnly?.includes(name) ?? false),
      }))
      const optional = schema.spec.optional || schema.spec.nullable || schema.spec.default !== undefined
      if (!optional) faults.add(place, 'must be optional, nullable or have a default: rows are there already')
    }
  }
  return fields
}
