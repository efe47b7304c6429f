// Steps that change what live lists show: rows, links, moves in the tree, rights, SQL from outside, and changes that were missed.
import type { Random } from '../../faults/storm/random.ts'
import { isRow } from '../../kit/replies.ts'
import type { World } from './world.ts'

export interface Step {
  readonly what: string
  run(): Promise<unknown>
}

type Payload = Readonly<Record<string, unknown>>

const words = ['Anvil', 'bolt', 'Crane', 'dock', 'Élan', 'ferry', 'Gate', 'hull', 'anvil', 'Zebra', 'Oak', 'ash']
const statuses = ['active', 'suspended', 'archived'] as const
const granted = ['read-users', 'read-departments', 'read-groups', 'read-sites', 'read-site', 'read-permissions', 'manage-mfa'] as const
/** Rows of each kind that there are at most: lists are to change, not only to grow. */
const most = 25

/** Makes steps up: `made` keeps what there is. */
export const createSteps = (world: World, random: Random, stage: string): (() => Step) => {
  const { server, root, scoped, role, group } = world
  const made = { department: [`${stage}-top`], user: [scoped.session.id], site: [] as string[], group: [group], role: [] as string[] }
  let count = 0

  const label = (): string => `${random.pick(words)} ${random.whole(100)}`
  const oneOf = (kind: keyof typeof made): string => (made[kind].length === 0 ? 'nothing' : random.pick(made[kind]))
  const maybe = (kind: keyof typeof made): string | null => (random.chance(0.3) || made[kind].length === 0 ? null : random.pick(made[kind]))

  /** Over HTTP, by who looks at none of it, or over the socket of who does. What is refused changes nothing. */
  const ask = (event: string, payload: Payload): Step => {
    const by = random.chance(0.25) ? root : undefined
    return {
      what: `${event} ${JSON.stringify(payload)}${by ? ' by a watcher' : ''}`,
      async run() {
        // Any event, whatever its payload.
        const call = by?.client.call as ((event: string, payload: Payload) => Promise<unknown>) | undefined
        if (call) await call(event, payload).catch(() => undefined)
        else await server.ask(event, payload, server.admin)
      },
    }
  }
  const create = (kind: keyof typeof made, payload: Payload): Step => {
    if (made[kind].length >= most) return remove(kind)
    const id = `${stage}-${kind}-${(count += 1)}`
    made[kind].push(id)
    return ask(`${kind}-create`, { id, ...payload })
  }
  // Without them the scoped watcher has nothing to look at for the rest of the play.
  const lasting = new Set([`${stage}-top`, scoped.session.id])
  const remove = (kind: keyof typeof made): Step => {
    const others = made[kind].filter((id) => !lasting.has(id))
    const id = others.length === 0 ? 'nothing' : random.pick(others)
    return { ...ask(`${kind}-delete`, { id }), what: `${kind}-delete ${id}`, async run() {
      const reply = await server.ask(`${kind}-delete`, { id }, server.admin)
      if (isRow(reply) && !('error' in reply)) made[kind].splice(made[kind].indexOf(id), 1)
    } }
  }
  const sql = (text: string, bindings: readonly string[]): Step =>
    ({ what: `${text} ${bindings.join(' ')}`, run: () => server.sql(text, bindings) })

  const email = (): string => `${stage}-${(count += 1)}@example.com`
  const grant = (): Payload => ({
    permissionId: random.pick(granted), ...(random.chance(0.5) ? { scopeId: oneOf('department') } : {}),
  })
  /** Changes by a list, shown before they are answered; some are refused. */
  const optimistic = (): Step => {
    const watcher = random.pick(world.watchers)
    const id = oneOf('department')
    const text = random.chance(0.2) ? '' : label()
    const list = watcher.client.department.live({ limit: 30 })
    return { what: `a list's update of ${id} to "${text}" by ${watcher.session.id}`, async run() {
      await list.update({ id, label: text }).catch(() => undefined)
      list.close()
    } }
  }

  const kinds: readonly (readonly [weight: number, make: () => Step])[] = [
    [8, () => create('department', { label: label(), parentId: maybe('department'), siteId: maybe('site') })],
    [8, () => create('user', { firstName: label(), lastName: label(), email: email(), departmentId: maybe('department') })],
    [2, () => create('site', { label: label() })],
    [2, () => create('group', { name: label() })],
    [2, () => create('role', { label: label(), permissions: [grant()] })],
    [8, () => ask('department-update', { id: oneOf('department'), label: label() })],
    [6, () => ask('user-update', { id: oneOf('user'), lastName: label(), departmentId: maybe('department') })],
    [2, () => ask('user-update', { id: made.user[1] ?? 'nothing', status: random.pick(statuses) })],
    [3, () => ask('site-update', { id: oneOf('site'), label: label() })],
    [3, () => ask('group-update', { id: oneOf('group'), name: label() })],
    [12, () => ask('department-parent-set', { id: oneOf('department'), parentId: oneOf('department') })],
    [2, () => ask('department-parent-remove', { id: oneOf('department') })],
    [3, () => ask('department-add-user', { id: oneOf('department'), userId: oneOf('user') })],
    [3, () => ask('department-manager-set', { id: oneOf('department'), userId: oneOf('user') })],
    [3, () => ask('department-manager-remove', { id: oneOf('department') })],
    [5, () => ask('group-add-user', { id: oneOf('group'), userId: oneOf('user') })],
    [3, () => ask('group-remove-user', { id: oneOf('group'), userId: oneOf('user') })],
    [2, () => ask('group-add-responsible', { id: oneOf('group'), userId: scoped.session.id })],
    [2, () => ask('group-remove-responsible', { id: oneOf('group'), userId: scoped.session.id })],
    [2, () => ask('role-add-permission', { id: role, ...grant() })],
    [2, () => ask('role-remove-permission', { id: role, ...grant() })],
    [2, () => ask('user-add-permission', { id: scoped.session.id, ...grant(), deny: random.chance(0.5) })],
    [3, () => ask('user-remove-permission', { id: scoped.session.id, ...grant(), deny: random.chance(0.5) })],
    [1, () => ask('user-remove-role', { id: scoped.session.id, roleId: role })],
    [3, () => ask('user-add-role', { id: scoped.session.id, roleId: role })],
    [2, () => ask('role-update', { id: role, label: label() })],
    [3, () => remove('user')],
    [2, () => remove('department')],
    [1, () => remove('site')],
    [1, () => remove('group')],
    [2, () => sql('update departments set label = ? where id = ?', [label(), oneOf('department')])],
    [1, () => sql('update users set department_id = null where id = ?', [oneOf('user')])],
    [1, () => sql('insert into group_members (group_id, user_id) select g.id, u.id from groups g, users u where u.id = ? on conflict do nothing', [oneOf('user')])],
    [4, optimistic],
    [0.3, () => sql('update feed_state set epoch = md5(random()::text)', [])],
  ]
  const all = kinds.reduce((sum, [weight]) => sum + weight, 0)
  return () => {
    let at = random.whole(all * 1000) / 1000
    for (const [weight, make] of kinds) {
      at -= weight
      if (at < 0) return make()
    }
    return optimistic()
  }
}
