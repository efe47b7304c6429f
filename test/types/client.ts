// What must and must not compile of a client: names, payloads, replies that follow `include`. Compiled by `npm run typecheck`; never run.
import type { AppContract } from '../../app.ts'
import type { Client } from '../../client/index.ts'
import type { RowOf } from '../../core/define/index.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const holds = <_T extends true>(): void => undefined
type Department = RowOf<AppContract, 'department'>
type User = RowOf<AppContract, 'user'>
type Own = Client<AppContract>

// @ts-expect-error: what is added to a group is a user
export type Member = Own['group']['addMember']
// @ts-expect-error: there is no such operation
export type Log = Own['auth']['log']
// @ts-expect-error: there is no such resource
export type Submarine = Own['submarine']

export const asked = async (client: Client<AppContract>): Promise<void> => {
  const plain = await client.department.get({ id: 'd' })
  holds<Equal<typeof plain, Department>>()
  const { parent, manager } = await client.department.get({ id: 'd', include: ['parent', 'manager'] })
  holds<Equal<typeof parent, Department | null>>()
  holds<Equal<typeof manager, User | null>>()
  // @ts-expect-error: not asked for
  void (await client.department.get({ id: 'd', include: ['parent'] })).manager
  // @ts-expect-error: unknown relation
  await client.department.get({ id: 'd', include: ['mother'] })
  // @ts-expect-error: unknown field
  await client.department.get({ id: 'd', ids: ['x'] })
  // @ts-expect-error: a get needs an id
  await client.department.get()

  const page = await client.department.list({ sort: '-label', filter: { siteId: { isNull: true } }, include: ['site'] }, { timeout: 5000 })
  holds<Equal<(typeof page.items)[number]['site'], RowOf<AppContract, 'site'> | null>>()
  await client.department.list()
  // @ts-expect-error: lists of departments are not sorted by this
  await client.department.list({ sort: 'managerId' })

  await client.department.create({ label: 'Stores' })
  // @ts-expect-error: a department has a label
  await client.department.create({ siteId: null })
  await client.department.update({ id: 'd', label: 'Stores', ifVersion: 3 })
  await client.department.delete({ id: 'd' })

  await client.department.manager.set({ id: 'd', userId: 'u' })
  // @ts-expect-error: the field's name is accepted on the wire, not here
  await client.department.manager.set({ id: 'd', manager: 'u' })
  holds<Equal<Awaited<ReturnType<typeof client.department.manager.get>>['manager'], User | null>>()
  const { items } = await client.department.children.list({ id: 'd', include: ['manager'] })
  holds<Equal<(typeof items)[number]['manager'], User | null>>()
  await client.department.ancestors.list({ id: 'd' })
  await client.department.addChild({ id: 'd', childId: 'c' })
  await client.group.addUser({ id: 'g', userId: 'u' })
  await client.group.removeResponsible({ id: 'g', userId: 'u' })
  await client.user.addPermission({ id: 'u', permissionId: 'read-user', deny: true })

  await client.auth.login({ email: 'a@example.com', password: 'secret' })
  await client.auth.mfaSetup({ type: 'totp' })
  await client.auth.sessions.list({ limit: 5 })
  await client.auth.tokenList.list()
  await client.invitation.accept({ token: 't', password: 'secret' })
  await client.invitation.list()
  await client.config.update({ key: 'k', value: true })
  await client.audit.log.list({ actorId: 'u' })
  await client.ping()

  holds<Equal<Awaited<ReturnType<typeof client.call<'site-get'>>>, RowOf<AppContract, 'site'>>>()
  // @ts-expect-error: there is no such event
  await client.call('site-drop', { id: 's' })
}

export const lived = async (client: Client<AppContract>): Promise<void> => {
  const list = client.department.live({ filter: { siteId: 's' }, sort: 'label', include: ['manager'] })
  const { items } = await list.next()
  holds<Equal<(typeof items)[number]['manager'], User | null>>()
  const updated = await list.update({ id: 'd', label: 'x' })
  holds<Equal<typeof updated, Department>>()
  // @ts-expect-error: departments have no name
  await list.update({ id: 'd', name: 'x' })
  const members = client.group.members.live({ id: 'g' })
  for await (const state of members) holds<Equal<(typeof state.items)[number]['email'], string>>()
  // @ts-expect-error: members of which group
  client.group.members.live()
  client.config.live().close()
  client.department.onChanged(({ id, version }) => void [id, version])
}
