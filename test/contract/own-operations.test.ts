// Operations that a definition declares for its resource: their events, keys, rows and files.
import { expect } from 'chai'
import { number, object } from 'yup'
import { id, operation, rowOf } from '../../core/define/index.ts'
import { describeOperation } from '../../core/describe/chain.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import type { AnyApp, RunningApp } from '../kit/server.ts'
import { sharedApp } from '../kit/shared-app.ts'
import { roomApp } from '../support/room/app.ts'
import { openPeople, type People } from '../../testing/contract/people.ts'
import { httpDoor, refusal, success, type Door } from '../../testing/contract/transport.ts'

const open = operation({
  kind: 'mutation',
  access: 'session',
  row: { key: 'open-room' },
  input: object({ id: id().required(), capacity: number().integer().required() }),
  output: rowOf('room'),
  handle: (call) => call.call('room-update', { id: call.input.id, capacity: call.input.capacity }, { as: 'system' }),
})

const countAll = operation({
  kind: 'query',
  access: 'session',
  input: object({}),
  output: object({ rooms: number().required() }),
  handle: async ({ db }) => ({ rooms: Number((await db('rooms').count({ count: '*' }))[0]?.['count'] ?? 0) }),
})

const app: AnyApp = {
  ...roomApp,
  resources: roomApp.resources.map((resource) => (resource.name === 'room' ? { ...resource, operations: { open, countAll } } : resource)),
}

onAnyDatabase('contract: operations of a resource', (kind) => {
  let running: RunningApp | undefined
  let people: People | undefined
  let door: Door | undefined

  before(async function () {
    this.timeout(120_000)
    const shared = await sharedApp(app, kind)
    running = shared
    door = httpDoor(shared.server.url)
    people = await openPeople(door)
  })

  const started = (): { running: RunningApp; people: People; door: Door } => {
    if (!running || !people || !door) throw new Error('The app has not started')
    return { running, people, door }
  }

  it('are called by the resource and their own name, on a row that the key reaches', async () => {
    const { people: some, door: to } = started()
    const room = success(await to.ask(some.admin, 'room-create', { label: 'A', number: 'A-1', capacity: 3 }), 'room-create')
    const payload = { id: room['id'], capacity: 9 }
    const holder = await some.holding({ key: 'open-room' })
    expect(success(await to.ask(holder, 'room-open', payload), 'room-open')).to.include({ id: room['id'], capacity: 9, version: 2 })
    const other = await some.holding({ key: 'update-room' }, { key: 'read-room' })
    expect(refusal(await to.ask(other, 'room-open', payload), 'forbidden', 'without the key').details).to.deep.equal({
      permission: 'open-room',
    })
    refusal(await to.ask(holder, 'room-open', { ...payload, id: 'nowhere' }), 'not_found', 'no such room')
    refusal(await to.ask(holder, 'room-open', { id: room['id'] }), 'invalid_payload', 'without capacity')
    expect(success(await to.ask(holder, 'room-count-all', {}), 'room-count-all')).to.have.property('rooms').that.is.at.least(1)
  })

  it('are described with the file of their definition', () => {
    const { assembly } = started().running.server
    const found = assembly.operations.get('room-open')
    expect(found).to.include({ owner: 'room', resource: 'room', action: 'custom', file: 'test/contract/own-operations.test.ts' })
    expect(assembly.permissionKeys).to.include('open-room')
    expect(found && describeOperation(found, { ...assembly, place: () => undefined })).to.match(/key +open-room/)
  })
})
