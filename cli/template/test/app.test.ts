// The app starts on a database of its own, and answers.
import { strict as assert } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { start, type StartedServer } from 'sovrane'
import { app } from '../app.ts'

let directory: string
let server: StartedServer

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'my-app-'))
  server = await start(app, { environment: { DATA_DIR: directory, PORT: '0', SEED: 'none' } })
})

after(async () => {
  await server.stop()
  await rm(directory, { recursive: true })
})

it('answers who has no session with unauthenticated', async () => {
  const response = await fetch(`${server.url}/api/site-list-request`, { method: 'POST', body: '{}' })
  assert.equal(response.status, 401)
})

it('keeps what is written', async () => {
  const { id } = await server.run((call) => call.call('site-create', { label: 'Harbour' }, { as: 'system' }))
  const found = await server.run((call) => call.call('site-get', { id }, { as: 'system' }))
  assert.equal(found['label'], 'Harbour')
})
