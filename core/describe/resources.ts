// Resources as those know them who make screens of them: fields with their bounds, relations with their events, lists, keys.
import type { DescribedEvent, DescribedField, DescribedRelation, DescribedResource } from '../define/description.ts'
import { includable } from '../crud/include.ts'
import { jsonSchemaOf, payloadSchema } from '../model/json-schema.ts'
import { linksOf, type CompiledRelation, type Field, type Resource } from '../model/resource.ts'
import { writtenField } from './rows.ts'

/** A field that is a link says so by the relation. */
const relationBy = (resource: Resource, { name, source }: Field): string | undefined =>
  (source === 'link' ? name : resource.ones.find(({ field }) => field === name)?.name)

const fieldsOf = (resource: Resource): DescribedField[] => {
  const fields = [...resource.fields.values()]
  const { required = [] } = payloadSchema(new Map(fields.map(({ name, schema }) => [name, schema])))
  const needed: unknown[] = Array.isArray(required) ? required : []
  return fields.map((field) => {
    const { name, base, readOnly, fixed, source, readKey } = field
    const relation = relationBy(resource, field)
    return {
      name, schema: writtenField(resource, name, jsonSchemaOf(field.schema)), required: needed.includes(name),
      base, readOnly: base || readOnly, fixed, writeOnly: source === 'none',
      ...(relation === undefined ? {} : { relation }), ...(readKey === undefined ? {} : { key: readKey }),
    }
  })
}

const relationOf = (relation: CompiledRelation, events: readonly DescribedEvent[]): DescribedRelation => {
  const { name, owner, target, kind, key, payload } = relation
  const isField = kind === 'one' || (kind === 'link' && relation.isField)
  const own = events.filter((event) => event.resource === owner && event.relation === name && event.each === undefined)
  return {
    name, kind: kind === 'one' ? 'one' : 'many', target: target.name, key, payload,
    events: Object.fromEntries(own.map(({ action, event }) => [action, event])),
    columns: kind === 'link' || kind === 'linked' ? linksOf(relation).columns.map((column) =>
      ({ name: column.name, schema: jsonSchemaOf(column.schema), scope: column.scope })) : [],
    ...(isField ? { field: kind === 'one' ? relation.field : name } : {}),
    include: includable(relation), tree: kind === 'one' && relation.acyclic,
  }
}

/** The fields that people know a row by: names that must be given; else the first that is searched. */
const titleOf = ({ fields, list }: Resource, described: readonly DescribedField[]): string[] => {
  const searched = [...list.search].filter((name) => fields.get(name)?.source === 'column')
  const needed = searched.filter((name) =>
    described.some((field) => field.name === name && field.required && field.schema['format'] === undefined))
  return needed.length > 0 ? needed : searched.slice(0, 1)
}

/** `events`: all of the app. */
export const resourceDescribed = (resource: Resource, events: readonly DescribedEvent[]): DescribedResource => {
  const { name, plural, relations, list, keys, isScope, parent } = resource
  const fields = fieldsOf(resource)
  const own = events.filter((event) => event.resource === name && event.relation === undefined)
  return {
    name, plural, keys, isScope, fields, title: titleOf(resource, fields),
    events: Object.fromEntries(own.filter(({ action, each }) => action !== 'custom' && each === undefined)
      .map(({ action, event }) => [action, event])),
    many: Object.fromEntries(own.flatMap(({ each, event }) => {
      const single = own.find((other) => other.event === each)
      return single ? [[single.action, event]] : []
    })),
    relations: [...relations.values()].map((relation) => relationOf(relation, events)),
    list: { search: [...list.search], filter: [...list.filter], sort: [...list.sort] },
    ...(parent ? { parent: parent.name } : {}),
  }
}
