// The app: its resources and its plugins. This is the file that a team edits.
import { defineApp, type ContractOf } from '#sovrane'
import { alerts } from './plugins/audit/alerts.ts'
import { audit } from './plugins/audit/index.ts'
import { auth } from './plugins/auth/index.ts'
import { config } from './plugins/config/index.ts'
import { apiDocs } from './plugins/api-docs/index.ts'
import { consolePlugin } from './plugins/console/index.ts'
import { invitations } from './plugins/invitations/index.ts'
import { jobs } from './plugins/jobs/index.ts'
import { mail } from './plugins/mail/index.ts'
import { mfa } from './plugins/mfa/index.ts'
import { overview } from './plugins/overview/index.ts'
import { sample } from './plugins/sample/index.ts'
import { transfer } from './plugins/transfer/index.ts'
import { department } from './resources/department.ts'
import { directory } from './resources/directory.ts'
import { group } from './resources/group.ts'
import { permission } from './resources/permission.ts'
import { authority } from './resources/rights/authority.ts'
import { role } from './resources/role.ts'
import { site } from './resources/site.ts'
import { user } from './resources/user.ts'

export const app = defineApp({
  resources: [permission, role, site, department, group, user],
  plugins: [directory, config, audit, jobs, mail, alerts, auth, mfa, invitations, sample, overview, transfer, apiDocs, consolePlugin],
  authority,
  migrations: new URL('resources/migrations/', import.meta.url),
})

/** What clients are typed by: the rows, every event with its payload and reply, settings and reasons. */
export interface AppContract extends ContractOf<typeof app> {}
