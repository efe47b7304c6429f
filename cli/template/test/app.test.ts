// What the app does, as its clients see it, on a database of its own.
import { strict as assert } from 'node:assert'
import { it } from 'node:test'
import { contractSuite, onEachDatabase, openServer } from 'sovrane/testing'
import { app } from '../app.ts'

onEachDatabase('the app', (kind) => {
  const server = openServer(app, kind)

  it('answers who has no session with unauthenticated', async () => {
    await server.no('unauthenticated', 'site-list-request')
  })

  it('lets people do what they hold the key for, and tells the others of it', async () => {
    const keeper = await server.enter({ can: ['manage-sites', 'read-site'] })
    const listener = await server.listener(server.admin)
    const changes = await listener.during(() => server.ok('site-create', { label: 'Harbour' }, keeper))
    assert.deepEqual(changes.map(({ event, action }) => [event, action]), [['site-changed', 'create']])
    await server.no('forbidden', 'role-create', { label: 'Captain' }, keeper)
  })
})

// Every event of each resource that is the app's own: the tests follow from the definitions.
onEachDatabase('contract', (kind) => contractSuite(app, kind))
