// A plugin that fails to hear of a change fails alone: the fault is logged, the other plugins' caches and all sockets hear of it.
import { expect } from 'chai'
import { app } from '../../app.ts'
import { defineApp, definePlugin } from '../../core/define/index.ts'
import { openClient, post } from '../races/client.ts'
import { eventually } from '../kit/wait.ts'
import { startApp, type RunningApp } from '../kit/server.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { administrator } from '../kit/ready.ts'

const heard: string[] = []
const resets = { count: 0 }

const listening = (name: string, onChange: (id: string) => void, onReset: () => void) =>
  definePlugin({ name, setup: () => ({ onChange: ({ id }) => onChange(id), onReset }) })

const failing = (name: string) =>
  listening(name, (id) => { throw new Error(`cannot hear of ${id}`) }, () => { throw new Error('cannot forget') })
const good = listening('good', (id) => void heard.push(id), () => { resets.count += 1 })

const withFaults = defineApp({
  ...app,
  plugins: [failing('first'), ...app.plugins, failing('middle'), good],
  migrations: new URL('../../resources/migrations/', import.meta.url),
})

onAnyDatabase('a plugin whose onChange throws', (kind) => {
  let running: RunningApp | undefined
  before(async function () {
    this.timeout(120_000)
    running = await startApp(withFaults, kind)
  })
  after(async function () {
    this.timeout(60_000)
    await running?.stop()
  })

  it('is logged by name; others hear of every change, caches are dropped, sockets are told', async () => {
    if (!running) throw new Error('the server is not up')
    const { server: { url, database }, log } = running
    const login = await post(url, 'auth-login', administrator)
    const token = login.ok ? String(login.data['accessToken']) : ''
    const ok = async (event: string, payload: object): Promise<string> => {
      const reply = await post(url, event, { ...payload }, token)
      if (!reply.ok) throw new Error(`${event}: ${reply.code}`)
      const { id } = reply.data
      return typeof id === 'string' ? id : ''
    }
    const client = await openClient(url, { token })
    const ids = [await ok('site-create', { label: 'One' }), await ok('group-create', { name: 'Two' })]
    await ok('config-update', { key: 'account_password_min_length', value: 17 })
    await eventually(async () => ids.every((id) => client.changes.some((change) => change.id === id)), 'both changes')
    expect(heard).to.include.members(ids)
    const policy = await post(url, 'auth-password-policy', {})
    expect(policy.ok && policy.data['minLength']).to.equal(17)
    await database.knex.raw('truncate config')
    await eventually(async () => client.resyncs > 0, 'feed-resync')
    expect(resets.count).to.be.greaterThan(0)
    const faults = log.lines.filter(({ message }) => message === 'a plugin failed to hear of a change').map(({ details }) =>
      (details as { plugin: string }).plugin)
    expect(new Set(faults)).to.deep.equal(new Set(['first', 'middle']))
    client.close()
  })
})
