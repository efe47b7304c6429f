// A program for oracle.test.ts, run by node:test: the rights oracle over an app with resources and fields of its own; with a rule, if it is
// asked for, by which everyone reads every group.
import { object, string } from 'yup'
import { definePlugin, type AnyResource } from '../../../core/define/index.ts'
import { chosenDatabases, rightsOracle } from '../../../testing/index.ts'
import { lendingApp } from '../../support/lending/app.ts'

const badges = definePlugin({
  name: 'badges',
  setup: () => ({
    extend: {
      user: {
        schema: object({ badge: string().max(20).nullable().default(null) }),
        stored: { badge: { table: 'badges', key: 'user_id', column: 'badge' } },
      },
    },
  }),
})

const open = (resource: AnyResource): AnyResource => resource.name === 'group'
  ? { ...resource, permissions: ({ allow }) => allow('get', {}) }
  : resource

const resources = process.env['RIGHTS'] === 'broken' ? lendingApp.resources.map(open) : lendingApp.resources

const app = {
  ...lendingApp, resources, plugins: [...lendingApp.plugins, badges],
  migrations: [...lendingApp.migrations, { owner: 'badges', directory: new URL('badges/', import.meta.url) }],
}

rightsOracle(app, chosenDatabases()[0], { steps: 60, seed: 7 })
