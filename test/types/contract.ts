// The contract of app.ts: what replies have, and what is only written is not. Compiled by `npm run typecheck`; never run.
import type { AppContract } from '../../app.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
/** The same names; an intersection's are not the same type to `Equal`. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
const holds = <_T extends true>(): void => undefined

type Base = 'id' | 'version' | 'createdAt' | 'updatedAt' | 'createdBy' | 'updatedBy'
type User = AppContract['user']
type Own = 'firstName' | 'lastName' | 'email' | 'status' | 'picture' | 'metadata' | 'siteId' | 'departmentId' | 'locale' | 'emailVerified'

holds<Same<keyof User, Base | Own | 'roles' | 'lastLoginAt' | 'passwordChangedAt' | 'mfaEnabled' | 'mfaType'>>()
holds<Equal<User['roles'], readonly string[]>>()
holds<Equal<User['lastLoginAt'], string | null>>()
holds<Equal<User['passwordChangedAt'], string | null>>()
holds<Equal<User['mfaEnabled'], boolean | undefined>>()
holds<Equal<User['mfaType'], string | null | undefined>>()
// @ts-expect-error: a password is only written
type _Password = User['password']

type Grant = Exclude<AppContract['role']['permissions'][number], string>
holds<Equal<keyof Grant, 'permissionId' | 'scopeId'>>()
holds<Equal<Grant['permissionId'], string>>()
holds<Equal<Grant['scopeId'], string | null>>()
holds<Equal<AppContract['invitation']['expiresAt'], string>>()
holds<Equal<keyof AppContract['site'], Base | 'label'>>()
