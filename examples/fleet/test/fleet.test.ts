// What the fleet does, as its clients see it, on each database.
import { strict as assert } from 'node:assert'
import { it } from 'node:test'
import { contractSuite, onEachDatabase, openServer, rightsOracle } from 'sovrane/testing'
import { app } from '../app.ts'

onEachDatabase('the fleet', (kind) => {
  const server = openServer(app, kind)

  it('lets those park a vehicle who hold the key within its depot, or one above', async () => {
    const { id: north } = await server.ok('depot-create', { label: 'North' }, server.admin)
    const { id: yard } = await server.ok('depot-create', { label: 'Yard', parentId: north }, server.admin)
    const { id } = await server.ok('vehicle-create', { label: 'Van', plate: 'AB-700', depotId: yard }, server.admin)
    const within = (scopeId: unknown) => ['park-vehicle', 'read-vehicle'].map((permissionId) => ({ permissionId, scopeId }))
    const mechanic = await server.enter({ can: within(north) })
    assert.equal((await server.ok('vehicle-park', { id, ready: false }, mechanic))['state'], 'repair')
    await server.no('conflict', 'vehicle-park', { id, ready: false }, mechanic)
    const { id: south } = await server.ok('depot-create', { label: 'South' }, server.admin)
    await server.no('not_found', 'vehicle-park', { id, ready: true }, await server.enter({ can: within(south) }))
  })

  it('mails what is reported to those who drive, and to no one else', async () => {
    const { id } = await server.ok('vehicle-create', { label: 'Bus', plate: 'AB-800' }, server.admin)
    const [driver, other] = [await server.enter({ can: ['read-vehicle'] }), await server.enter()]
    await server.ok('vehicle-add-driver', { id, userId: driver.id, main: true }, server.admin)
    await server.ok('defect-report', { vehicleId: id, text: 'A lamp is out.' }, driver)
    await server.no('forbidden', 'defect-report', { vehicleId: id, text: 'No lamp.' }, other)
    const [letter, ...more] = await server.mails(driver.email)
    assert.equal(letter?.subject, 'A defect of Bus')
    assert.match(letter?.text ?? '', /A lamp is out\./)
    assert.deepEqual([more, await server.mails(other.email)], [[], []])
  })

  it('serves the page of the team', async () => {
    const response = await fetch(`${server.url}/fleet`)
    assert.match(await response.text(), /<title>Fleet<\/title>/)
    assert.equal((await fetch(`${server.url}/fleet/page.js`)).status, 200)
  })
})

onEachDatabase('contract', (kind) => contractSuite(app, kind, { doors: ['http'] }))

onEachDatabase('rights', (kind) => rightsOracle(app, kind, { steps: 30 }))
