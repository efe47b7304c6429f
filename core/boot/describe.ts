// What happens when an event is called: where it is handled, and each step with its owner. Printed by `npm run
// describe`, and logged at start.
import { lifecycle } from '../call/lifecycle.ts'
import type { Operation, Operations } from '../call/operation.ts'
import type { Action } from '../define/rights.ts'
import { linksOf, otherEnd, type CompiledRelation, type Resource, type Resources } from '../model/resource.ts'

export interface Described {
  readonly event: string
  readonly owner: string
  readonly kind: 'query' | 'mutation'
  readonly chain: readonly string[]
}

const hooked = ['around', 'prepare', 'before', 'after', 'committed'] as const
type Hooked = (typeof hooked)[number]

const ownersOf = ({ hooks }: Operation, step: Hooked): string[] =>
  hooks.filter(({ hook }) => hook[step] !== undefined).map(({ owner }) => owner)

/** The resource whose guard is asked: of the row that changes, which is the other end's where an event of the owner moves it. */
const guarded = ({ kind, action, relation = '', resource = '' }: Operation, resources: Resources): Resource | undefined => {
  if (kind === 'query' || action === 'custom') return undefined
  const owner = resources.get(resource)
  const through = owner?.relations.get(relation)
  const changed = through && 'of' in through ? through.target : owner
  return changed?.guard ? changed : undefined
}

/** What is read beside the table of the relation's owner. */
const tablesOf = (relation: CompiledRelation | undefined): string[] => {
  if (!relation || relation.kind === 'one') return []
  return [relation.kind === 'owned' ? relation.target.table : linksOf(relation).table]
}

/** Whether rows at either end of a relation change with it. */
const isTwoEnded = (relation: CompiledRelation): boolean => 'of' in relation || relation.inverse !== undefined

/** The answer to "who touches user-create?": the hooks and guards of every operation, in the order in which they run. */
export const describe = (operations: Operations, resources: Resources): Described[] =>
  [...operations.values()].map((operation) => {
    const { event, owner, kind } = operation
    const guard = guarded(operation, resources)
    const steps = (names: readonly Hooked[]): string[] =>
      names.flatMap((step) => ownersOf(operation, step).map((each) => `${step}: ${each}`))
    return {
      event, owner, kind,
      chain: [...steps(['around', 'prepare', 'before']), ...(guard ? [`guard: ${guard.name}`] : []), ...steps(['after', 'committed'])],
    }
  })

/**
 * Messages to the database that a request may cost on PostgreSQL, with what is usually in memory; one that names other rows or sets
 * links costs more. Held by `test/budgets`.
 */
export const budgets: Readonly<Record<Action, number>> = { get: 1, list: 2, create: 3, update: 4, delete: 5 }

/** What one needs to read to understand an event, for a terminal. `declared`: the file of the resource's definition. */
export const describeOperation = (
  operation: Operation, resources: Resources, declared: (resource: string) => string | undefined,
): string => {
  const { event, owner, kind, action, relation, right, file } = operation
  const resource = operation.resource === undefined ? undefined : resources.get(operation.resource)
  const target = relation === undefined ? undefined : resource?.relations.get(relation)
  const end = kind === 'mutation' && target ? otherEnd(target) : undefined
  const key = right?.key ?? (resource && (action === 'list' ? resource.keys.list : resource.keys.get))
  const keys = [key, end && `${end.key === key ? 'also' : end.key} on the other end`]
  const both = resource && target && isTwoEnded(target) && target.target !== resource ? [resource, target.target] : [resource]
  const changed = kind === 'mutation' ? both.flatMap((each) => (each ? [each.name] : [])) : []
  const stated: Readonly<Record<string, number>> = budgets
  const budget = relation === undefined ? stated[action] : undefined
  const own: Readonly<Record<string, string>> = {
    parse: file, load: file, authorise: 'core/access/authorise.ts', decide: 'core/access/decide.ts', handle: file,
    ...(action === 'custom' ? {} : { project: 'core/crud/project.ts' }),
  }
  const asked = guarded(operation, resources)
  const isSkipped = (step: string): boolean =>
    (kind === 'query' && ['begin', 'decide', 'commit'].includes(step)) || (action === 'custom' && step === 'decide')
  const steps = lifecycle.filter((step) => !isSkipped(step)).map((step) => {
    const hooks = hooked.filter((each) => each === step).flatMap((each) => ownersOf(operation, each))
    const guard = step === 'decide' && asked ? [`guard of ${asked.name}`] : []
    const done = [own[step], ...hooks.map((each) => `hook of ${each}`), ...guard].filter((each) => each !== undefined)
    return `  ${step.padEnd(10)} ${done.join(', ')}`.trimEnd()
  })
  const lines: readonly [string, string | undefined][] = [
    ['kind', `${kind}, ${action}${relation === undefined ? '' : ` of ${relation}`}`],
    ['owner', owner],
    ['declared', (resource && declared(resource.name)) ?? file],
    ['handled', file],
    ['key', operation.public ? 'none: it is public' : keys.filter(Boolean).join(', ') || 'a session'],
    ['tables', resource && [resource.table, ...tablesOf(target)].join(', ')],
    ['costs', budget === undefined ? undefined : `at most ${budget} messages to the database, and what its links and references add`],
    ['broadcasts', changed.map((name) => `${name}-changed`).join(', ')
      || (kind === 'mutation' ? 'what it writes to tracked tables' : 'nothing')],
  ]
  return [
    event, ...lines.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(10)} ${value}`])), '', ...steps,
  ].join('\n')
}
