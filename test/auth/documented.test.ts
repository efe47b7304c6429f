// Sends every request of docs/authentication.md and compares every reply with what is written there.
import { expect } from 'chai'
import { read } from '../docs/markdown.ts'
import { onHouse } from './on-house.ts'
import { Reader, sectionsOf } from './sequences.ts'

/** Ada's, as the page says. */
const password = 'Quiet-River-52-Lantern'

const sections = sectionsOf(read('docs/authentication.md'))

onHouse('the documented sequences', (house) => {
  const asSystem = (event: string, payload: object) => house.server.run((call) => call.call(event, { ...payload }, { as: 'system' }))

  beforeEach(async () => {
    for (const key of ['account_password_expire', 'account_require_mfa']) await asSystem('config-delete', { key }).catch(() => undefined)
    await house.ok('role-create', { id: 'readers', label: 'Readers', permissions: ['read-sites'] }, house.admin).catch(() => undefined)
    await asSystem('user-delete', { id: 'ada' }).catch(() => undefined)
    await house.sql('delete from attempts')
    await asSystem('user-create', { id: 'ada', firstName: 'Ada', lastName: 'Park', email: 'ada@example.com', password, roles: ['readers'] })
  })

  it('are all the flows', () => {
    expect(sections.map(({ title }) => title)).to.include.members([
      'Log in', 'Refresh', 'Sessions', 'A forgotten password', 'A second factor', 'API tokens',
    ])
    const events = new Set(sections.flatMap(({ steps }) =>
      steps.filter(({ kind }) => kind === 'ask').map(({ line }) => line.split(' ')[0] ?? '')))
    const own = house.server.assembly.contributors.filter(({ plugin }) => ['auth', 'mfa'].includes(plugin.name))
      .flatMap(({ contribution }) => contribution.operations ?? [])
    expect([...events]).to.include.members(own.map(({ event }) => event))
  })

  for (const { title, steps } of sections) {
    it(title, async () => {
      const reader = new Reader(house)
      for (const step of steps) await reader.run(step)
    })
  }
})
