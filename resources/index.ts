// The resources that come with the package: an organisation, its people and their rights. A project lists those that it wants.
export { department } from './department.ts'
export { directory } from './directory.ts'
export { group } from './group.ts'
export { permission } from './permission.ts'
export { authority } from './rights/authority.ts'
export { role } from './role.ts'
export { site } from './site.ts'
export { user } from './user.ts'

/** Where their migrations are: `defineApp({ migrations: { resources: resourceMigrations, app: … } })`. */
export const resourceMigrations = new URL('migrations/', import.meta.url)
