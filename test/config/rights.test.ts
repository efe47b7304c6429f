// Who may read and change the configuration: the three keys, each for its own events, and only when held everywhere.
import { expect } from 'chai'
import { refusal, success, type Row } from '../../testing/contract/transport.ts'
import { onServer } from './servers.ts'

const keys = ['read-config', 'update-config', 'delete-config'] as const

onServer('config: rights', (world) => {
  const needs: readonly [string, Row, (typeof keys)[number]][] = [
    ['config-get', { key: 'probe_limit' }, 'read-config'],
    ['config-list-request', {}, 'read-config'],
    ['config-update', { key: 'probe_limit', value: 10 }, 'update-config'],
    ['config-delete', { key: 'probe_limit' }, 'delete-config'],
  ]

  for (const [event, payload, key] of needs) {
    it(`${event} needs ${key}, and nothing else`, async () => {
      const { people, doors: { http } } = world()
      success(await http.ask(await people.holding({ key }), event, payload), event)
      const without = await people.holding(...keys.filter((other) => other !== key).map((other) => ({ key: other })))
      const error = refusal(await http.ask(without, event, payload), 'forbidden', event)
      expect(error.details).to.deep.equal({ permission: key })
    })

    it(`${event}: a key held in one site does not reach what is everybody's`, async () => {
      const { people, doors: { http }, ok } = world()
      const site = String((await ok('site-create', { label: 'Annex' }))['id'])
      const error = refusal(await http.ask(await people.holding({ key, scopeId: site }), event, payload), 'forbidden', event)
      expect(error.details).to.deep.equal({ permission: key })
    })
  }

  it('a refusal is the same whether the key is set, declared or neither, and changes nothing', async () => {
    const { people, doors: { http }, ok } = world()
    await ok('config-update', { key: 'secret.plan', value: 1 })
    const nobody = await people.holding()
    for (const key of ['secret.plan', 'probe_limit', 'no.such']) {
      refusal(await http.ask(nobody, 'config-get', { key }), 'forbidden', key)
      refusal(await http.ask(nobody, 'config-update', { key, value: 2 }), 'forbidden', key)
      refusal(await http.ask(nobody, 'config-delete', { key }), 'forbidden', key)
    }
    expect(await ok('config-get', { key: 'secret.plan' })).to.have.property('value', 1)
  })

  it('the keys are in the table of permissions', async () => {
    const page = await world().ok('permission-list-request', { search: '-config', limit: 100 })
    expect((page['items'] as Row[]).map((item) => item['permissionKey'])).to.include.members([...keys])
  })
})
