// Races for the last root: whatever two administrators do to each other at once, somebody active holds `root` everywhere.
import { expect } from 'chai'
import type { Fields, Reply } from './client.ts'
import { barrier, parallel } from '../kit/wait.ts'
import { caught, describeRaces, successes, type Person } from './harness.ts'

const rounds = 4

interface Admin extends Person {
  readonly role: string
}

/** What `by` does to take `root` from `whom`. */
type Attack = (by: Admin, whom: Admin) => [event: string, payload: Fields]

const byRole: Readonly<Record<string, Attack>> = {
  'user-remove-role': (_, whom) => ['user-remove-role', { id: whom.id, roleId: whom.role }],
  'user-update of roles': (_, whom) => ['user-update', { id: whom.id, roles: [] }],
  'user-update of status (suspended)': (_, whom) => ['user-update', { id: whom.id, status: 'suspended' }],
  'user-update of status (archived)': (_, whom) => ['user-update', { id: whom.id, status: 'archived' }],
  'user-delete': (_, whom) => ['user-delete', { id: whom.id }],
  'user-add-permission with deny': (_, whom) => ['user-add-permission', { id: whom.id, permissionId: 'root', deny: true }],
  'role-remove-permission': (_, whom) => ['role-remove-permission', { id: whom.role, permissionId: 'root' }],
  'role-update of permissions': (_, whom) => ['role-update', { id: whom.role, permissions: [] }],
  "leaving one's own role": (by) => ['user-remove-role', { id: by.id, roleId: by.role }],
}

