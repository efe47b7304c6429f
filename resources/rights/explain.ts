// permission-explain: why someone may call an event, or may not.
import { array, boolean, object, string } from 'yup'
import { forbidden, id, operation } from '#sovrane'

/** A row by its label. Of one that the asker may not read there is `hidden` in place of its id. */
const named = {
  resource: string().optional(), id: string().optional(), label: string().nullable().optional(), hidden: boolean().oneOf([true]).optional(),
}

const grant = object({
  key: string().required(),
  scope: object(named).nullable().defined(),
  row: object(named).optional().default(undefined),
  from: object({ ...named, relation: string().optional() }).nullable().defined(),
  reaches: boolean().required(),
})

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

/** Source: docs/protocol.md §5. */
export const explain = operation({
  about: 'Says why someone may call an event, or may not',
  errors: ['forbidden', 'not_found'],
  kind: 'query',
  access: { key: 'read-permissions' },
  input: object({ userId: id().required(), event: string().max(128).required(), id: id().optional() }),
  output,
  async handle(call) {
    const { userId, event, id: rowId } = call.input
    const key = 'read-user'
    if (userId !== call.actor?.id && !call.rights.holds(key)) throw forbidden(key)
    return { ...await call.explain(userId, event, rowId) }
  },
})
