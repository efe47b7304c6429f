// Whether a reply is what its event says that it answers: the output of an operation, rows and pages of generic events. Unknown fields and
// missing ones are faults; of a row only `id` is sure, since the reader may not be allowed the rest.
import { ArraySchema, ObjectSchema, type Schema } from 'yup'
import type { Assembly } from '../core/boot/assemble.ts'
import { ownOperations } from '../core/boot/operations.ts'
import { id, isIsoDate, schemaFaults, type AnySchema } from '../core/define/index.ts'
import { includable } from '../core/crud/include.ts'
import { isSchema } from '../core/model/fields.ts'
import { linksOf, type CompiledRelation, type Field, type Resource } from '../core/model/resource.ts'

type Known = Pick<Assembly, 'resources' | 'operations' | 'contributors' | 'app'>
type Values = Readonly<Record<string, unknown>>
type Judge = (value: unknown, place: string) => string[]

const isObject = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value)
const isTime = (value: unknown): boolean => typeof value === 'string' && value.includes('T') && isIsoDate(value)

const said = (place: string, message: string): string[] => [`${place} ${message}`]

/** An object that has all of the `sure` members and none but these. */
const members = (judges: ReadonlyMap<string, Judge>, sure: readonly string[]): Judge => (value, place) => {
  if (!isObject(value)) return said(place, 'is not an object')
  return [
    ...Object.keys(value).filter((name) => !judges.has(name)).flatMap((name) => said(`${place}.${name}`, 'is unknown')),
    ...sure.filter((name) => value[name] === undefined).flatMap((name) => said(`${place}.${name}`, 'is missing')),
    ...[...judges].flatMap(([name, judge]) => (value[name] === undefined ? [] : judge(value[name], `${place}.${name}`))),
  ]
}

const each = (judge: Judge): Judge => (value, place) =>
  (Array.isArray(value) ? value.flatMap((item: unknown, index) => judge(item, `${place}[${index}]`)) : said(place, 'is not an array'))

const orNull = (judge: Judge): Judge => (value, place) => (value === null ? [] : judge(value, place))
const anyOf = (...judges: readonly Judge[]): Judge => (value, place) => {
  const all = judges.map((judge) => judge(value, place))
  return all.some((faults) => faults.length === 0) ? [] : all.flat()
}

const plain = (schema: Schema): Judge => (value, place) =>
  schemaFaults(schema, value, place).map(({ path, message }) => `${path} ${message}`)

const time: Judge = (value, place) => (isTime(value) ? [] : said(place, 'is not a time'))

/** What the replies of an app are held against. */
class Judges {
  readonly #app: Known
  constructor(app: Known) {
    this.#app = app
  }

