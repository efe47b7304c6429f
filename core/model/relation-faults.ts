// What is wrong with a relation of a definition: where it leads, by which field or table, and what it says of itself.
import type { Inverse, Link, Many, One, Relation } from '../define/relations.ts'
import type { AnyResource } from '../define/resource.ts'
import { checkKey } from './definition.ts'
import type { Faults } from './faults.ts'
import { schemaFields } from './fields.ts'
import { snakeCase } from './names.ts'
import { unknownOptions } from './options.ts'
import { checkSchema } from './schemas.ts'

interface Subject {
  readonly definition: AnyResource
  readonly name: string
  readonly relation: Relation
  readonly all: ReadonlyMap<string, AnyResource>
  readonly faults: Faults
}

/** Names of tables and columns stand in SQL without quotes. */
const isColumn = (name: string): boolean => /^[a-z_][a-z0-9_]{0,62}$/.test(name)

/** Why a field of a resource cannot hold the id of a row; undefined when it can. */
const faultOfVia = (resource: AnyResource, via: string): string | undefined => {
  const schema = schemaFields(resource.schema).find(([name]) => name === via)?.[1]
  if (!schema) return `there is no field "${via}"`
  return schema.type === 'string' ? undefined : `the field "${via}" is a yup ${schema.type}, and ids are texts: use id()`
}

const checkOne = (place: string, relation: One, { definition, all, faults }: Subject): boolean => {
  unknownOptions(place, 'one', relation, faults)
  const target = all.get(relation.target)
  if (relation.scope === true && target && target.scope === undefined) faults.add(place, `"${relation.target}" is not a scope`)
  if (relation.acyclic === true && relation.target !== definition.name)
    faults.add(place, 'only a relation of a resource to itself can be acyclic')
  const given: string | undefined = relation.via
  if (given === undefined) {
    faults.add(place, 'needs "via", the field of this resource that holds the id')
    return false
  }
  const fault = faultOfVia(definition, given)
  if (fault !== undefined) faults.add(place, fault)
  if (relation.events === true && definition.fixed?.includes(given))
    faults.add(place, `"events" would change the field "${given}", which is fixed`)
  // Its events are there all the same: a hook on one of them is not a second fault.
  return true
}

const checkLink = (place: string, link: Link, { definition, relation, faults }: Subject): void => {
  unknownOptions(`${place}.through`, 'link', link, faults)
  const own = link.own ?? snakeCase(`${definition.name}Id`)
  const other = link.other ?? snakeCase(`${relation.target}Id`)
  const table: string | undefined = link.table
  if (table === undefined) faults.add(`${place}.through`, 'needs "table", the table of the links')
  for (const name of [table, own, other]) {
    if (name !== undefined && !isColumn(name))
      faults.add(`${place}.through`, `"${name}" cannot name a table or a column; use lower-case letters, digits and _`)
  }
  if (own === other) faults.add(`${place}.through`, `"own" and "other" are the same column, "${own}": name the two columns`)
  if (link.onTargetDelete !== undefined && !['cascade', 'restrict'].includes(link.onTargetDelete)) {
    faults.add(`${place}.through.onTargetDelete`, 'is cascade or restrict')
  }
  if (!link.columns) return
  checkSchema(`${place}.through.columns`, link.columns, faults)
  for (const [column, schema] of schemaFields(link.columns)) {
    const initial: unknown = schema.getDefault()
    if (initial === undefined) faults.add(`${place}.through.columns.${column}`, 'needs a default: it is part of what a link is')
    else if (initial !== null && !['string', 'boolean'].includes(typeof initial))
      faults.add(`${place}.through.columns.${column}`, 'can be a text or a boolean only')
  }
}

/** What both ends of a link may say, if they are the end of many rows. */
const checkToMany = (place: string, { cap, item }: Many | Inverse, faults: Faults): void => {
  if (cap !== undefined && (!Number.isInteger(cap) || cap < 1 || cap > 100)) faults.add(place, 'a cap is 1 to 100')
  if (item !== undefined && !/^[a-z][a-z0-9-]*$/.test(item))
    faults.add(place, `"${item}" cannot be an item; use lower-case letters, digits and dashes`)
}

