// Where rights come from: users, their roles and their grants.
import type { Knex } from 'knex'
import type { Authority } from '../../core/define/index.ts'
import { grantsOfUser, grantsOfUsers, root } from './grants.ts'

const register = async (db: Knex, keys: readonly string[]): Promise<void> => {
  await db.transaction(async (trx) => {
    // Two nodes may start at once, and one of them slowly.
    await trx.raw('set local statement_timeout = 0')
    await trx.raw("select pg_advisory_xact_lock(hashtext('sovrane:permissions'))")
    const list = [...keys]
    // Their id is the key; should someone's row have taken that id for another key, any id will do.
    for (const id of ['k', 'gen_random_uuid()::text']) {
      await trx.raw(`insert into permissions (id, permission_key, built_in)
        select ${id}, k, true from unnest(?::text[]) k where not exists (select 1 from permissions p where p.permission_key = k) on conflict do nothing`, [list])
    }
    await trx.raw('update permissions set built_in = (permission_key = any(?::text[])) where built_in <> (permission_key = any(?::text[]))', [list, list])
  })
}

export const authority: Authority = {
  actor: 'user',
  watch: ['role', 'permission'],
  root,
  stamped: true,
  register,
  async load(db, userId) {
    const found = await grantsOfUser(db, userId)
    // What a suspended or archived account was granted still counts for who may act over it.
    return found && { grants: found.grants, ...(found.status === 'active' ? {} : { ended: found.status }) }
  },
  async loadMany(db, userIds) {
    const found = [...(await grantsOfUsers(db, userIds))]
    return new Map(found.map(([id, { status, grants }]) => [id, { grants, ...(status === 'active' ? {} : { ended: status }) }]))
  },
}
