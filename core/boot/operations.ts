// All operations of an app with the hooks on each: what is called twice or matches nothing stops the boot.
import { schemaFields } from '../model/fields.ts'
import type { Faults } from '../model/faults.ts'
import { eventsOf, type Unhooked } from './events.ts'
import { ownEvents } from './own-events.ts'
import { isEventName, kebabCase } from '../model/names.ts'
import { checkHook, checkKey } from '../model/definition.ts'
import { unknownOptions } from '../model/options.ts'
import type { Resources } from '../model/resource.ts'
import { checkOutput, checkSchema } from '../model/schemas.ts'
import { matches } from '../describe/errors.ts'
import { deciding, type Operations, type OwnedHook } from '../call/operation.ts'
import { validate } from '../define/validate.ts'
import { eventAction } from '../access/ability.ts'
import { authorise, authoriseRow, type KeyDemand, type RowDemand } from '../access/authorise.ts'
import { loadRow } from '../crud/select.ts'
import { fileOf, declaredLike } from '../define/declared.ts'
import type { AnyHook } from '../define/call.ts'
import type { InterestReader } from '../define/interest.ts'
import type { NamedOperation } from '../define/operation.ts'
import type { AnyResource } from '../define/resource.ts'
import type { TargetedHook } from '../define/call.ts'

const isAccess = (access: unknown): boolean =>
  access === 'public' || access === 'session' || (typeof access === 'object' && access !== null && 'key' in access)

/** Tells what is wrong with an operation. False: so much that it cannot be compiled. */
const checkOperation = (owner: string, definition: NamedOperation, faults: Faults): boolean => {
  const event: unknown = definition.event
  if (typeof event !== 'string') {
    faults.add(owner, 'an operation has no event')
    return false
  }
  const place = `${owner}.${event}`
  unknownOptions(place, 'operation', definition, faults)
  checkSchema(`${place}.input`, definition.input, faults)
  checkOutput(`${place}.output`, definition.output, faults)
  const kind: string = definition.kind
  if (kind !== 'query' && kind !== 'mutation') faults.add(`${place}.kind`, 'must be "query" or "mutation"')
  if (!isAccess(definition.access)) faults.add(`${place}.access`, 'must be "public", "session" or { key }')
  const { access, row } = definition
  if (typeof access === 'object') checkKey(`${place}.access.key`, access.key, faults)
  if (row) checkKey(`${place}.row.key`, row.key, faults)
  if (typeof definition.handle !== 'function') faults.add(`${place}.handle`, 'is not a function')
  return true
}

const fromDefinition = (owner: string, definition: NamedOperation, resources: Resources, faults: Faults): Unhooked => {
  const { row } = definition
  const resource = row ? resources.get(row.resource ?? '') : undefined
  if (row && !resource) faults.absent(owner, `"${definition.event}" acts on the unknown resource "${row.resource ?? ''}"`)
  const fields = new Map(schemaFields(definition.input))
  const { access } = definition
  const held: KeyDemand | undefined =
    typeof access === 'object' ? { on: 'key', key: access.key, anywhere: access.anywhere === true } : undefined
  const onIt: RowDemand | undefined = row && resource && { on: 'row', resource, action: eventAction(definition.event), key: row.key }
  return {
    event: definition.event,
    owner,
    kind: definition.kind,
    action: 'custom',
    ...(resource ? { resource: resource.name } : {}),
    tags: definition.tags ?? [],
    public: access === 'public',
    ...(definition.secret === true ? { secret: true } : {}),
    said: definition,
    file: fileOf(definition) ?? `plugins/${owner}`,
    steps: deciding({
      accepts: { fields },
      demands: [...(held ? [held] : []), ...(onIt ? [onIt] : [])],
      parse: (payload) => validate(fields, payload),
      ...(definition.prepare ? { prepare: (call) => definition.prepare?.(call) ?? Promise.resolve() } : {}),
      load: async (call) => resource && loadRow(call, resource, definition.kind === 'mutation' ? { lock: 'change' } : {}),
      async authorise(call, loaded) {
        if (held) await authorise(call, held)
        if (!onIt) return
        const found = await authoriseRow(call, onIt, loaded)
        await definition.authorise?.(call, found)
      },
      async foresee(call, found) {
        if (onIt && found) await definition.authorise?.(call, found)
        return [{ when: 'operation', keys: [] }]
      },
      handle: (call) => definition.handle(call),
    }),
  }
}

/** The operations of a resource's own, with the names of their events. */
export const ownOperations = ({ name, operations = {} }: AnyResource): NamedOperation[] =>
  Object.entries(operations).map(([rest, definition]) => {
    const { row, event: _event, ...others } = definition
    return declaredLike(
      { ...others, event: `${name}-${kebabCase(rest)}`, ...(row ? { row: { ...row, resource: row.resource ?? name } } : {}) }, definition,
    )
  })

/** What each plugin contributes, in the order of set-up. */
interface Contributed {
  readonly owner: string
  readonly operations: readonly NamedOperation[]
  readonly hooks: readonly TargetedHook[]
}

/** What operations are compiled from. */
export interface OperationSources {
  readonly resources: Resources
  readonly definitions: readonly AnyResource[]
  readonly contributed: readonly Contributed[]
  readonly interests: InterestReader
}

/** Every operation by its event. */
export const compileOperations = ({ resources, definitions, contributed, interests }: OperationSources, faults: Faults): Operations => {
  const bare = new Map<string, Unhooked>()
  const add = (operation: Unhooked): void => {
    const known = bare.get(operation.event)
    if (known) faults.add(operation.owner, `the event "${operation.event}" is already ${known.owner}'s`)
    else if (!isEventName(operation.event) || operation.event.endsWith('-response') || operation.event.endsWith('-changed')) {
      faults.add(operation.owner, `"${operation.event}" cannot be an event`)
    } else bare.set(operation.event, operation)
  }
  for (const operation of ownEvents(interests, resources)) add(operation)
  for (const resource of resources.values()) for (const operation of eventsOf(resources, resource)) add(operation)
  for (const { owner, operations } of [
    ...definitions.map((each) => ({ owner: each.name, operations: ownOperations(each) })), ...contributed,
  ]) {
    for (const definition of operations)
      if (checkOperation(owner, definition, faults)) add(fromDefinition(owner, definition, resources, faults))
  }

  const hooks = new Map<string, OwnedHook[]>([...bare.keys()].map((event) => [event, []]))
  const attach = (owner: string, pattern: string, hook: AnyHook): void => {
    const test = matches(pattern)
    const targets = [...hooks.keys()].filter(test)
    if (targets.length === 0) faults.absent(owner, `a hook is on "${pattern}", which matches no event`)
    for (const target of targets) hooks.get(target)?.push({ owner, hook })
  }
  for (const definition of definitions) {
    for (const [name, hook] of Object.entries(definition.hooks ?? {})) {
      if (hook) attach(definition.name, `${definition.name}-${name}`, hook)
    }
  }
  for (const { owner, hooks: own } of contributed) {
    for (const hook of own) {
      const { on }: { readonly on: unknown } = hook
      if (typeof on !== 'string') faults.add(`${owner}.hooks`, 'a hook has no "on", the event or pattern that it is on')
      else {
        checkHook(`${owner}.hooks.${on}`, 'pluginHook', hook, faults)
        attach(owner, on, hook)
      }
    }
  }
  return new Map([...bare].map(([event, operation]) => [event, Object.freeze({ ...operation, hooks: hooks.get(event) ?? [] })]))
}
