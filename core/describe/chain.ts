// What happens when an event is called: where it is handled, and each step with its owner. Printed by `npm run describe`, and logged at
// start.
import { lifecycle } from '../call/lifecycle.ts'
import type { Operation, Operations } from '../call/operation.ts'
import type { Action } from '../define/rights.ts'
import { changedBy } from './description.ts'
import { errorsOf, everywhere, type DeclaredReasons } from './errors.ts'
import { statementTexts } from './statements.ts'
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

/** The file in which a resource or a plugin is declared; undefined when that is not known. */
export type Place = (owner: string) => string | undefined

/** What may be answered in place of a reply; what every event may is said elsewhere. */
const refusals = (operation: Operation, resources: Resources, reasons: DeclaredReasons): string =>
  errorsOf(operation, resources, reasons).filter(({ code }) => !everywhere.includes(code)).map(({ code, details, reasons: told }) => {
    const names = [...details, ...told]
    return names.length === 0 ? code : `${code} (${names.join(', ')})`
  }).join(', ')

/** What an event is looked up in. */
interface Surroundings {
  readonly resources: Resources
  readonly reasons: DeclaredReasons
  readonly place: Place
}

/** What one needs to read to understand an event, for a terminal. */
export const describeOperation = (operation: Operation, { resources, reasons, place }: Surroundings): string => {
  const { event, owner, kind, action, relation, each: single, file, steps: { demands } } = operation
  const resource = operation.resource === undefined ? undefined : resources.get(operation.resource)
  const target = relation === undefined ? undefined : resource?.relations.get(relation)
  const end = kind === 'mutation' && target ? otherEnd(target) : undefined
  const own = demands.map(({ key }) => key)
  const keys = [...own, end && `${own.includes(end.key) ? 'also' : end.key} on the other end`]
  const stated: Readonly<Record<string, number>> = budgets
  const budget = relation === undefined && single === undefined ? stated[action] : undefined
  const files: Readonly<Record<string, string>> = {
    parse: file, ...(operation.steps.prepare ? { prepare: file } : {}), load: file, authorise: 'core/access/authorise.ts',
    decide: 'core/access/decide.ts', handle: file,
    ...(action === 'custom' ? {} : { project: 'core/crud/project.ts' }),
  }
  const asked = guarded(operation, resources)
  const from = (what: string) => (each: string): string => `${what} of ${each}${place(each) === undefined ? '' : ` (${place(each) ?? ''})`}`
  const isSkipped = (step: string): boolean =>
    (kind === 'query' && ['begin', 'decide', 'commit'].includes(step)) || (action === 'custom' && step === 'decide')
      || (single !== undefined && ['authorise', 'decide', 'project'].includes(step))
  const steps = lifecycle.filter((step) => !isSkipped(step)).map((step) => {
    const hooks = hooked.filter((each) => each === step).flatMap((each) => ownersOf(operation, each))
    const guard = step === 'decide' && asked ? [from('guard')(asked.name)] : []
    const done = [files[step], ...hooks.map(from('hook')), ...guard].filter((each) => each !== undefined)
    return `  ${step.padEnd(10)} ${done.join(', ')}`.trimEnd()
  })
  const lines: readonly [string, string | undefined][] = [
    ['kind', `${kind}, ${action}${relation === undefined ? '' : ` of ${relation}`}`],
    ['owner', owner],
    ['declared', (resource && place(resource.name)) ?? file],
    ['handled', file],
    ['makes', single === undefined ? undefined : `${single} of each payload, with all its steps, hooks and refusals`],
    ['key', operation.public ? 'none: it is public' : keys.filter(Boolean).join(', ') || 'a session'],
    ['tables', resource && [resource.table, ...tablesOf(target)].join(', ')],
    ['costs', budget === undefined ? undefined : `at most ${budget} messages to the database, and what its links and references add`],
    ['refuses', single === undefined ? refusals(operation, resources, reasons) : undefined],
    ['broadcasts', changedBy(operation, resources).map((name) => `${name}-changed`).join(', ')
      || (kind === 'mutation' ? 'what it writes to tracked tables' : 'nothing')],
  ]
  const asks = statementTexts(operation, resources)
  return [
    event, ...lines.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [`  ${name.padEnd(10)} ${value}`])),
    '', ...steps,
    ...(asks.length === 0 ? [] : ['', ...asks.map((sql) => `  ${sql}`)]),
  ].join('\n')
}
