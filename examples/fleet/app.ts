// The app of a fleet: depots, vehicles, and what is reported of them.
import { defineApp, type ContractOf } from 'sovrane'
import { apiDocs } from 'sovrane/plugins/api-docs'
import { audit } from 'sovrane/plugins/audit'
import { alerts } from 'sovrane/plugins/audit/alerts'
import { auth } from 'sovrane/plugins/auth'
import { config } from 'sovrane/plugins/config'
import { consolePlugin } from 'sovrane/plugins/console'
import { invitations } from 'sovrane/plugins/invitations'
import { jobs } from 'sovrane/plugins/jobs'
import { mail } from 'sovrane/plugins/mail'
import { mfa } from 'sovrane/plugins/mfa'
import { sample } from 'sovrane/plugins/sample'
import { transfer } from 'sovrane/plugins/transfer'
import { authority, department, directory, group, permission, resourceMigrations, role, site, user } from 'sovrane/resources'
import { defects } from './plugins/defects/index.ts'
import { depot } from './resources/depot.ts'
import { vehicle } from './resources/vehicle.ts'

export const app = defineApp({
  resources: [permission, role, site, department, group, user, depot, vehicle],
  plugins: [directory, config, audit, jobs, mail, alerts, auth, mfa, invitations, sample, transfer, apiDocs, consolePlugin, defects],
  authority,
  migrations: { resources: resourceMigrations, app: new URL('migrations/', import.meta.url) },
})

/** What clients are typed by: the rows, every event with its payload and reply, settings and reasons. */
export interface AppContract extends ContractOf<typeof app> {}
