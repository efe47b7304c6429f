// A small organisation, those who look at it by live lists, and the lists that they look at.
import type { LiveList } from '../../../client/index.ts'
import type { Page } from '../../../core/define/index.ts'
import type { TestServer, Session } from '../../kit/test-server.ts'
import { enter, type Client } from '../people.ts'

/** A list that someone looks at: live, and how it is asked for once. */
export interface Watched {
  readonly name: string
  readonly by: Session
  readonly list: Pick<LiveList, 'current' | 'settled'>
  /** The same, asked for once. */
  fresh(): Promise<Page<unknown>>
}

export interface Watcher {
  readonly session: Session
  readonly client: Client
}

export interface World {
  readonly server: TestServer
  readonly watchers: readonly Watcher[]
  /** Everything, and what lies in a scope that moves. */
  readonly root: Watcher
  readonly scoped: Watcher
  readonly lists: readonly Watched[]
  readonly role: string
  readonly group: string
}

const reading = [
  'read-users', 'read-user', 'read-departments', 'read-department', 'read-groups', 'read-group', 'read-roles', 'read-role', 'update-department',
]

/** Lists of all kinds: sorted, filtered, searched, in the middle, with what they include, of a relation, and one that is refused. */
const watch = ({ session, client }: Watcher, group: string): Watched[] => {
  const open = (name: string, list: Watched['list'], ask: Watched['fresh']): Watched =>
    ({ name: `${name} of ${session.id}`, by: session, list, fresh: ask })
  const departments = [
    { sort: 'label', limit: 5, page: 2 },
    { sort: ['-label'], limit: 10, include: ['parent', 'manager'] },
    { filter: { parentId: { isNull: true } }, limit: 50 },
  ] as const
  const users = [
    { limit: 5 },
    { search: 'a', sort: '-lastName', limit: 7, include: ['department'] },
    { filter: { status: 'active', not: { departmentId: { isNull: true } } }, limit: 100 },
  ] as const
  const { department, user, role, site } = client
  return [
    ...departments.map((query) => open(`departments ${JSON.stringify(query)}`, department.live(query), () => department.list(query))),
    ...users.map((query) => open(`users ${JSON.stringify(query)}`, user.live(query), () => user.list(query))),
    open('groups', client.group.live({ sort: 'name' }), () => client.group.list({ sort: 'name' })),
    open('members', client.group.members.live({ id: group }), () => client.group.members.list({ id: group })),
    open('roles', role.live({ include: ['permissions'] }), () => role.list({ include: ['permissions'] })),
    open('sites', site.live({ limit: 3 }), () => site.list({ limit: 3 })),
  ]
}

/** A list that goes on from the end of a page, wherever the rows of that page are by now. */
const watchAfter = async ({ session, client }: Watcher): Promise<Watched> => {
  const query = { sort: '-label', limit: 4 } as const
  const { next } = await client.department.list(query)
  const after = { ...query, after: next ?? '' }
  return {
    name: `departments after a page, of ${session.id}`, by: session,
    list: client.department.live(after), fresh: () => client.department.list(after),
  }
}

/** Opens everything anew on a server that is up. `stage`: a word that no other world on this server has. */
export const openWorld = async (server: TestServer, stage: string): Promise<World> => {
  const [role, group, top] = [`${stage}-role`, `${stage}-group`, `${stage}-top`]
  await server.ok('department-create', { id: top, label: 'Top' }, server.admin)
  for (const label of ['Bow', 'Keel', 'Mast', 'Stern', 'Winch']) {
    await server.ok('department-create', { id: `${stage}-${label}`, label, parentId: top }, server.admin)
  }
  await server.ok('role-create', {
    id: role, label: 'Readers', permissions: reading.map((permissionId) => ({ permissionId, scopeId: top })),
  }, server.admin)
  await server.ok('group-create', { id: group, name: 'Readers' }, server.admin)
  const people = [server.admin, await server.enter({ id: `${stage}-scoped`, roles: [role], departmentId: top })]
  const watchers = await Promise.all(people.map(async (person): Promise<Watcher> => {
    const client = await enter(server.url, { email: person.email, password: person.password })
    // By the token of the test, which may ask over HTTP.
    return { session: person, client }
  }))
  const [root, scoped] = watchers
  if (!root || !scoped) throw new Error('there are two watchers')
  const lists = [...watchers.flatMap((watcher) => watch(watcher, group)), await watchAfter(root)]
  await Promise.all(lists.map(({ list }) => list.settled()))
  return { server, watchers, root, scoped, lists, role, group }
}
