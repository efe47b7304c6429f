// A live list is a fresh list, for longer: LIVE_STEPS (10,000 unless it says otherwise) in plays of 1,000 random steps, each with a seed.
import { expect } from 'chai'
import { onEachDatabase } from '../kit/databases.ts'
import { TestServer } from '../kit/test-server.ts'
import { play } from '../client/live/play.ts'
import { openWorld } from '../client/live/world.ts'
import { closeClients } from '../client/people.ts'

const all = Number(process.env['LIVE_STEPS'] ?? 10_000)
const steps = 1000
const first = Number(process.env['LIVE_SEED'] ?? Date.now() % 1_000_000)

onEachDatabase('nightly: live lists after random steps', (kind) => {
  for (let round = 0; round * steps < all; round += 1) {
    const seed = first + round
    it(`are fresh lists (${steps} steps, seed ${seed})`, async function () {
      this.timeout(1_800_000)
      const server = new TestServer(kind)
      await server.open()
      try {
        const { shown } = await play(await openWorld(server, `round-${round}`), `round-${round}`, { seed, steps })
        expect([...shown]).to.include.members(['rows', 'refused'])
      } finally {
        closeClients()
        await server.close()
      }
    })
  }
})
