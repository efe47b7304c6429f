// What one definition says wrong by itself: options that there are not, names that nothing can have, fields that no row can keep.
import type { AnyResource } from '../define/resource.ts'
import type { Action } from '../define/rights.ts'
import type { Faults } from './faults.ts'
import { snakeCase } from './names.ts'
import { unknownOptions } from './options.ts'
import type { Field } from './resource.ts'
import { checkSchema } from './schemas.ts'

/** The generic events. */
export const actions: readonly Action[] = ['list', 'get', 'create', 'update', 'delete']
const isAction = (name: string): boolean => (actions as readonly string[]).includes(name)

/** A name that, in snake case, is a column's without quotes. */
const isName = (name: string): boolean => /^[A-Za-z][A-Za-z0-9_]{0,57}$/.test(name)
const isKey = (key: unknown): boolean => typeof key === 'string' && /^[a-z0-9_-]{1,64}$/.test(key)

/** A permission key, as the table of permissions can hold it. */
export const checkKey = (place: string, key: unknown, faults: Faults): void => {
  if (!isKey(key)) faults.add(place, `"${String(key)}" cannot be a permission key; one is 1 to 64 characters of a-z 0-9 _ -`)
}

const checkHooks = (definition: AnyResource, faults: Faults): void => {
  for (const [name, hook] of Object.entries(definition.hooks ?? {}))
    if (hook) checkHook(`${definition.name}.hooks.${name}`, 'hook', hook, faults)
}

/** Each moment of a hook is a function. */
export const checkHook = (place: string, kind: 'hook' | 'pluginHook', hook: object, faults: Faults): void => {
  unknownOptions(place, kind, hook, faults)
  for (const [moment, task] of Object.entries(hook)) {
    if (moment !== 'on' && task !== undefined && typeof task !== 'function') faults.add(`${place}.${moment}`, 'is not a function')
  }
}

/** Its names, keys, options and schema; the rest needs its fields. */
export const checkDefinition = (definition: AnyResource, faults: Faults): void => {
  const { name, plural, events, keys, list } = definition
  if (!/^[a-z][a-z0-9]*$/.test(name)) faults.add(name, 'a resource is named by one lower-case word')
  if (plural !== undefined && !/^[a-z][a-z0-9_]{0,57}$/.test(plural)) {
    faults.add(`${name}.plural`, `"${plural}" cannot name a table; use lower-case letters, digits and _, the first a letter`)
  }
  unknownOptions(name, 'resource', definition, faults)
  if (list) unknownOptions(`${name}.list`, 'list', list, faults)
  for (const event of events ?? []) if (!isAction(event)) faults.add(`${name}.events`, `"${event}" is not one of ${actions.join(', ')}`)
  for (const [action, key] of Object.entries(keys ?? {})) {
    if (!isAction(action)) faults.add(`${name}.keys`, `"${action}" is not one of ${actions.join(', ')}`)
    checkKey(`${name}.keys.${action}`, key, faults)
  }
  if ('permissions' in definition && typeof definition.permissions !== 'function')
    faults.add(`${name}.permissions`, 'must be a function: permissions({ allow, deny }, actor) { … }')
  checkHooks(definition, faults)
  checkSchema(`${name}.schema`, definition.schema, faults)
}

const faultOfField = (field: Field): string | undefined => {
  const { schema } = field
  if (!isName(field.name)) return 'cannot be a field; use letters and digits, the first a letter'
  if (schema.type === 'date') return undefined
  const initial: unknown = schema.getDefault()
  const isAbsent = initial === undefined
  if (isAbsent && field.readOnly && field.source === 'column' && !schema.spec.nullable) {
    return 'is written by no client, so that a new row has no value for it: add .nullable() or .default(…)'
  }
  if (isAbsent && schema.spec.optional && !schema.spec.nullable && field.source !== 'none') {
    return 'may be left out and then reads null, which may not be written: add .required(), .nullable() or .default(…)'
  }
  if (!isAbsent && !schema.isValidSync(initial, { strict: true })) return 'its default is not a valid value of it'
  return undefined
}

/** Its fields, once those of plugins are among them. */
export const checkFields = (definition: AnyResource, fields: ReadonlyMap<string, Field>, faults: Faults): void => {
  const columns = new Map<string, string>()
  // Rows that only a plugin makes have what the plugin gives them.
  const isMade = (definition.events ?? actions).includes('create')
  for (const field of fields.values()) {
    if (field.base) continue
    const place = `${definition.name}.${field.name}`
    const fault = isMade || !field.readOnly ? faultOfField(field) : undefined
    if (fault !== undefined) faults.add(place, fault)
    if (field.source !== 'column') continue
    const other = columns.get(field.column)
    if (other !== undefined) faults.add(place, `has the same column as "${other}": "${field.column}"`)
    columns.set(field.column, field.name)
  }
  for (const [name, relation] of Object.entries(definition.relations ?? {})) {
    const field = fields.get(name)
    const isItsOwn = (relation.kind === 'one' && relation.via === name) || field?.source === 'link'
    if (field && !isItsOwn)
      faults.add(
        `${definition.name}.relations.${name}`,
        `is the name of a field too: include would put the row in the place of the field's value`,
      )
  }
}

/** The table of a definition. */
export const tableOf = (definition: AnyResource): string => snakeCase(definition.plural ?? `${definition.name}s`)