  /** A value of a schema, as it is on the wire. */
  schema(schema: Schema): Judge {
    const meta: unknown = schema.spec.meta
    const nullable = (judge: Judge): Judge => (schema.spec.nullable ? orNull(judge) : judge)
    if (isObject(meta) && typeof meta['row'] === 'string') return nullable(this.row(this.#resource(meta['row'])))
    if (isObject(meta) && Array.isArray(meta['alternatives']))
      return nullable(anyOf(...meta['alternatives'].filter(isSchema).map((one) => this.schema(one))))
    if (schema instanceof ObjectSchema) {
      const fields = Object.entries(schema.fields).filter((entry): entry is [string, Schema] => isSchema(entry[1]))
      return nullable(members(new Map(fields.map(([name, field]) => [name, this.schema(field)])),
        fields.filter(([, field]) => !field.spec.optional).map(([name]) => name)))
    }
    if (schema instanceof ArraySchema && isSchema(schema.innerType)) return nullable(each(this.schema(schema.innerType)))
    return schema.type === 'date' ? nullable(time) : plain(schema)
  }

  row(resource: Resource): Judge {
    const relations = [...resource.relations.values()].filter(includable)
    const fields = [...resource.fields.values()].filter(({ source }) => source !== 'none')
    return (value, place) => {
      const judges = new Map(fields.map((field) => [field.name, this.#field(resource, field)]))
      for (const relation of relations) {
        const [included, field] = [this.#included(relation), judges.get(relation.name)]
        judges.set(relation.name, field ? anyOf(field, included) : included)
      }
      return members(judges, ['id'])(value, place)
    }
  }

  page(item: Judge): Judge {
    const count: Judge = (value, place) => (Number.isInteger(value) ? [] : said(place, 'is not an integer'))
    const text: Judge = (value, place) => (typeof value === 'string' ? [] : said(place, 'is not a text'))
    return members(new Map([['items', each(item)], ['page', count], ['limit', count], ['total', count], ['next', text]]),
      ['items', 'page', 'limit', 'total'])
  }

  /** The rows at the other end of a relation to many, with what links have of their own. */
  linked(relation: CompiledRelation): Judge {
    const columns = relation.kind === 'one' || relation.kind === 'owned' ? [] : linksOf(relation).columns
    const own = members(new Map(columns.map(({ name, schema }) => [name, plain(schema)])), columns.map(({ name }) => name))
    return (value, place) => {
      if (!isObject(value)) return said(place, 'is not an object')
      const entries = Object.entries(value)
      const isOwn = ([name]: [string, unknown]): boolean => columns.some((column) => column.name === name)
      return [
        ...this.row(relation.target)(Object.fromEntries(entries.filter((entry) => !isOwn(entry))), place),
        ...own(Object.fromEntries(entries.filter(isOwn)), place),
      ]
    }
  }

  /** The reply of an event; undefined for one that the app does not have. */
  reply(event: string): Judge | undefined {
    const operation = this.#app.operations.get(event)
    if (!operation) return undefined
    const output = this.#outputs().get(event)
    if (output) return isSchema(output) ? this.schema(output) : undefined
    if (event === 'ping') return members(new Map(), [])
    if (event === 'feed-listen')
      return members(new Map([['resources', each(() => [])], ['heads', () => []]]), ['resources', 'heads'])
    if (event === 'feed-about') {
      const names = ['resource', 'about', 'alike', 'relations']
      return members(new Map([['items', each(members(new Map(names.map((name) => [name, () => []])), names))]]), ['items'])
    }
    if (event === 'rights-scopes') {
      const item = members(new Map([['id', plain(id())], ['scopes', each(plain(id()))]]), ['id', 'scopes'])
      return members(new Map([['items', each(item)]]), ['items'])
    }
    if (event === 'rights-on')
      return members(new Map(['events', 'fields'].map((name) => [name, each(() => [])])), ['events', 'fields'])
    const resource = this.#resource(operation.resource ?? '')
    const relation = resource.relations.get(operation.relation ?? '')
    if (operation.each !== undefined) {
      const item = this.reply(operation.each)
      return item && members(new Map([['items', each(item)]]), ['items'])
    }
    switch (operation.action) {
      case 'list': return this.page(relation ? this.linked(relation) : this.row(resource))
      case 'get': return relation
        ? members(new Map([[relation.name, orNull(this.row(relation.target))]]), [relation.name]) : this.row(resource)
      case 'delete': return members(new Map([['id', plain(id())]]), ['id'])
      case 'custom': return members(new Map([['items', each(this.row(resource))]]), ['items'])
      default: return this.row(resource)
    }
  }

  #included(relation: CompiledRelation): Judge {
    return relation.kind === 'one' ? orNull(this.row(relation.target)) : each(this.linked(relation))
  }

  #field(resource: Resource, field: Field): Judge {
    const relation = resource.relations.get(field.name)
    if (field.source === 'link' && relation?.kind === 'link') {
      const object = members(new Map([[relation.payload, plain(id())], ...relation.columns.map(({ name, schema }) =>
        [name, plain(schema)] as const)]), [relation.payload])
      return each(anyOf(plain(id().required()), object))
    }
    const judge = field.schema.type === 'date' ? time : plain(field.schema)
    return field.nullable ? orNull(judge) : judge
  }

  #outputs(): ReadonlyMap<string, AnySchema> {
    const { app, contributors } = this.#app
    const contributed = contributors.flatMap(({ contribution }) => contribution)
    const definitions = [...app.resources, ...contributed.flatMap(({ resources = [] }) => resources)]
    const all = [...definitions.flatMap(ownOperations), ...contributed.flatMap(({ operations = [] }) => operations)]
    return new Map(all.map(({ event, output }) => [event, output]))
  }

  #resource(name: string): Resource {
    const found = this.#app.resources.get(name)
    if (!found) throw new Error(`there is no resource "${name}"`)
    return found
  }
}

const judges = new WeakMap<Known, Map<string, Judge | undefined>>()

const judgeOf = (app: Known, event: string): Judge | undefined => {
  const known = judges.get(app) ?? new Map<string, Judge | undefined>()
  judges.set(app, known)
  if (!known.has(event)) known.set(event, new Judges(app).reply(event))
  return known.get(event)
}

/** What is wrong with a reply; it says nothing of an error. The `requestId` that every reply echoes is left aside. */
export const replyFaults = (app: Known, event: string, reply: unknown): string[] => {
  if (isObject(reply) && 'error' in reply) return []
  const judge = judgeOf(app, event)
  if (!judge) return said(event, 'is not an event of the app')
  const { requestId: _echo, ...rest } = isObject(reply) ? reply : {}
  return isObject(reply) ? judge(rest, event) : said(event, 'answered no object')
}

/** Fails where a reply is not what its event says. */
export const expectWhole = (app: Known, event: string, reply: unknown): void => {
  const faults = replyFaults(app, event, reply)
  if (faults.length > 0) throw new Error(`the reply of ${event} is not what its output says: ${faults.slice(0, 10).join('; ')}`)
}