describeRaces('the last root', 2, (arena) => {
  const roots = async (): Promise<string[]> => {
    const rows = await arena.sql<{ id: string }>(`
      select u.id from users u where u.status = 'active'
        and not exists (select 1 from user_permissions d where d.user_id = u.id and d.permission_id = 'root' and d.deny)
        and (exists (select 1 from user_roles ur join role_permissions rp using (role_id) where ur.user_id = u.id
            and rp.permission_id = 'root' and rp.scope_id is null)
          or exists (select 1 from user_permissions g where g.user_id = u.id
            and g.permission_id = 'root' and not g.deny and g.scope_id is null))`)
    return rows.map((row) => row.id)
  }

  /** Exactly two people hold root, each by a role of his own or directly, while `work` runs. */
  const withTwo = async (direct: boolean, work: (first: Admin, second: Admin) => Promise<void>): Promise<void> => {
    const make = async (): Promise<Admin> => {
      const person = await arena.person({ permissions: direct ? [] : ['root'] })
      if (direct) await arena.must('user-add-permission', { id: person.id, permissionId: 'root' })
      return person
    }
    const [first, second] = [await make(), await make()]
    // A suspension would end the administrator's session for good.
    await arena.sql(`delete from user_roles where user_id = $1`, [arena.admin.id])
    expect(await roots()).to.have.members([first.id, second.id])
    try {
      await work(first, second)
    } finally {
      await arena.sql(`insert into user_roles (user_id, role_id) values ($1, 'administrators')`, [arena.admin.id])
      await arena.sql('delete from user_roles where user_id = any($1)', [[first.id, second.id]])
      await arena.sql('delete from user_permissions where user_id = any($1)', [[first.id, second.id]])
    }
  }

  const duel = async (
    direct: boolean, attacks: readonly [Attack, Attack], node?: number,
  ): Promise<{ replies: Reply[]; left: string[] }> => {
    const result: { replies: Reply[]; left: string[] } = { replies: [], left: [] }
    await withTwo(direct, async (first, second) => {
      result.replies = await Promise.all([
        arena.ask(...attacks[0](first, second), { token: first.token, node: node ?? 0 }),
        arena.ask(...attacks[1](second, first), { token: second.token, node: node ?? 1 }),
      ])
      result.left = await roots()
    })
    return result
  }

  const expectOneLeft = ({ replies, left }: { replies: Reply[]; left: string[] }): void => {
    expect(left, `a root remains; the replies: ${JSON.stringify(replies)}`).to.have.length.of.at.least(1)
    // The loser was stopped by the rule, or had lost his right already.
    arena.onlyCodes(replies, 'conflict', 'forbidden', 'unauthenticated', 'not_found')
    expect(successes(replies)).to.be.at.most(1)
    for (const reply of replies) if (!reply.ok && reply.code === 'conflict') expect(reply.details).to.deep.equal({ reason: 'last_root' })
  }

  it('the check catches look-at-the-others-then-leave', async () => {
    await arena.sql('create table holders (id text primary key, root boolean not null)')
    let none = 0
    for (let round = 0; round < rounds; round += 1) {
      await arena.sql(`truncate holders; insert into holders values ('0', true), ('1', true)`)
      const passed = barrier(2)
      await parallel(2, async (index) => {
        const others = await arena.sql('select 1 from holders where root and id <> $1', [String(index)])
        await passed()
        if (others.length > 0) await arena.sql('update holders set root = false where id = $1', [String(index)])
      })
      if ((await arena.sql('select 1 from holders where root')).length === 0) none += 1
    }
    caught('look at the others, then leave', none, rounds)
  })

  for (const [name, attack] of Object.entries(byRole)) {
    it(`each at the other: ${name}`, async function () {
      this.timeout(60_000)
      for (let round = 0; round < rounds; round += 1) expectOneLeft(await duel(false, [attack, attack]))
    })
  }

  it('each at the other: user-remove-permission of a direct grant', async function () {
    this.timeout(60_000)
    const attack: Attack = (_, whom) => ['user-remove-permission', { id: whom.id, permissionId: 'root' }]
    for (let round = 0; round < rounds; round += 1) expectOneLeft(await duel(true, [attack, attack]))
  })

  it('by two different ways', async function () {
    this.timeout(60_000)
    // Not by leaving: beside the other's attack both would hit the same one, rightly.
    const list = Object.entries(byRole).filter(([name]) => !name.startsWith('leaving')).map(([, attack]) => attack)
    for (const [index, attack] of list.entries()) expectOneLeft(await duel(false, [attack, list[(index + 3) % list.length] as Attack]))
  })

  it('one becomes root and is suspended at once, while the other root leaves', async () => {
    await withTwo(false, async (leaving, other) => {
      const newcomer = await arena.person({ permissions: [] }).catch(() => undefined)
      expect(newcomer, 'the administrator holds nothing now: nobody else may create').to.equal(undefined)
      // `other` holds no root any more but stays; his role gets it back below.
      await arena.sql(`delete from role_permissions where role_id = $1`, [other.role])
      await arena.sql(`insert into departments (id, label) values ('gate', 'Gate') on conflict do nothing`)
      const gate = await arena.session()
      await gate.query(`begin; select 1 from departments where id = 'gate' for update`)
      // Waits at the gate after its rules were asked: when they were, its user held no root.
      const suspending = arena.ask('user-update', { id: other.id, status: 'suspended', departmentId: 'gate' }, { token: leaving.token })
      await arena.waiting(1)
      const granting = await arena.ask('role-add-permission', { id: other.role, permissionId: 'root' }, { token: leaving.token, node: 1 })
      const left = await arena.ask('user-remove-role', { id: leaving.id, roleId: leaving.role }, { token: leaving.token, node: 1 })
      await gate.query('commit')
      gate.release()
      const replies = [await suspending, granting, left]
      arena.onlyCodes(replies, 'conflict')
      expect(await roots(), `a root remains; the replies: ${JSON.stringify(replies.map((reply) => reply.ok))}`)
        .to.have.length.of.at.least(1)
    })
  })

  it('the duel itself catches a server whose advisory locks do nothing', async function () {
    this.timeout(60_000)
    const broken = await arena.addNodeWithoutLocks()
    let none = 0
    // Each leaves: at the other, the stamp of rights alone would stop whoever comes second.
    const attack = byRole["leaving one's own role"] as Attack
    let played = 0
    // The two meet in a round out of four or so: one meeting is enough.
    for (; none === 0 && played < 40; played += 1) if ((await duel(false, [attack, attack], broken)).left.length === 0) none += 1
    caught('a server without the lock of the last root', none, played)
  })
})
