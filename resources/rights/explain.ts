// permission-explain: why someone may call an event, or may not; permission-held: all that they hold, and what it comes from.
import { array, boolean, object, string } from 'yup'
import { forbidden, id, operation, type Call } from '#sovrane'

/** A row by its label. Of one that the asker may not read there is `hidden` in place of its id. */
const named = {
  resource: string().optional(), id: string().optional(), label: string().nullable().optional(), hidden: boolean().oneOf([true]).optional(),
}

const granted = {
  key: string().required(),
  scope: object(named).nullable().defined(),
  row: object(named).optional().default(undefined),
  from: object({ ...named, relation: string().optional() }).nullable().defined(),
}
const grant = object({ ...granted, reaches: boolean().required() })

const texts = () => array().of(string().required())

const output = object({
  allowed: boolean().required(),
  missing: string().optional(),
  code: string().oneOf(['unauthenticated', 'forbidden', 'not_found', 'conflict', 'invalid_payload'] as const).optional(),
  grants: array().of(grant).required(),
  denies: array().of(grant).required(),
  scopes: array().of(object({ ...named, field: string().required(), path: texts().required() })).required(),
  rules: array().of(object({
    rule: string().oneOf(['public', 'session', 'status', 'definition', 'over', 'covers', 'guard'] as const).required(),
    effect: string().oneOf(['allow', 'deny'] as const).required(),
    resource: string().optional(),
    action: string().optional(),
    fields: texts().optional(),
    key: string().optional(),
    scope: object(named).nullable().optional().default(undefined),
    id: string().optional(),
    reason: string().optional(),
  })).required(),
  depends: array().of(object({
    when: string().oneOf(['row', 'result', 'fields', 'link', 'self', 'guard', 'operation', 'written'] as const).required(),
    keys: texts().required(),
    missing: texts().required(),
    fields: texts().optional(),
    relation: string().optional(),
    resource: string().optional(),
  })).required(),
})

/** @throws AppError forbidden */
const mayAskAbout = ({ actor, rights }: Pick<Call, 'actor' | 'rights'>, userId: string): void => {
  const key = 'read-user'
  // An API token without `profile` is given nothing by being one's own.
  const isSelf = userId === actor?.id && actor.keysOnly !== true
  if (!isSelf && !rights.holds(key)) throw forbidden(key)
}

/** Source: docs/protocol.md §5.1. */
export const explain = operation({
  about: 'Says why someone may call an event, or may not',
  errors: ['forbidden', 'not_found'],
  kind: 'query',
  access: { key: 'read-permissions' },
  input: object({ userId: id().required(), event: string().max(128).required(), id: id().optional() }),
  output,
  async handle(call) {
    const { userId, event, id: rowId } = call.input
    mayAskAbout(call, userId)
    return { ...await call.explain(userId, event, rowId) }
  },
})

const places = () => array().of(object(named).required())

/** Source: docs/protocol.md §5.1. */
export const held = operation({
  about: 'Says what someone may do: each key with where it reaches, and the grants that it comes from',
  errors: ['forbidden', 'not_found'],
  kind: 'query',
  access: { key: 'read-permissions' },
  input: object({ userId: id().required() }),
  output: object({
    ended: string().optional(),
    keys: array().of(object({
      key: string().required(), scopes: places().nullable().defined(), except: places().required(), rows: places().required(),
    })).required(),
    grants: array().of(object(granted)).required(),
    denies: array().of(object(granted)).required(),
  }),
  async handle(call) {
    const { userId } = call.input
    mayAskAbout(call, userId)
    return { ...await call.holdings(userId) }
  },
})
