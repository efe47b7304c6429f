// "Unplugging each plugin from app.ts leaves an engine that boots": without it, and without those that cannot do without it.
import { expect } from 'chai'
import { app } from '../../app.ts'
import type { AnyPlugin } from '../../core/define/plugin.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { administrator } from '../kit/ready.ts'
import { compiled, startApp, type RunningApp } from '../kit/server.ts'

const plugins: readonly AnyPlugin[] = app.plugins

const needs = (plugin: AnyPlugin, unplugged: AnyPlugin): boolean =>
  plugin === unplugged || Object.values(plugin.requires ?? {}).some((required) => needs(required, unplugged))

interface Reply {
  readonly error?: { readonly code: string }
  readonly [field: string]: unknown
}

const post = async (url: string, event: string, payload: object, token?: string): Promise<Reply> => {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(`${url}/api/${event}`, { method: 'POST', body: JSON.stringify(payload), headers })
  return response.json() as Promise<Reply>
}

const whole = compiled(app)

/** The owners of the events of some plugins: themselves and their resources. A plugin's name is not the first word of its events. */
const ownersOf = (some: readonly AnyPlugin[]): ReadonlySet<string> => new Set(whole.contributors
  .filter(({ plugin }) => some.includes(plugin))
  .flatMap(({ plugin, contribution }) => [plugin.name, ...(contribution.resources ?? []).map(({ name }) => name)]))

onAnyDatabase('Unplugging a plugin', (kind) => {
  it('takes events away with seven of them', () => {
    const eventful = plugins.filter((plugin) => [...whole.operations.values()].some(({ owner }) => ownersOf([plugin]).has(owner)))
    expect(eventful.map(({ name }) => name)).to.have.members(['config', 'audit', 'jobs', 'auth', 'mfa', 'invitations', 'overview'])
  })

  for (const unplugged of plugins) {
    const rest = plugins.filter((plugin) => !needs(plugin, unplugged))

    describe(unplugged.name, () => {
      const running: { app?: RunningApp } = {}
      before(async function () {
        this.timeout(60_000)
        running.app = await startApp({ ...app, plugins: rest }, kind, {}, 'empty')
      })
      after(() => running.app?.stop())

      it('leaves an engine that boots, whose rows can be made, read, changed and deleted', async () => {
        const { server } = running.app as RunningApp
        const seen = await server.run(async (call) => {
          const site = await call.call('site-create', { label: 'Harbour' }, { as: 'system' })
          const id = String(site['id'])
          const user = await call.call(
            'user-create', { firstName: 'Ada', lastName: 'Byron', email: `${id}@example.com`, siteId: id }, { as: 'system' },
          )
          const changed = await call.call('user-update', { id: String(user['id']), siteId: null }, { as: 'system' })
          await call.call('user-delete', { id: String(user['id']) }, { as: 'system' })
          await call.call('site-delete', { id }, { as: 'system' })
          return { siteId: user['siteId'], id, changed: changed['siteId'] }
        })
        expect(seen).to.deep.equal({ siteId: seen.id, id: seen.id, changed: null })
      })

      it('leaves its events unknown and the others as they were', async () => {
        const { server } = running.app as RunningApp
        const left = server.assembly.operations
        const gone = [
          ...whole.operations.values(),
        ].filter(({ owner }) => ownersOf(plugins.filter((plugin) => !rest.includes(plugin))).has(owner)).map(({ event }) => event)
        const kept = [...whole.operations.keys()].filter((event) => !gone.includes(event))
        expect(gone.filter((event) => left.has(event))).to.deep.equal([])
        expect(kept.filter((event) => !left.has(event))).to.deep.equal([])
        expect(left.size).to.equal(kept.length)
        for (const event of gone) expect((await post(server.url, event, {})).error?.code, event).to.equal('unknown_event')
        expect((await post(server.url, 'ping', {})).error).to.equal(undefined)
        if (!rest.some((plugin) => plugin.name === 'auth')) {
          expect((await post(server.url, 'auth-login', administrator)).error?.code).to.equal('unknown_event')
          expect((await post(server.url, 'site-list-request', {})).error?.code).to.equal('unauthenticated')
          return
        }
        const login = await post(server.url, 'auth-login', administrator)
        const created = await post(server.url, 'site-create', { label: 'Quay' }, String(login['accessToken']))
        expect(created.error).to.equal(undefined)
        expect((await post(server.url, 'site-get', { id: created['id'] }, String(login['accessToken'])))['label']).to.equal('Quay')
      })
    })
  }
})
