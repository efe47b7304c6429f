// docs/protocol.md §3.2: a filter, search or sort by a field that the actor may not read of every row in reach is
// `forbidden`; a cursor gives nothing away.
import { expect } from 'chai'
import type { RunningApp } from '../kit/server.ts'
import { onEachDatabase } from '../kit/databases.ts'
import { sharedApp } from '../kit/shared-app.ts'
import { openPeople, type People } from '../../testing/contract/people.ts'
import { httpDoor, refusal, success, type Door, type Person, type Row } from '../../testing/contract/transport.ts'
import { notesApp } from './notes/app.ts'

onEachDatabase('lists: fields that the actor may not read', (kind) => {
  let running: RunningApp | undefined
  let parts: { door: Door; people: People; author: Person; reader: Person; keeper: Person; folder: string } | undefined

  const world = () => {
    if (!parts) throw new Error('The app has not started')
    return parts
  }
  const ask = (person: Person, event: string, payload: Row) => world().door.ask(person, event, payload)
  const ok = async (person: Person, event: string, payload: Row): Promise<Row> => success(await ask(person, event, payload), event)

  before(async function () {
    this.timeout(120_000)
    running = await sharedApp(notesApp, kind)
    const door = httpDoor(running.server.url)
    const people = await openPeople(door)
    const [author, reader, keeper] = [
      await people.holding(...['create-note', 'read-notes', 'read-note', 'update-note', 'read-site'].map((key) => ({ key }))),
      await people.holding({ key: 'read-notes' }, { key: 'read-note' }, { key: 'read-folder' }, { key: 'read-site' }),
      await people.holding(),
    ]
    parts = { door, people, author, reader, keeper, folder: 'kept' }
    await ok(people.admin, 'site-create', { id: 'hidden-site', label: 'Hidden' })
    await ok(people.admin, 'folder-create', { id: 'kept', label: 'Kept' })
    await ok(people.admin, 'folder-add-keeper', { id: 'kept', userId: keeper.id })
    for (const [id, salary] of [['n1', 51_234], ['n2', 49_876], ['n3', 60_001]] as const) {
      await ok(author, 'note-create', { id, label: `Note ${id}`, salary, pin: `PIN-${id}`, siteId: 'hidden-site' })
      await ok(people.admin, 'folder-add-note', { id: 'kept', noteId: id })
    }
  })

  const questions: readonly [request: Row, field: string][] = [
    [{ filter: { salary: { lte: 50_000 } } }, 'salary'],
    [{ filter: { salary: 51_234 } }, 'salary'],
    [{ filter: { label: 'Note n1', pin: { contains: 'n1' } } }, 'pin'],
    [{ filter: { or: [{ label: 'x' }, { not: { pin: 'PIN-n1' } }] } }, 'pin'],
    [{ filter: { and: [{ siteId: { isNull: false } }] } }, 'siteId'],
    [{ filter: { createdAt: { gt: '2020-01-01' } } }, 'createdAt'],
    [{ search: 'PIN' }, 'pin'],
    [{ sort: 'salary' }, 'salary'],
    [{ sort: ['label', '-pin'] }, 'pin'],
    [{ sort: '-createdAt' }, 'createdAt'],
  ]
  for (const [request, field] of questions) {
    it(`${JSON.stringify(request)} is forbidden, in each list that shows such rows`, async () => {
      const { people, author, reader, keeper } = world()
      for (const [person, event, more] of [
        [reader, 'note-list-request', {}], [people.admin, 'note-list-request', {}],
        [reader, 'folder-notes-request', { id: 'kept' }], [keeper, 'folder-notes-request', { id: 'kept' }],
      ] as const) {
        const { details } = refusal(await ask(person, event, { ...request, ...more }), 'forbidden', event)
        expect(details, event).to.deep.equal({ permission: field })
      }
      await ok(author, 'note-list-request', request)
    })
  }

  it('fields that may be read of every row can be asked about, and the id always', async () => {
    const { reader, keeper } = world()
    for (const request of [
      { filter: { label: 'Note n2' } }, { filter: { id: 'n2' } }, { filter: { or: [{ id: 'n2' }] }, sort: ['label', 'id'] },
    ]) {
      expect((await ok(reader, 'note-list-request', request))['total'], JSON.stringify(request)).to.equal(1)
      expect((await ok(keeper, 'folder-notes-request', { ...request, id: 'kept' }))['total'], JSON.stringify(request)).to.equal(1)
    }
    expect((await ok(reader, 'note-list-request', { search: '' }))['total']).to.equal(3)
  })

  it('the author may ask until a row of somebody else comes in reach', async () => {
    const { people, author } = world()
    expect((await ok(author, 'note-list-request', { filter: { salary: { gt: 50_000 } } }))['total']).to.equal(2)
    await ok(people.admin, 'note-create', { id: 'other', label: 'Other', salary: 1 })
    refusal(await ask(author, 'note-list-request', { filter: { salary: { gt: 50_000 } } }), 'forbidden', 'with a row of another')
    await ok(people.admin, 'note-delete', { id: 'other' })
    await ok(author, 'note-list-request', { filter: { salary: { gt: 50_000 } } })
  })

  it('who reads rows as a keeper reads what no rule denies', async () => {
    const page = await ok(world().keeper, 'folder-notes-request', { id: 'kept', limit: 1 })
    const [item] = page['items'] as Row[]
    expect(item).to.include({ id: 'n1', label: 'Note n1', version: 1 }).and.not.to.have.any.keys('salary', 'pin', 'siteId', 'createdAt')
  })

  it('what is included does not tell what a field would', async () => {
    const { author, reader } = world()
    expect(await ok(reader, 'note-get', { id: 'n1', include: ['site'] })).to.not.have.any.keys('siteId', 'site')
    const [listed] = (await ok(reader, 'note-list-request', { include: ['site'] }))['items'] as Row[]
    expect(listed).to.not.have.any.keys('siteId', 'site')
    expect(await ok(author, 'note-get', { id: 'n1', include: ['site'] })).to.have.nested.property('site.id', 'hidden-site')
  })

  it('a cursor holds neither the time of a row nor anything else that can be read or made', async () => {
    const { reader } = world()
    const ids: unknown[] = []
    const list = async (payload: Row): Promise<Row> => {
      const page = await ok(reader, 'note-list-request', payload)
      ids.push(...(page['items'] as Row[]).map((row) => row['id']))
      return page
    }
    let { next } = await list({ limit: 1 })
    for (; typeof next === 'string'; ({ next } = await list({ limit: 1, after: next }))) {
      const opened = Buffer.from(next, 'base64url').toString('latin1')
      // As JSON has it: two characters alone may stand in any ciphertext.
      expect(opened).to.not.match(/20\d\d-|Note|"n[123]"|PIN/)
      const forged = Buffer.from(next, 'base64url')
      forged[20] = (forged[20] ?? 0) ^ 1
      refusal(await ask(reader, 'note-list-request', { after: forged.toString('base64url') }), 'invalid_payload', 'a forged cursor')
    }
    expect(ids).to.deep.equal(['n1', 'n2', 'n3'])
    const made = Buffer.from(JSON.stringify({ f: 'x', v: ['2020-01-01T00:00:00.000Z', 'n1'] })).toString('base64url')
    refusal(await ask(reader, 'note-list-request', { after: made }), 'invalid_payload', 'a made cursor')
  })
})
