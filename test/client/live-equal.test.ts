// A live list is a fresh list, whatever has happened: random steps whose seed is printed. 10,000 of them are in test/nightly.
import { expect } from 'chai'
import { onAnyDatabase } from '../kit/databases.ts'
import { isGate } from '../kit/extent.ts'
import { TestServer } from '../kit/test-server.ts'
import { differing, play } from './live/play.ts'
import { openWorld } from './live/world.ts'
import { closeClients } from './people.ts'

onAnyDatabase('client: live lists after random steps', (kind) => {
  const server = new TestServer(kind)
  before(async function () {
    this.timeout(120_000)
    await server.open()
  })
  after(async function () {
    this.timeout(60_000)
    closeClients()
    await server.close()
  })

  const seed = Number(process.env['LIVE_SEED'] ?? Date.now() % 1_000_000)
  const steps = isGate ? 150 : kind === 'postgres' ? 400 : 60

  it(`are fresh lists (${steps} steps, seed ${seed})`, async function () {
    this.timeout(240_000)
    const world = await openWorld(server, 'live')
    const played = await play(world, 'live', { seed, steps })
    expect(played.compared).to.be.greaterThan(steps / 4)
    expect([...played.shown]).to.include.members(['rows', 'refused'])
  })

  it('are found out where one hears nothing', async () => {
    const world = await openWorld(server, 'deaf')
    const [watched] = world.lists
    if (!watched) throw new Error('there are lists')
    // It stands still, as one that is told of nothing.
    const still = { ...watched, list: { ...watched.list, current: watched.list.current } }
    expect(await differing([still])).to.deep.equal([])
    for (const label of ['0 a', '0 b']) await server.ok('department-create', { label }, server.admin)
    expect(await differing([still], 500)).to.have.length(1)
    expect(await differing([watched])).to.deep.equal([])
  })
})
