// The contract of app.ts: what replies have, and what is only written is not. Compiled by `npm run typecheck`; never run.
import type { AppContract } from '../../app.ts'
import type { EventOf, PayloadOf, ReplyOf, RowOf } from '../../core/define/index.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
/** The same names; an intersection's are not the same type to `Equal`. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
const holds = <_T extends true>(): void => undefined

type Base = 'id' | 'version' | 'createdAt' | 'updatedAt' | 'createdBy' | 'updatedBy'
type User = RowOf<AppContract, 'user'>
type Own = 'firstName' | 'lastName' | 'email' | 'status' | 'picture' | 'metadata' | 'siteId' | 'departmentId' | 'locale' | 'emailVerified'

holds<Same<keyof User, Base | Own | 'roles' | 'lastLoginAt' | 'passwordChangedAt' | 'mfaEnabled' | 'mfaType'>>()
holds<Equal<User['roles'], readonly string[]>>()
holds<Equal<User['lastLoginAt'], string | null>>()
holds<Equal<User['passwordChangedAt'], string | null>>()
holds<Equal<User['mfaEnabled'], boolean | undefined>>()
holds<Equal<User['mfaType'], string | null | undefined>>()
// @ts-expect-error: a password is only written
type _Password = User['password']

type Grant = Exclude<RowOf<AppContract, 'role'>['permissions'][number], string>
holds<Equal<keyof Grant, 'permissionId' | 'scopeId'>>()
holds<Equal<Grant['permissionId'], string>>()
holds<Equal<Grant['scopeId'], string | null>>()
holds<Equal<RowOf<AppContract, 'invitation'>['expiresAt'], string>>()
holds<Equal<keyof RowOf<AppContract, 'site'>, Base | 'label'>>()

// What is sent with an event. Which fields each takes is compared with docs/protocol.md by contract.test.ts.
const sends = <E extends EventOf<AppContract>>(_event: E, _payload: PayloadOf<AppContract, E>): void => undefined
sends('user-create', { firstName: 'Ada', lastName: 'Park', email: 'ada@example.com', password: 'secret', roles: ['r'], requestId: 'a' })
sends('role-create', { label: 'Reader', permissions: ['read-user', { permissionId: 'read-site', scopeId: 'x' }, { permissionId: 'y' }] })
sends('user-update', { id: 'u', ifVersion: 3, locale: null })
sends('site-create-many', { items: [{ label: 'Quay' }, { label: 'Yard' }], requestId: 'a' })
sends('site-delete-many', { items: [{ id: 's', ifVersion: 2 }] })
holds<Equal<ReplyOf<AppContract, 'site-update-many'>['items'][number], RowOf<AppContract, 'site'>>>()
// @ts-expect-error: the requestId is that of the whole request
sends('site-create-many', { items: [{ label: 'Quay', requestId: 'a' }] })
// @ts-expect-error: each payload is whole
sends('site-create-many', { items: [{}] })
sends('department-list-request', { sort: ['-label', 'id'] })
sends('department-list-request', { filter: { label: { contains: 'x' }, or: [{ siteId: null }, { id: { in: ['a'] } }] } })
sends('user-list-request', { filter: { status: { in: ['active', 'suspended'] } }, include: ['roles', 'site'], search: 'x', after: 'y' })
sends('feed-listen', { resources: ['site', 'config'], heads: false })
// @ts-expect-error: there is no such event
sends('user-purge', {})
// @ts-expect-error: a new user needs an address
sends('user-create', { firstName: 'Ada', lastName: 'Park' })
// @ts-expect-error: no client writes it
sends('user-update', { id: 'u', emailVerified: true })
// @ts-expect-error: a key never changes
sends('permission-update', { id: 'p', permissionKey: 'x' })
// @ts-expect-error: nothing can be null that is not nullable
sends('site-update', { id: 's', label: null })
// @ts-expect-error: lists are not sorted by it
sends('department-list-request', { sort: 'managerId' })
// @ts-expect-error: nor filtered by what the definition does not name
sends('user-list-request', { filter: { picture: 'x' } })
// @ts-expect-error: there is no such status
sends('user-list-request', { filter: { status: 'gone' } })
// @ts-expect-error: a relation without a cap is not included
sends('department-get', { id: 'd', include: ['users'] })

// What comes back, and what `include` makes of it.
type Reply<E extends EventOf<AppContract>, P = unknown> = ReplyOf<AppContract, E, P>
type Department = RowOf<AppContract, 'department'>
holds<Equal<Reply<'department-get'>, Department>>()
holds<Equal<Reply<'department-get', { id: string }>, Department>>()
type Placed = Reply<'department-get', { id: string; include: readonly ['parent', 'site'] }>
holds<Equal<Placed['parent'], Department | null>>()
holds<Equal<Placed['site'], RowOf<AppContract, 'site'> | null>>()
holds<Equal<Placed['label'], string>>()
// @ts-expect-error: it was not asked for
type _Manager = Placed['manager']
type Granting = Reply<'role-get', { id: string; include: readonly ['permissions'] }>
holds<Equal<Granting['permissions'][number]['permissionKey'], string>>()
holds<Equal<Granting['permissions'][number]['scopeId'], string | null>>()
type Users = Reply<'user-list-request', { include: readonly ['department'] }>
holds<Equal<Users['items'][number]['department'], Department | null>>()
holds<Equal<Users['next'], string | undefined>>()
type Members = Reply<'department-users-request', { id: string; include: readonly ['site'] }>
holds<Equal<Members['items'][number]['site'], RowOf<AppContract, 'site'> | null>>()
// What the compiler cannot know may be there or not.
type Perhaps = Reply<'department-get', { id: string; include: ('parent' | 'site')[] }>
holds<Equal<Perhaps['parent'], Department | null | undefined>>()
holds<Equal<Reply<'department-manager-get'>['manager'], User | null>>()
holds<Equal<Reply<'site-delete'>['id'], string>>()
holds<Equal<Reply<'user-permissions-request'>['items'][number]['deny'], boolean>>()

// What operations answer.
type LogIn = Reply<'auth-login'>
holds<Equal<Extract<LogIn, { mfaToken: string }>['mfaRequired'], true>>()
holds<Equal<Extract<LogIn, { accessToken: string }>['user'], User>>()
holds<Equal<Reply<'auth-me'>['session'] extends infer S ? S extends { current: boolean } | null ? true : false : never, true>>()
holds<Equal<Reply<'auth-token-list-request'>['items'][number]['permissions'], readonly string[] | null>>()
holds<Equal<Reply<'invitation-create'>['expiresAt'], string>>()
holds<Equal<Reply<'config-get'>['value'], unknown>>()

// Settings and reasons.
holds<Equal<AppContract['settings']['account_lock_duration'], number>>()
holds<Equal<AppContract['reasons']['reauthenticate'], 'unauthenticated'>>()
holds<Equal<AppContract['reasons']['already_done' | 'own_email'], 'conflict' | 'forbidden'>>()
holds<Equal<AppContract['changes'], keyof AppContract['resources'] | 'config' | 'audit-config'>>()
