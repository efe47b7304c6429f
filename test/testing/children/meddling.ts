// A program for kit.test.ts, run by node:test: the contract suite over an app with a hook that gives rows what their authors never said.
import { definePlugin } from '../../../core/define/index.ts'
import { contractSuite } from '../../../testing/index.ts'
import { lendingApp } from '../../support/lending/app.ts'

const meddling = definePlugin({
  name: 'meddling',
  setup: () => ({ hooks: [{ on: 'category-create', before: () => ({ label: 'Something else' }) }] }),
})

const app = { ...lendingApp, plugins: [...lendingApp.plugins, ...(process.env['MEDDLE'] === 'yes' ? [meddling] : [])] }

contractSuite(app, 'embedded', { resources: ['category'], doors: ['http'] })
