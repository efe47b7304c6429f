// The rules of giving permissions to roles.
import type { Call, Grant } from '../../core/define/index.ts'
import { keyOfPermission } from './grants.ts'
import { noteRoot, requireCovers } from './guard.ts'

interface Item {
  readonly permissionId: string
  readonly scopeId: string | null
}

const itemsOf = (value: unknown): Item[] =>
  (Array.isArray(value) ? value : []).map((item: unknown) => {
    if (typeof item !== 'object' || item === null) return { permissionId: String(item), scopeId: null }
    const { permissionId, scopeId } = item as Partial<Item>
    return { permissionId: String(permissionId), scopeId: scopeId ?? null }
  })

const toGrants = async (call: Call, items: readonly Item[]): Promise<Grant[]> => {
  const grants: Grant[] = []
  for (const { permissionId, scopeId } of items) {
    const key = await keyOfPermission(call.db, permissionId)
    if (key !== undefined) grants.push({ key, scopeId, deny: false })
  }
  return grants
}

/** What a role is newly given must be held by the giver. */
export const guardRolePermissions = async (call: Call): Promise<void> => {
  const { permissions } = call.input
  if (permissions === undefined) return
  await noteRoot(call)
  const known = new Set(itemsOf(call.before?.['permissions']).map((item) => JSON.stringify(item)))
  await requireCovers(call, await toGrants(call, itemsOf(permissions).filter((item) => !known.has(JSON.stringify(item)))))
}

/** `role-add-permission`. */
export const guardRoleGrant = async (call: Call): Promise<void> => requireCovers(call, await toGrants(call, itemsOf([call.input])))
