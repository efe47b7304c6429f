// Where rights come from: users, their roles and their grants.
import type { Knex } from 'knex'
import type { Authority } from '#sovrane'
import { root } from './grants.ts'

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

/**
 * All that users are granted or denied, by their roles and directly; what a suspended or archived one was granted still counts. `origin`:
 * what is told of each grant beside, of the id of its `role`, which is null for one that is direct.
 */
const grantsAnd = (origin: string): string => `
  select u.id, nullif(u.status, 'active') as ended, coalesce((
    select jsonb_agg(jsonb_build_object('key', g.key, 'scopeId', g.scope_id, 'deny', g.deny)${origin}) from (
      select p.permission_key as key, rp.scope_id, false as deny, ur.role_id as role
        from user_roles ur join role_permissions rp on rp.role_id = ur.role_id join permissions p on p.id = rp.permission_id
        where ur.user_id = u.id
      union all
      select p.permission_key, up.scope_id, up.deny, null from user_permissions up join permissions p on p.id = up.permission_id
        where up.user_id = u.id
    ) g), '[]') as grants
  from users u where u.id = any(?::text[])`

export const authority: Authority = {
  actor: 'user',
  watch: ['role', 'permission'],
  root,
  stamped: true,
  actors: grantsAnd(''),
  origins: grantsAnd(` || case when g.role is null then '{}' else
    jsonb_build_object('from', jsonb_build_object('resource', 'role', 'id', g.role)) end`),
  register,
}
