// The whole API of an app as one value, made of its compiled definitions.
import { catalogue, type ErrorCode } from '../define/errors.ts'
import type { DescribedEvent, Description, JsonSchema } from '../define/description.ts'
import type { Setting } from '../define/settings.ts'
import { isGetter, type Operation, type Operations } from '../call/operation.ts'
import { jsonSchemaOf } from '../model/json-schema.ts'
import { responseEvent } from '../model/names.ts'
import type { Resource, Resources } from '../model/resource.ts'
import { aboutOf } from './about.ts'
import { broadcastsOf } from './broadcasts.ts'
import { errorsOf, isCode, keysOf, type DeclaredReasons } from './errors.ts'
import { createExamples } from './examples.ts'
import { isGeneric, payloadOf, replyOf, subjectOf } from './messages.ts'
import { resourceDescribed } from './resources.ts'
import { schemasOf } from './rows.ts'
import { severalOf } from './several.ts'

/** What a description is made of. */
export interface Describable {
  readonly resources: Resources
  readonly operations: Operations
  readonly broadcasts: ReadonlyMap<string, string | undefined>
  readonly reasons: DeclaredReasons
  readonly permissionKeys: readonly string[]
  readonly settings: readonly (Setting & { readonly owner: string })[]
}

/** The names of those whose rows an event changes, as clients hear of it. */
export const changedBy = (operation: Operation, resources: Resources): string[] => {
  const { kind, said, action } = operation
  const { resource, relation } = subjectOf(operation, resources)
  if (kind === 'query') return []
  if (!isGeneric(operation)) return [...(said?.changes ?? (resource ? [resource.name] : []))]
  if (!resource) return []
  const isTwoEnded = relation && ('of' in relation || relation.inverse !== undefined)
  const named = relation ? (isTwoEnded ? [relation.target] : []) : resource.ones.flatMap(({ inverse, target }) => (inverse ? [target] : []))
  // Links go with a row that is deleted: those who had them are changed.
  const linked = action === 'delete' && !relation
    ? [...resources.values()].filter(({ links }) => links.some(({ target, restrict }) => target === resource && !restrict)) : []
  return [...new Set([resource, ...named, ...linked].map(({ name }) => name))]
}

const detailsOf: Readonly<Record<ErrorCode, JsonSchema>> = (() => {
  const text = { type: 'string' }
  const reason = { type: 'string', description: 'What programs tell errors of this code apart by' }
  const index = { type: 'integer', description: 'Which of many payloads was refused, from 0' }
  const some = (properties: Readonly<Record<string, JsonSchema>>): JsonSchema =>
    ({ type: 'object', properties: { ...properties, index, reason } })
  return {
    invalid_payload: {
      type: 'array', items: { type: 'object', properties: { path: text, message: text }, required: ['path', 'message'] },
    },
    unauthenticated: some({}),
    forbidden: some({ permission: { type: 'string', description: 'The permission key that is missing' } }),
    not_found: some({}),
    conflict: some({
      version: { type: 'integer', description: 'The version that the row now has' },
      fields: { type: 'array', items: text, description: 'Whose values are taken' },
      usedBy: {
        type: 'array', description: 'What still refers to the row',
        items: { type: 'object', properties: { resource: text, count: { type: 'integer' } }, required: ['resource', 'count'] },
      },
      cycle: { type: 'array', items: text, description: 'The ids that would stand above each other' },
    }),
    account_locked: some({ lockedUntil: { type: 'string', format: 'date-time' } }),
    password_expired: some({ resetToken: text }),
    rate_limited: some({}), payload_too_large: some({}), unknown_event: some({}), unavailable: some({}), internal: some({}),
  }
})()

/** The fields of an example beside those that must be there. */
const tellingFields = ({ action, relation }: Operation, resource: Resource | undefined): string[] => {
  if (action === 'list') return ['page', 'limit']
  if (action !== 'update' || relation !== undefined || !resource) return []
  const first = [...resource.fields.values()].find(({ base, readOnly, fixed, source }) =>
    !base && !readOnly && !fixed && source === 'column')
  return first ? [first.name] : []
}

/** Describes an app. */
export const describeApp = (app: Describable): Description => {
  const { resources, operations, reasons } = app
  const schemas = Object.fromEntries([...resources.values()].flatMap(schemasOf))
  const examples = createExamples(schemas, resources)
  const getters = new Set([...operations.values()].filter(isGetter).map(({ event }) => event))
  const described = (operation: Operation): DescribedEvent => {
    const { event, owner, kind, action, tags, each } = operation
    const single = each === undefined ? undefined : operations.get(each)
    const { resource, relation } = subjectOf(operation, resources)
    const [payload, reply] = [payloadOf(operation, resources), replyOf(operation, resources)]
    const shown = action === 'list' || action === 'get' ? relation?.target ?? resource : resource
    return {
      event, owner, kind, action, tags, ...(resource ? { resource: resource.name } : {}), ...(relation ? { relation: relation.name } : {}),
      response: responseEvent(event, getters),
      about: aboutOf(operation, resources),
      public: operation.public, socketOnly: operation.socketOnly ?? false, secret: operation.secret ?? false,
      keys: keysOf(operation, resources),
      payload, reply,
      errors: errorsOf(operation, resources, reasons),
      broadcasts: changedBy(operation, resources).map((name) => `${name}-changed`),
      example: {
        payload: examples.payload(payload, resource?.name, tellingFields(operation, resource)),
        reply: examples.reply(reply, isGeneric(operation) ? shown?.name : undefined),
      },
      ...(single ? { each, ...severalOf(described(single), payload, resource?.plural ?? '') } : {}),
    }
  }
  const events = [...operations.values()].map(described)
  return Object.freeze({
    resources: [...resources.values()].map((resource) => resourceDescribed(resource, events)),
    events,
    broadcasts: broadcastsOf(app.broadcasts),
    schemas,
    errors: Object.entries(catalogue).flatMap(([code, { status, message }]) =>
      (isCode(code) ? [{ code, status, message, details: detailsOf[code] }] : [])),
    reasons: [...reasons].map(([reason, { owner, refuse }]) => ({ reason, owner, code: refuse.code, message: refuse().message })),
    permissionKeys: app.permissionKeys,
    settings: app.settings.map(({ key, owner, description, schema }) => ({ key, owner, description, schema: jsonSchemaOf(schema) })),
  })
}
