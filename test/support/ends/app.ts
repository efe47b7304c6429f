// The app of app.ts whose links, declared at one end, are named from the other end too.
import { app } from '../../../app.ts'
import { defineApp, defineResource, many } from '#sovrane'
import { department } from '../../../resources/department.ts'
import { group } from '../../../resources/group.ts'
import { permission } from '../../../resources/permission.ts'
import { role } from '../../../resources/role.ts'
import { site } from '../../../resources/site.ts'
import { user } from '../../../resources/user.ts'

const namedRole = defineResource({ ...role, relations: { ...role.relations, holders: many('user', { inverse: 'roles', item: 'holder' }) } })
const namedUser = defineResource({
  ...user,
  relations: {
    ...user.relations,
    groups: many('group', { inverse: 'members', item: 'group' }), led: many('group', { inverse: 'responsibles', item: 'lead' }),
  },
})

const listed = defineApp({
  ...app, resources: [permission, namedRole, site, department, group, namedUser],
  migrations: new URL('../../../resources/migrations/', import.meta.url),
})

export const endsApp = {
  ...listed, migrations: [...listed.migrations, { owner: 'ends', directory: new URL('migrations/', import.meta.url) }],
}
