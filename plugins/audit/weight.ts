// How weighty a mutation is: changes of who may do what are critical, everything else is information.
import type { Call } from '../../core/define/index.ts'
import type { Level } from './entry.ts'
import type { Difference } from './difference.ts'

/** Whose rows are rights. */
const rights = new Set(['role', 'permission'])
/** Fields that hold rights. */
const fields = ['roles', 'permissions', 'role']
/** The event that says what is recorded. */
export const configEvent = 'audit-config-update'

export const weightOf = ({ operation, owner }: Pick<Call, 'operation' | 'owner'>, { before, after }: Difference): Level => {
  if (rights.has(owner) || operation === configEvent || /-(?:add|remove)-(?:role|permission)$/.test(operation)) return 'critical'
  return fields.some((field) => field in before || field in after) ? 'critical' : 'info'
}
