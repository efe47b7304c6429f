// Plugins of the audit suites: the alerts, and operations to try the hooks with.
import { AppError, definePlugin, operation, statement, type AnyPlugin, type Call, type Payload } from '../../core/define/index.ts'
import { audit, type Audit } from '../../plugins/audit/index.ts'
import { alerts, type Alerts } from '../../plugins/audit/alerts.ts'
import { object, string } from 'yup'

export interface Probe {
  readonly plugins: readonly AnyPlugin[]
  /** The audit plugin's services, as a plugin that requires it sees them. */
  readonly services: () => Audit
  readonly alerts: () => Alerts
}

const wanted = () => object({ event: string().required(), second: string().optional(), label: string().optional() })

/** Operations that call others, or fail after they have written. */
const operations = [
  operation({
    event: 'probe-twice', kind: 'mutation', access: 'session', input: wanted(), output: object({ id: string().required() }),
    async handle(call) {
      const { label = 'x' } = call.input
      const site = await call.call('site-create', { label }, { as: 'system' })
      await call.call('site-update', { id: String(site['id']), label: `${label} again` }, { as: 'system' })
      return { id: String(site['id']) }
    },
  }),
  operation({
    event: 'probe-site', kind: 'mutation', access: 'session', input: object({ id: string().required(), say: string().optional() }),
    output: object({ id: string().required() }), row: { resource: 'site', key: 'manage-sites' },
    handle(call) {
      if (call.input.say !== undefined)
        call.notes.set(statement, { targetType: 'site', targetId: call.input.id, before: { said: '' }, after: { said: call.input.say } })
      return Promise.resolve({ id: call.input.id })
    },
  }),
  operation({
    event: 'probe-locked', kind: 'mutation', access: 'session', input: wanted(), output: object({}),
    handle(call): Promise<Payload> {
      call.notes.set(statement, { targetType: 'user', targetId: 'somebody', reason: 'locked' })
      throw new AppError('forbidden')
    },
  }),
  operation({
    event: 'probe-fail', kind: 'mutation', access: 'session', input: wanted(), output: object({}),
    async handle(call): Promise<Payload> {
      await call.call('site-create', { id: 'lost', label: 'Lost' }, { as: 'system' })
      throw new Error('after all was written')
    },
  }),
]

/** A plugin whose hook fails `site-create` of a certain label after the write. */
export const probePlugins = (): Probe => {
  const found: { services?: Audit; alerts?: Alerts } = {}
  const probe = definePlugin({
    name: 'probe',
    requires: { audit, alerts },
    setup({ use }) {
      found.services = use.audit
      found.alerts = use.alerts
      return {
        operations,
        hooks: [{ on: 'site-create', after: (call: Call): void => { if (call.input['label'] === 'Refused') throw new Error('no') } }],
      }
    },
  })
  return {
    plugins: [alerts, probe],
    services: () => {
      if (!found.services) throw new Error('the app has not started')
      return found.services
    },
    alerts: () => {
      if (!found.alerts) throw new Error('the app has not started')
      return found.alerts
    },
  }
}
