// All operations of an app with the hooks on each: what is called twice or matches nothing stops the boot.
import { schemaFields } from '../model/fields.ts'
import type { Faults } from '../model/faults.ts'
import { eventsOf, type Unhooked } from './events.ts'
import { isEventName, kebabCase } from '../model/names.ts'
import { checkHook, checkKey } from '../model/definition.ts'
import { unknownOptions } from '../model/options.ts'
import type { Resources } from '../model/resource.ts'
import { checkSchema } from '../model/schemas.ts'
import { deciding, type Operations, type OwnedHook } from '../call/operation.ts'
import { validate } from '../define/validate.ts'
import { eventAction } from '../access/ability.ts'
import { authoriseRow } from '../access/authorise.ts'
import { loadRow } from '../crud/select.ts'
import { forbidden } from '../define/errors.ts'
import { fileOf, declaredLike } from '../define/declared.ts'
import type { AnyHook } from '../define/call.ts'
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
  const key = row?.key ?? (typeof access === 'object' ? access.key : undefined)
  return {
    event: definition.event,
    owner,
    kind: definition.kind,
    action: 'custom',
    ...(resource ? { resource: resource.name } : {}),
    tags: definition.tags ?? [],
    public: access === 'public',
    ...(definition.secret === true ? { secret: true } : {}),
    ...(key === undefined ? {} : { right: { key } }),
    file: fileOf(definition) ?? `plugins/${owner}`,
    steps: deciding({
      parse: (payload) => validate(fields, payload),
      async prepare(call) {
        await definition.prepare?.(call)
      },
      load: async (call) => resource && loadRow(call, resource, definition.kind === 'mutation' ? { lock: 'change' } : {}),
      async authorise(call, loaded) {
        if (typeof access === 'object') {
          const held = access.anywhere === true
            ? call.rights.holds(access.key)
            : await call.rights.covers({ key: access.key, scopeId: null, deny: false })
          if (!held) throw forbidden(access.key)
        }
        if (row && resource) await authoriseRow(call, resource, loaded, { action: eventAction(definition.event), key: row.key })
      },
      handle: (call) => definition.handle(call),
    }),
  }
}

const ping: Unhooked = {
  event: 'ping', owner: 'core', kind: 'query', action: 'custom', tags: ['essential'], public: true, file: 'core/boot/operations.ts',
  steps: deciding({
    parse: (payload) => validate(new Map(), payload), load: () => Promise.resolve(), authorise: () => Promise.resolve(),
    handle: () => Promise.resolve({}),
  }),
}

const matches = (pattern: string): ((event: string) => boolean) => {
  const expression = new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*')}$`)
  return (event) => expression.test(event)
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
export interface Contributed {
  readonly owner: string
  readonly operations: readonly NamedOperation[]
  readonly hooks: readonly TargetedHook[]
}

/** Every operation by its event. */
export const compileOperations = (
  resources: Resources,
  definitions: readonly AnyResource[],
  contributed: readonly Contributed[],
  faults: Faults,
): Operations => {
  const bare = new Map<string, Unhooked>()
  const add = (operation: Unhooked): void => {
    const known = bare.get(operation.event)
    if (known) faults.add(operation.owner, `the event "${operation.event}" is already ${known.owner}'s`)
    else if (!isEventName(operation.event) || operation.event.endsWith('-response') || operation.event.endsWith('-changed')) {
      faults.add(operation.owner, `"${operation.event}" cannot be an event`)
    } else bare.set(operation.event, operation)
  }
  add(ping)
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
