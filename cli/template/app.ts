// The app: its resources and its plugins. This is the file that you edit.
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
import { overview } from 'sovrane/plugins/overview'
import { sample } from 'sovrane/plugins/sample'
import { transfer } from 'sovrane/plugins/transfer'
import { authority, department, directory, group, permission, resourceMigrations, role, site, user } from 'sovrane/resources'

export const app = defineApp({
  resources: [permission, role, site, department, group, user],
  plugins: [directory, config, audit, jobs, mail, alerts, auth, mfa, invitations, sample, overview, transfer, apiDocs, consolePlugin],
  authority,
  migrations: { resources: resourceMigrations, app: new URL('migrations/', import.meta.url) },
})

/** What clients are typed by: the rows, every event with its payload and reply, settings and reasons. */
export interface AppContract extends ContractOf<typeof app> {}
