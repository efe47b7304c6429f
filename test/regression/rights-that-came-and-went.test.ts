// A right was given, used, and taken before the server looked at the user's sockets again: they held what they held at first, so that
// nothing was told, and what was read by the right stayed on the screen.
import type { Knex } from 'knex'
import { onPostgres } from '../kit/databases.ts'
import { TestServer } from '../kit/test-server.ts'

onPostgres('rights that came and went', () => {
  const server = new TestServer('postgres')
  before(() => server.open())
  after(() => server.close())

  it('are told to those who were answered by them', async () => {
    const person = await server.enter()
    const client = await server.socket(person)
    const right = { id: person.id, permissionId: 'read-sites' }
    // Whatever looks at sockets, hears of changes or relays them waits for one of these connections.
    const { upkeep } = server.server.database as unknown as { readonly upkeep: Knex }
    const held = [await upkeep.transaction(), await upkeep.transaction()]
    try {
      await server.ok('user-add-permission', right, server.admin)
      await client.ok('site-list-request')
      await server.ok('user-remove-permission', right, server.admin)
    } finally {
      for (const each of held) await each.rollback()
    }
    await client.hear('rights-changed')
    await client.no('site-list-request', {}, 'forbidden')
  })
})
