// Definitions → compiled resources. All faults of all definitions are collected before any is thrown.
import type { Extension } from '../define/plugin.ts'
import type { AnyResource } from '../define/resource.ts'
import type { Action } from '../define/rights.ts'
import { actions, checkDefinition, checkFields, tableOf } from './definition.ts'
import { checkExamples } from './examples.ts'
import type { Faults } from './faults.ts'
import { compileFields } from './fields.ts'
import { compileRelations } from './relations.ts'
import type { CompiledRelation, Field, Reference, Resource, Resources } from './resource.ts'

const pluralOf = (definition: AnyResource): string => definition.plural ?? `${definition.name}s`

/** The permission keys of a resource. Source: docs/protocol.md §5. */
const keysOf = (definition: AnyResource): Readonly<Record<Action, string>> => ({
  list: `read-${pluralOf(definition)}`,
  get: `read-${definition.name}`,
  create: `create-${definition.name}`,
  update: `update-${definition.name}`,
  delete: `delete-${definition.name}`,
  ...definition.keys,
})

const checkNames = (definition: AnyResource, fields: ReadonlyMap<string, Field>, faults: Faults): void => {
  const lists = { ...definition.list, readOnly: definition.readOnly, fixed: definition.fixed }
  if (typeof definition.scope === 'object' && !fields.has(definition.scope.parent))
    faults.add(`${definition.name}.scope.parent`, `there is no field "${definition.scope.parent}"`)
  for (const [list, names] of Object.entries(lists)) {
    for (const name of names ?? []) {
      const found = fields.get(name)
      const isList = ['search', 'filter', 'sort'].includes(list)
      const place = isList ? `${definition.name}.list.${list}` : `${definition.name}.${list}`
      if (!found) faults.absent(place, `there is no field "${name}"`)
      else if (isList && found.source !== 'column' && found.source !== 'stored') faults.add(place, `"${name}" has no column to ${list} by`)
      else if (isList && found.json) faults.add(place, `"${name}" holds more than one value, and cannot be used to ${list} by`)
      else if (list === 'search' && (found.schema.type !== 'string' || found.date))
        faults.add(place, `"${name}" is not a text, and cannot be searched in`)
      else if (isList && found.readKey !== undefined) faults.add(place, `"${name}" is not for everyone to read, and so not to ${list} by`)
    }
  }
}

/** The fields that are unique together; what is wrong goes to `faults`. */
const uniqueOf = ({ name, unique = [] }: AnyResource, fields: ReadonlyMap<string, Field>, faults: Faults): Field[][] => {
  const place = `${name}.unique`
  return unique.map((given) => [given].flat().flatMap((each) => {
    const found = fields.get(each)
    if (!found) faults.absent(place, `there is no field "${each}"`)
    else if (found.source !== 'column' || found.json) faults.add(place, `"${each}" has no column that could be compared`)
    else return [found]
    return []
  }))
}

/** Columns that are not fields; what is wrong goes to `faults`. */
const otherColumnsOf = ({ name, otherColumns = [] }: AnyResource, fields: ReadonlyMap<string, Field>, faults: Faults): Set<string> => {
  const known = new Map([...fields.values()].map((field) => [field.column, field.name]))
  for (const column of otherColumns) {
    const field = known.get(column)
    if (field !== undefined) faults.add(`${name}.otherColumns`, `"${column}" is the column of the field "${field}"`)
  }
  return new Set(otherColumns)
}

const scopedBy = ({ ones, fields }: Resource): Resource['scopedBy'] =>
  ones.flatMap((relation) => {
    const field = relation.scope ? fields.get(relation.field) : undefined
    return field ? [{ field, target: relation.target }] : []
  })

/** Who refers to a resource's rows in a way that forbids their deletion. */
const referencesTo = (resource: Resource, resources: Resources): Reference[] =>
  [...resources.values()].flatMap(({ name, table, ones, links }) => [
    ...ones.flatMap(({ target, column }) => (target === resource ? [{ resource: name, table, column }] : [])),
    ...links.flatMap(({ target, restrict, other, columns, table: of }) => {
      const scopes = columns.filter(({ scope }) => scope && resource.isScope).map(({ column }) => column)
      return (target === resource && restrict ? [other, ...scopes] : scopes).map((column) => ({ resource: name, table: of, column }))
    }),
  ])

/** A resource until its relations are linked. */
type Linked = 'ones' | 'links' | 'scopedBy' | 'references'
type Mutable = Omit<Resource, 'relations' | Linked> & { -readonly [K in Linked]: Resource[K] } & {
  readonly relations: Map<string, CompiledRelation>
}

/** Compiles every definition. `extensions`: by resource, the plugins that extend it. */
export const compileResources = (
  definitions: readonly AnyResource[],
  extensions: ReadonlyMap<string, readonly [string, Extension][]>,
  faults: Faults,
): Resources => {
  const byName = new Map(definitions.map((definition) => [definition.name, definition]))
  for (const definition of definitions) {
    checkDefinition(definition, faults)
    const same = definitions.find((other) => other.name !== definition.name && tableOf(other) === tableOf(definition))
    if (same) faults.add(`${definition.name}.plural`, `the table "${tableOf(definition)}" is the resource "${same.name}"'s too`)
    if (byName.get(definition.name) !== definition) faults.add(definition.name, 'is declared twice')
  }
  for (const [name, list] of extensions) {
    if (!byName.has(name)) for (const [plugin] of list) faults.absent(`${plugin}.extend.${name}`, `unknown resource "${name}"`)
  }
  const resources = new Map<string, Mutable>()
  for (const definition of byName.values()) {
    const fields = compileFields(definition, extensions.get(definition.name) ?? [], faults)
    checkFields(definition, fields, faults)
    checkExamples(definition, fields, faults)
    checkNames(definition, fields, faults)
    const parent = typeof definition.scope === 'object' ? fields.get(definition.scope.parent) : undefined
    const permissions = definition.permissions?.bind(definition)
    const { examples } = definition
    const extend = definition.model?.bind(definition)
    resources.set(definition.name, {
      name: definition.name,
      plural: pluralOf(definition),
      table: tableOf(definition),
      fields,
      relations: new Map(),
      ones: [],
      links: [],
      keys: keysOf(definition),
      list: {
        search: new Set(definition.list?.search),
        filter: new Set(definition.list?.filter),
        // What a list is ordered by where a request names no order, so that any may name it.
        sort: new Set([...definition.list?.sort ?? [], 'createdAt']),
      },
      events: new Set<Action>((definition.events ?? actions).filter((action) => actions.includes(action))),
      guarded: [...fields.values()].filter((field) => field.readKey !== undefined),
      isScope: definition.scope !== undefined,
      ...(parent ? { parent } : {}),
      scopedBy: [],
      references: [],
      unique: uniqueOf(definition, fields, faults),
      otherColumns: otherColumnsOf(definition, fields, faults),
      ...(permissions ? { permissions } : {}),
      ...(examples ? { examples } : {}),
      ...(definition.guard ? { guard: definition.guard } : {}),
      ...(extend ? { extend } : {}),
    })
  }
  compileRelations(byName, resources, faults)
  for (const resource of resources.values()) {
    resource.ones = [...resource.relations.values()].filter((relation) => relation.kind === 'one')
    resource.links = [...resource.relations.values()].filter((relation) => relation.kind === 'link')
  }
  for (const resource of resources.values()) {
    resource.scopedBy = scopedBy(resource)
    resource.references = referencesTo(resource, resources)
    Object.freeze(resource)
  }
  return resources
}
