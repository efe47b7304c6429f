// Races of a row's deletion with the first that refers to it: never a reference to nothing, never `internal`, and the loser hears why.
import { expect } from 'chai'
import type { Fields } from './client.ts'
import { barrier, parallel } from '../kit/wait.ts'
import { caught, describeRaces, successes, type Arena } from './harness.ts'

const rounds = 5

interface Case {
  readonly what: string
  /** Makes what is to be deleted and what shall refer to it; gives both requests. */
  readonly prepare: (arena: Arena, id: string) => Promise<{ remove: [string, Fields]; refer: [string, Fields] }>
}

const make = async (arena: Arena, resource: string, id: string, fields: Fields = {}): Promise<string> => {
  const least: Readonly<Record<string, Fields>> = {
    site: { label: id }, department: { label: id }, role: { label: id }, group: { name: id }, permission: { permissionKey: id },
    user: { firstName: 'A', lastName: id, email: `${id}@example.com` },
  }
  await arena.must(`${resource}-create`, { id, ...least[resource], ...fields })
  return id
}

const cases: readonly Case[] = [
  { what: 'a site and its user', prepare: async (arena, id) => ({
    remove: ['site-delete', { id: await make(arena, 'site', id) }],
    refer: ['user-update', { id: await make(arena, 'user', `${id}-u`), siteId: id }],
  }) },
  { what: 'a site and a new department of it', prepare: async (arena, id) => ({
    remove: ['site-delete', { id: await make(arena, 'site', id) }], refer: ['department-create', { label: 'D', siteId: id }],
  }) },
  { what: 'a department and its user', prepare: async (arena, id) => ({
    remove: ['department-delete', { id: await make(arena, 'department', id) }],
    refer: ['department-add-user', { id, userId: await make(arena, 'user', `${id}-u`) }],
  }) },
  { what: 'a department and its child', prepare: async (arena, id) => ({
    remove: ['department-delete', { id: await make(arena, 'department', id) }],
    refer: ['department-parent-set', { id: await make(arena, 'department', `${id}-c`), parentId: id }],
  }) },
  { what: 'a user and the department he is to manage', prepare: async (arena, id) => ({
    remove: ['user-delete', { id: await make(arena, 'user', id) }],
    refer: ['department-manager-set', { id: await make(arena, 'department', `${id}-d`), userId: id }],
  }) },
  { what: 'a role and its holder', prepare: async (arena, id) => ({
    remove: ['role-delete', { id: await make(arena, 'role', id) }],
    refer: ['user-add-role', { id: await make(arena, 'user', `${id}-u`), roleId: id }],
  }) },
  { what: 'a permission and the user it is granted to', prepare: async (arena, id) => ({
    remove: ['permission-delete', { id: await make(arena, 'permission', id) }],
    refer: ['user-add-permission', { id: await make(arena, 'user', `${id}-u`), permissionId: id }],
  }) },
  { what: 'a site and a grant within it', prepare: async (arena, id) => ({
    remove: ['site-delete', { id: await make(arena, 'site', id) }],
    refer: ['role-add-permission', { id: await make(arena, 'role', `${id}-r`), permissionId: 'read-user', scopeId: id }],
  }) },
]

describeRaces('a deletion and the first reference', 2, (arena) => {
  it('the check catches look-for-references-then-delete without a foreign key', async () => {
    await arena.sql('create table parents (id text primary key); create table children (parent text)')
    let orphans = 0
    for (let round = 0; round < rounds; round += 1) {
      const id = String(round)
      await arena.sql('insert into parents values ($1)', [id])
      const passed = barrier(2)
      await Promise.all([
        (async () => {
          const used = await arena.sql('select 1 from children where parent = $1', [id])
          await passed()
          if (used.length === 0) await arena.sql('delete from parents where id = $1', [id])
        })(),
        (async () => {
          const there = await arena.sql('select 1 from parents where id = $1', [id])
          await passed()
          if (there.length > 0) await arena.sql('insert into children values ($1)', [id])
        })(),
      ])
      if ((await arena.sql('select 1 from children c where parent = $1 and not exists (select 1 from parents p where p.id = c.parent)', [id])).length > 0)
        orphans += 1
    }
    caught('look for references, then delete', orphans, rounds)
  })

  for (const { what, prepare } of cases) {
    it(what, async () => {
      for (let round = 0; round < rounds; round += 1) {
        const { remove, refer } = await prepare(arena, arena.unique('row'))
        const [removed, referred] = await Promise.all([arena.ask(...remove), arena.ask(...refer, { node: 1 })])
        arena.onlyCodes([removed], 'conflict')
        // Where it is named in the payload as a value it is invalid, where it is the row of the event it is not found.
        arena.onlyCodes([referred], 'invalid_payload', 'not_found')
        expect(successes([removed, referred]), JSON.stringify([removed, referred])).to.equal(1)
        if (!removed.ok) expect(removed.details, 'by what it is used').to.have.property('usedBy')
      }
    })
  }

  it('fifty references and one deletion', async () => {
    for (let round = 0; round < 3; round += 1) {
      const role = await make(arena, 'role', arena.unique('role'))
      const users = await parallel(10, () => make(arena, 'user', arena.unique('holder')))
      const [removed, ...referred] = await Promise.all([
        arena.ask('role-delete', { id: role }),
        ...Array.from({ length: 50 }, (_, index) => arena.ask('user-add-role', { id: users[index % 10], roleId: role }, { node: index })),
      ])
      arena.onlyCodes([removed], 'conflict')
      arena.onlyCodes(referred, 'not_found')
      const held = await arena.sql('select 1 from user_roles where role_id = $1', [role])
      expect(held).to.have.length(removed.ok ? 0 : users.length)
      expect(successes(referred)).to.equal(removed.ok ? 0 : 50)
    }
  })
})
