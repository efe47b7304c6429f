// The errors that an event can give: those of its kind, and the reasons that operations, guards and hooks declare.
import type { Operation } from '../call/operation.ts'
import { catalogue, type ErrorCode, type Reasons, type Where } from '../define/errors.ts'
import type { DescribedError } from '../define/description.ts'
import { otherEnd, type CompiledRelation, type Resource, type Resources } from '../model/resource.ts'
import { subjectOf } from './messages.ts'

/** Who declares each reason. */
export type DeclaredReasons = ReadonlyMap<string, { readonly owner: string; readonly refuse: Reasons[string] }>

/** Every event can give these; no event can do anything about them. */
export const everywhere: readonly ErrorCode[] = ['invalid_payload', 'rate_limited', 'payload_too_large', 'unavailable', 'internal']

export const isCode = (name: string): name is ErrorCode => Object.hasOwn(catalogue, name)

/** Whether a name fits a pattern, in which `*` stands for any part. */
export const matches = (pattern: string): ((event: string) => boolean) => {
  const expression = new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*')}$`)
  return (event) => expression.test(event)
}

const isOn = (on: Where | undefined, operation: Operation): boolean => {
  if (on === undefined) return false
  return typeof on === 'function' ? on(operation) : on.some((pattern) => matches(pattern)(operation.event))
}

/** The permission keys that an event asks for. */
export const keysOf = (operation: Operation, resources: Resources): string[] => {
  const { relation } = subjectOf(operation, resources)
  const end = operation.kind === 'mutation' && relation ? otherEnd(relation) : undefined
  return [...new Set([...operation.steps.demands.map(({ key }) => key), ...(end ? [end.key] : [])])]
}

const isAcyclic = (relation: CompiledRelation | undefined): boolean =>
  relation?.kind === 'one' ? relation.acyclic : relation?.kind === 'owned' && relation.of.acyclic

const hasTree = (resource: Resource | undefined): boolean => resource?.ones.some(({ acyclic }) => acyclic) ?? false

/** What `details` may name in the conflicts of an event. */
const conflicts = (operation: Operation, resources: Resources): string[] => {
  const { action, steps: { accepts: { fields } } } = operation
  const { resource, relation } = subjectOf(operation, resources)
  const writes = action === 'create' || action === 'update'
  return [
    ...(fields.has('ifVersion') ? ['version'] : []),
    ...(writes ? ['fields'] : []),
    ...((writes && hasTree(resource)) || (['set', 'add'].includes(action) && isAcyclic(relation)) ? ['cycle'] : []),
    ...(action === 'delete' ? ['usedBy'] : []),
  ]
}

const addresses = (operation: Operation, resources: Resources): boolean =>
  subjectOf(operation, resources).resource !== undefined && operation.steps.accepts.fields.has('id') && operation.action !== 'create'

/** The errors of an event, in the order of the catalogue. */
export const errorsOf = (operation: Operation, resources: Resources, declared: DeclaredReasons): DescribedError[] => {
  const { said: { errors = [] } = {}, socketOnly } = operation
  const own = new Set(errors)
  const reasons = [...declared].filter(([reason, { refuse }]) => own.has(reason) || isOn(refuse.on, operation))
  const codes = new Set<ErrorCode>([
    ...everywhere,
    ...(operation.public ? [] : ['unauthenticated'] as const),
    ...(keysOf(operation, resources).length > 0 ? ['forbidden'] as const : []),
    ...(addresses(operation, resources) ? ['not_found'] as const : []),
    ...(conflicts(operation, resources).length > 0 ? ['conflict'] as const : []),
    ...(socketOnly === true ? ['unknown_event'] as const : []),
    ...errors.filter(isCode),
    ...reasons.map(([, { refuse }]) => refuse.code),
  ])
  const detailsOf = (code: ErrorCode): string[] => {
    if (code === 'conflict') return conflicts(operation, resources)
    return code === 'forbidden' && keysOf(operation, resources).length > 0 ? ['permission'] : []
  }
  return Object.keys(catalogue).filter(isCode).filter((code) => codes.has(code)).map((code) => ({
    code, details: detailsOf(code), reasons: reasons.filter(([, { refuse }]) => refuse.code === code).map(([reason]) => reason),
  }))
}
