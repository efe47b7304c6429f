// A resource or a plugin on one screen: where it is declared, what it has, and who else touches it.
import type { Operations } from '../call/operation.ts'
import type { AnyPlugin, Contribution } from '../define/plugin.ts'
import { schemaFields } from '../model/fields.ts'
import { jsonSchemaOf } from '../model/json-schema.ts'
import type { CompiledRelation, Field, Resource, Resources } from '../model/resource.ts'
import type { Place } from './chain.ts'

/** What is looked in. */
export interface Everything {
  readonly resources: Resources
  readonly operations: Operations
  /** The plugins with what they contribute. */
  readonly contributors: readonly { readonly plugin: AnyPlugin; readonly contribution: Contribution }[]
  /** The plugin that declares a resource; the others are the app's own. */
  readonly owners: ReadonlyMap<string, string>
  readonly place: Place
}

type Line = readonly [name: string, value: string | undefined]

const page = (title: string, lines: readonly Line[]): string => [
  title, ...lines.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [`  ${name.padEnd(11)} ${value}`])),
].join('\n')

/** Several under one name, one below the other. */
const listed = (values: readonly string[]): string => values.join(`\n${' '.repeat(14)}`)

const typeOf = ({ schema, source }: Field): string => {
  if (source === 'link') return 'links'
  const { type, enum: choices, format } = jsonSchemaOf(schema)
  if (Array.isArray(choices)) return choices.map(String).join('|')
  if (typeof format === 'string') return format
  return Array.isArray(type) ? type.map(String).join('|') : typeof type === 'string' ? type : 'anything'
}

const fieldLine = (field: Field): string => {
  const { name, owner, readKey, readOnly, fixed, base, source } = field
  const notes = [
    ...(readOnly && !base ? ['read-only'] : []), ...(fixed ? ['fixed'] : []), ...(source === 'none' ? ['write-only'] : []),
    ...(readKey === undefined ? [] : [`needs ${readKey}`]), ...(owner === undefined ? [] : [`of ${owner}`]),
  ]
  return `${name}: ${typeOf(field)}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`
}

const relationLine = (relation: CompiledRelation): string => {
  const { name, target, key } = relation
  const via = relation.kind === 'one' ? `by ${relation.field}`
    : relation.kind === 'link' ? `through ${relation.table}` : `the other end of ${target.name}.${relation.of.name}`
  return `${name}: ${relation.kind === 'one' ? 'one' : 'many'} ${target.name} ${via}, changed with ${key}`
}

/** A resource: its definition once it is completed, its events with their files, who extends, watches and names it. */
export const describeResource = (resource: Resource, { resources, operations, contributors, owners, place }: Everything): string => {
  const { name, table, fields, relations, keys, list: { search, filter, sort }, guard } = resource
  const some = (names: ReadonlySet<string>): string => [...names].join(', ') || 'nothing but id'
  const own = [...operations.values()].filter((operation) => operation.resource === name)
  const hooking = [...new Set(own.flatMap(({ hooks }) => hooks.map(({ owner }) => owner)))]
  const hookLine = (owner: string): string => {
    const events = own.filter(({ hooks }) => hooks.some((hook) => hook.owner === owner)).map(({ event }) => event)
    return `${owner}: ${events.length === own.length ? 'all events' : events.join(', ')}`
  }
  const extending = contributors.filter(({ contribution }) => Object.hasOwn(contribution.extend ?? {}, name))
  const named = [...resources.values()]
    .filter((other) => other !== resource && [...other.relations.values()].some(({ target }) => target === resource))
  return page(name, [
    ['declared', place(name)],
    ['owner', owners.get(name) ?? 'the app'],
    ['table', table],
    ['fields', listed([...fields.values()].filter(({ base }) => !base).map(fieldLine))],
    ['relations', listed([...relations.values()].map(relationLine))],
    ['keys', [...new Set(Object.values(keys))].join(', ')],
    ['search', [...search].join(', ')],
    ['filter', some(filter)],
    ['sort', some(sort)],
    ['guard', guard ? `asked of every change of its rows: ${place(name) ?? ''}` : undefined],
    ['extended by', extending.map(({ plugin }) => plugin.name).join(', ')],
    ['named by', named.map((other) => other.name).join(', ')],
    ['broadcasts', `${name}-changed`],
    ['hooks', listed(hooking.map(hookLine))],
    ['events', listed(own.map(({ event, file }) => `${event.padEnd(34)} ${file}`))],
  ])
}

const namesOf = (values: Readonly<Record<string, unknown>> | undefined): string => Object.keys(values ?? {}).join(', ')

/** A plugin: what it needs and what it contributes. */
export const describePlugin = (plugin: AnyPlugin, contribution: Contribution, { operations, place }: Everything): string => {
  const { name, requires, after, environment, migrations } = plugin
  const own = [...operations.values()].filter(({ owner }) => owner === name)
  return page(name, [
    ['declared', place(name)],
    ['requires', namesOf(requires)],
    ['after', after?.join(', ')],
    ['environment', environment ? schemaFields(environment).map(([variable]) => variable).join(', ') : undefined],
    ['migrations', migrations ? 'its own, in migrations/ beside it' : undefined],
    ['resources', contribution.resources?.map((resource) => resource.name).join(', ')],
    ['extends', listed(Object.entries(contribution.extend ?? {}).map(([resource, { schema }]) =>
      `${resource} with ${schemaFields(schema).map(([field]) => field).join(', ')}`))],
    ['hooks', [...new Set(contribution.hooks?.map(({ on }) => on))].join(', ')],
    ['settings', contribution.settings?.map(({ key }) => key).join(', ')],
    ['permissions', contribution.permissions?.join(', ')],
    ['reasons', namesOf(contribution.reasons)],
    ['broadcasts', Object.keys(contribution.broadcasts ?? {}).map((each) => `${each}-changed`).join(', ')],
    ['metrics', contribution.metrics?.map((metric) => metric.name).join(', ')],
    ['files', contribution.files?.map(({ path }) => path).join(', ')],
    ['provides', contribution.provides?.map(({ point, key }) => `${point.kind}${key === undefined ? '' : ` ${key}`}`).join(', ')],
    ['events', listed(own.map(({ event, file }) => `${event.padEnd(34)} ${file}`))],
  ])
}
