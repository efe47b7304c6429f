// The rules of acting over users and of giving them rights.
import { forbidden, type Call, type Grant } from '../../core/define/index.ts'
import { grantsOfRoles, keyOfPermission, root } from './grants.ts'
import { keepRoot, noteRoot, requireCovers } from './guard.ts'

/** Fields by which one person gets power over another's account. */
const guarded = ['email', 'password', 'status', 'roles']

const strings = (value: unknown): string[] => (Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [])

/** Another's account is touched only by who holds all that he holds. */
export const guardUser = async (call: Call): Promise<void> => {
  if (!call.before) return
  if (call.before.id === call.actor?.id) return
  const lacking = await call.rights.lacksOf(call.before.id)
  if (lacking !== undefined) throw forbidden(lacking)
}

const guardRoles = async (call: Call, wanted: unknown): Promise<void> => {
  const had = new Set(strings(call.before?.['roles']))
  await requireCovers(call, await grantsOfRoles(call.db, strings(wanted).filter((id) => !had.has(id))))
}

interface UserInput {
  readonly email?: string
  readonly [field: string]: unknown
}

/** create and update: the address in lower case, the rules above for what is given. */
export const normaliseUser = async <I extends UserInput>(call: Call<I>): Promise<I> => {
  const { input } = call
  if (guarded.some((field) => input[field] !== undefined)) await guardUser(call)
  if (call.before && (input['roles'] !== undefined || input['status'] !== undefined)) await noteRoot(call)
  if (input['roles'] !== undefined) await guardRoles(call, input['roles'])
  return input.email === undefined ? input : { ...input, email: input.email.toLowerCase() }
}

export const guardUserRole = async (call: Call): Promise<void> => {
  await guardUser(call)
  await guardRoles(call, [call.input['roleId']])
}

/** Before a user is deleted or loses a role. */
export const guardUserLoss = async (call: Call): Promise<void> => {
  await guardUser(call)
  await noteRoot(call)
}

/** Giving a permission, or lifting a deny, is granting. */
export const guardUserGrant = async (call: Call): Promise<void> => {
  await guardUser(call)
  const { permissionId, scopeId = null, deny = false } = call.input
  const isGranting = call.operation.endsWith('-add-permission') !== deny
  const key = await keyOfPermission(call.db, String(permissionId))
  if (key === root) await noteRoot(call)
  if (!isGranting || key === undefined) return
  const grant: Grant = { key, scopeId: typeof scopeId === 'string' ? scopeId : null, deny: false }
  await requireCovers(call, [grant])
}

/** After an update: an address that somebody else has set is not proved; and `root` must remain. */
export const afterUserUpdate = async (call: Call): Promise<void> => {
  await keepRoot(call)
  const { email } = call.input
  if (email !== undefined && email !== call.before?.['email'] && call.actor?.id !== call.before?.id) {
    await call.db('users').where({ id: call.before?.id ?? '' }).update({ email_verified: false })
  }
}
