// The directory: permissions, roles, sites, departments, groups, users and the links between them.
import type { Knex } from 'knex'
import { announce, resourceColumns, touchOwner, trackChanges } from '#sovrane'

export const up = async (knex: Knex): Promise<void> => {
  await knex.schema.createTable('permissions', (table) => {
    resourceColumns(table, knex)
    table.text('permission_key').notNullable().unique()
    table.text('description')
    table.boolean('built_in').notNullable().defaultTo(false)
  })
  await knex.schema.createTable('roles', (table) => {
    resourceColumns(table, knex)
    table.text('label').notNullable()
  })
  await knex.schema.createTable('sites', (table) => {
    resourceColumns(table, knex)
    table.text('label').notNullable()
  })
  await knex.schema.createTable('departments', (table) => {
    resourceColumns(table, knex)
    table.text('label').notNullable()
    table.text('site_id').references('sites.id').index()
    table.text('parent_id').references('departments.id').index()
    table.text('manager_id').index()
    table.check('parent_id <> id', [], 'departments_not_own_parent')
  })
  await knex.schema.createTable('groups', (table) => {
    resourceColumns(table, knex)
    table.text('name').notNullable()
    table.text('description')
  })
  await knex.schema.createTable('users', (table) => {
    resourceColumns(table, knex)
    table.text('first_name').notNullable()
    table.text('last_name').notNullable()
    table.text('email').notNullable()
    table.text('status').notNullable().defaultTo('active').checkIn(['active', 'suspended', 'archived'])
    table.text('picture')
    table.jsonb('metadata')
    table.text('site_id').references('sites.id').index()
    table.text('department_id').references('departments.id').index()
    table.text('locale')
    table.boolean('email_verified').notNullable().defaultTo(false)
  })
  await knex.raw('create unique index users_email on users (lower(email))')
  await knex.raw('alter table departments add constraint departments_manager foreign key (manager_id) references users (id)')

  await link(knex, 'user_roles', ['user', 'role'], { restrict: true })
  await link(knex, 'role_permissions', ['role', 'permission'], { scoped: true })
  await link(knex, 'user_permissions', ['user', 'permission'], { scoped: true, deny: true, restrict: true })
  await link(knex, 'group_members', ['group', 'user'], {})
  await link(knex, 'group_responsibles', ['group', 'user'], {})

  await trackChanges(knex, 'permissions', { resource: 'permission' })
  await trackChanges(knex, 'roles', { resource: 'role' })
  await trackChanges(knex, 'sites', { resource: 'site', scope: true })
  await trackChanges(knex, 'departments', { resource: 'department', scope: true })
  await trackChanges(knex, 'groups', { resource: 'group' })
  await trackChanges(knex, 'users', { resource: 'user' })
  await touchOwner(knex, 'departments', { owner: 'departments', by: 'parent_id', when: 'parent_id' })
  await touchOwner(knex, 'users', { owner: 'departments', by: 'department_id', when: 'department_id' })
  await announce(knex, 'group_responsibles', { topic: '~rights', id: 'user_id' })
}

interface LinkShape {
  /** The target is not deleted while it is linked. */
  readonly restrict?: boolean
  readonly scoped?: boolean
  readonly deny?: boolean
}

const link = async (knex: Knex, name: string, [own, other]: readonly [string, string], shape: LinkShape): Promise<void> => {
  await knex.schema.createTable(name, (table) => {
    table.text(`${own}_id`).notNullable().references(`${own}s.id`).onDelete('CASCADE')
    table.text(`${other}_id`).notNullable().references(`${other}s.id`).onDelete(shape.restrict === true ? 'RESTRICT' : 'CASCADE').index()
    if (shape.scoped === true) table.text('scope_id').references('scopes.id').index()
    if (shape.deny === true) table.boolean('deny').notNullable().defaultTo(false)
  })
  const columns = [...(shape.scoped === true ? ["coalesce(scope_id, '')"] : []), ...(shape.deny === true ? ['deny'] : [])]
  const identity = [`${own}_id`, `${other}_id`, ...columns]
  await knex.raw(`create unique index ${name}_identity on ${name} (${identity.join(', ')})`)
  await touchOwner(knex, name, { owner: `${own}s`, by: `${own}_id` })
}

export const down = async (knex: Knex): Promise<void> => {
  await knex.raw('alter table departments drop constraint departments_manager')
  for (const table of [
    'group_responsibles', 'group_members', 'user_permissions', 'role_permissions', 'user_roles', 'users', 'groups', 'departments', 'sites',
    'roles', 'permissions',
  ]) {
    await knex.schema.dropTable(table)
  }
}