const checkMany = (place: string, relation: Many, subject: Subject): boolean => {
  const { definition, faults } = subject
  unknownOptions(place, 'many', relation, faults)
  checkToMany(place, relation, faults)
  for (const key of relation.holds?.keys ?? []) checkKey(`${place}.holds.keys`, key, faults)
  for (const name of relation.holds?.reads ?? []) {
    if (definition.relations?.[name] === undefined) faults.add(`${place}.holds.reads`, `there is no relation "${name}"`)
  }
  const given: Link | undefined = relation.through
  if (given) checkLink(place, given, subject)
  else faults.add(place, `needs "through", the table of the links, or "inverse", the relation of "${relation.target}" that declares them`)
  return given !== undefined
}

/** What is said of a link once, where it is declared. */
const ofTheLink = ['via', 'through', 'permission', 'field', 'holds']

/** Why a relation cannot be the declared end of a link; undefined when it can. */
const faultOfEnd = ({ definition, name, relation, all }: Subject & { readonly relation: Inverse }): string | undefined => {
  const { target, inverse, item } = relation
  const end = all.get(target)?.relations?.[inverse]
  const named = `"${target}.${inverse}"`
  if (!end) return `"${target}" has no relation "${inverse}"; declare it there, with one(), or with many() and "through"`
  if (end.kind === 'inverse') return `${named} is an inverse too; one of the two ends declares the link`
  if (end.target !== definition.name) return `${named} leads to "${end.target}", not to "${definition.name}"`
  const [first] = Object.entries(definition.relations ?? {}).find(([, each]) =>
    each.kind === 'inverse' && each.target === target && each.inverse === inverse) ?? []
  if (first !== name) return `${named} has the inverse "${first ?? ''}" already; a link has two ends`
  const isFixed = end.kind === 'one' && all.get(target)?.fixed?.includes(end.via) === true
  return item !== undefined && isFixed ? `"item" would change the field "${end.via}" of "${target}", which is fixed` : undefined
}

const checkInverse = (place: string, relation: Inverse, subject: Subject): boolean => {
  const { faults, all } = subject
  const isMisplaced = (option: string): boolean => ofTheLink.includes(option)
  for (const option of Object.keys(relation).filter(isMisplaced))
    faults.add(place, `"${option}" is said once, where the link is declared: in "${relation.target}.${relation.inverse}"`)
  unknownOptions(place, 'inverse', Object.fromEntries(Object.entries(relation).filter(([option]) => !isMisplaced(option))), faults)
  checkToMany(place, relation, faults)
  const fault = all.has(relation.target) ? faultOfEnd({ ...subject, relation }) : undefined
  if (fault !== undefined) faults.add(place, fault)
  return fault === undefined
}

/** Tells what is wrong with a relation. False: so much that it cannot be compiled. */
export const checkRelation = (subject: Subject): boolean => {
  const { definition, name, relation, all, faults } = subject
  const place = `${definition.name}.relations.${name}`
  const kind: unknown = (relation as Relation | undefined)?.kind
  if (kind !== 'one' && kind !== 'many' && kind !== 'inverse') {
    faults.add(place, 'must be made with one() or many()')
    return false
  }
  if (!/^[a-z][A-Za-z0-9]*$/.test(name)) faults.add(place, 'cannot name a relation; use letters and digits, the first in lower case')
  const isKnown = all.has(relation.target)
  if (!isKnown) faults.absent(place, `unknown resource "${relation.target}"`)
  if (relation.kind !== 'inverse' && relation.permission !== undefined) checkKey(`${place}.permission`, relation.permission, faults)
  const isWhole = relation.kind === 'one' ? checkOne(place, relation, subject)
    : relation.kind === 'many' ? checkMany(place, relation, subject) : checkInverse(place, relation, subject)
  return isKnown && isWhole
}
