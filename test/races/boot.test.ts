// Races of starting: several nodes find one empty database, migrate it once and make one administrator.
import { expect } from 'chai'
import { administrator } from '../kit/ready.ts'
import { barrier, parallel } from '../kit/wait.ts'
import { caught, describeRaces, successes } from './harness.ts'

const nodes = 3
const rounds = 5

describeRaces('nodes that start at once', nodes, (arena) => {
  it('the check catches look-for-an-administrator-then-make-one', async () => {
    await arena.sql('create table admins (round int)')
    let several = 0
    for (let round = 0; round < rounds; round += 1) {
      const passed = barrier(nodes)
      await parallel(nodes, async () => {
        const found = await arena.sql('select 1 from admins where round = $1', [round])
        await passed()
        if (found.length === 0) await arena.sql('insert into admins values ($1)', [round])
      })
      if ((await arena.sql('select 1 from admins where round = $1', [round])).length !== 1) several += 1
    }
    caught('look for an administrator, then make one', several, rounds)
  })

  it('each migration was recorded once, and there is one administrator with one role', async () => {
    const names = await arena.sql<{ name: string; times: string }>('select name, count(*) as times from sovrane_migrations group by name')
    expect(names).to.have.length.of.at.least(3)
    expect(names.filter(({ times }) => Number(times) !== 1)).to.deep.equal([])
    expect(await arena.sql('select email from users')).to.deep.equal([{ email: administrator.email }])
    expect(await arena.sql('select id from roles')).to.deep.equal([{ id: 'administrators' }])
    const keys = await arena.sql<{ permission_key: string }>('select permission_key from permissions where not built_in')
    expect(keys).to.deep.equal([])
  })

  it('every node serves, and hears the others', async () => {
    const observers = await parallel(nodes, (node) => arena.connect(arena.admin.token, { node }))
    const replies = await parallel(nodes * 4, (index) => arena.ask('site-create', { label: `by ${index}` }, { node: index }))
    arena.onlyCodes(replies)
    expect(successes(replies)).to.equal(nodes * 4)
    await arena.settle(...observers)
    for (const observer of observers)
      expect(observer.changes.filter((change) => change.resource === 'site')).to.have.length.of.at.least(nodes * 4 + 1)
  })

  it('no node logged a trouble', () => expect(arena.faults).to.deep.equal([]))
}, true)
