// A value that the table does not take is told by its field, in lists and in writes; what can be compared is compared.
import { expect } from 'chai'
import type { RunningApp } from '../kit/server.ts'
import { onEachDatabase } from '../kit/databases.ts'
import { sharedApp } from '../kit/shared-app.ts'
import { openPeople, type People } from '../../testing/contract/people.ts'
import { httpDoor, refusal, success, type Door, type Row } from '../../testing/contract/transport.ts'
import { notesApp } from './notes/app.ts'

onEachDatabase('lists: what a table does not take', (kind) => {
  let running: RunningApp | undefined
  let parts: { door: Door; people: People } | undefined

  const ask = (event: string, payload: Row) => {
    if (!parts) throw new Error('The app has not started')
    return parts.door.ask(parts.people.admin, event, payload)
  }
  const ok = async (event: string, payload: Row): Promise<Row> => success(await ask(event, payload), event)
  const paths = async (event: string, payload: Row): Promise<string[]> =>
    (refusal(await ask(event, payload), 'invalid_payload', `${event} ${JSON.stringify(payload)}`).details as { path: string }[]).map(
      ({ path }) => path,
    )
  const labels = async (payload: Row): Promise<unknown[]> =>
    ((await ok('ticket-list-request', { sort: 'label', ...payload }))['items'] as Row[]).map((row) => row['label'])

  before(async function () {
    this.timeout(120_000)
    running = await sharedApp(notesApp, kind)
    const door = httpDoor(running.server.url)
    parts = { door, people: await openPeople(door) }
    await ok('ticket-create', { label: 'A', dueOn: '2026-01-31', seats: 4, price: 1.5, code: 'x', kind: 'plain' })
    await ok('ticket-create', { label: 'B', dueOn: '2026-02-28', seats: 9, price: 20, code: 'y', kind: 'fine' })
  })

  it('a wrong value in a filter is told by its place, alone and among others', async () => {
    expect(await paths('ticket-list-request', { filter: { dueOn: 'nonsense' } })).to.deep.equal(['filter.dueOn'])
    expect(await paths('ticket-list-request', { filter: { label: 'A', dueOn: { gte: '2026-01-01', ne: '2026-02-30' }, seats: 4 } }))
      .to.deep.equal(['filter.dueOn.ne'])
    expect(await paths('ticket-list-request', {
      filter: { or: [{ seats: { in: [1, 2] } }, { not: { dueOn: { in: ['2026-01-01', 'x'] } } }] },
    })).to.deep.equal(['filter.or[1].not.dueOn.in'])
    expect(await paths('ticket-list-request', { filter: { label: { isNull: false }, kind: 'none' }, search: 'a' })).to.deep.equal(
      ['filter.kind'],
    )
  })

  it('numbers that the column cannot hold compare as numbers', async () => {
    expect(await labels({ filter: { seats: { lt: 1e12 } } })).to.deep.equal(['A', 'B'])
    expect(await labels({ filter: { seats: { gt: 4.5 } } })).to.deep.equal(['B'])
    expect(await labels({ filter: { seats: { in: [4, 3_000_000_000, 9.5, -1e300] } } })).to.deep.equal(['A'])
    expect(await labels({ filter: { seats: { ne: 1e300 } } })).to.deep.equal(['A', 'B'])
    expect(await labels({ filter: { price: { gte: 1.5, lt: 1e9 } } })).to.deep.equal(['A', 'B'])
  })

  it('a text that its table keeps as a day or an enum is searched, compared and sorted', async () => {
    expect(await labels({ filter: { dueOn: { contains: '-02-' } } })).to.deep.equal(['B'])
    expect(await labels({ search: '2026-01' })).to.deep.equal(['A'])
    expect(await labels({ filter: { kind: { contains: 'FIN' } } })).to.deep.equal(['B'])
    for (const sort of ['-dueOn', 'kind']) {
      const first = await ok('ticket-list-request', { sort, limit: 1 })
      const rest = await ok('ticket-list-request', { sort, limit: 1, after: first['next'] })
      expect([...(first['items'] as Row[]), ...(rest['items'] as Row[])].map((row) => row['label']), sort).to.deep.equal(['B', 'A'])
    }
  })

  it('a wrong value in a write is told by its field', async () => {
    const made = await ok('ticket-create', { label: 'C' })
    const wrong: Row = { dueOn: '2026-02-30', seats: 3_000_000_000, kind: 'none' }
    for (const [name, value] of Object.entries(wrong)) {
      expect(await paths('ticket-create', { id: 'given', label: 'D', price: 2, code: 'z', [name]: value })).to.deep.equal([name])
      expect(await paths('ticket-update', { id: made['id'], price: 2, label: 'E', [name]: value })).to.deep.equal([name])
    }
    expect(await paths('ticket-update', { id: made['id'], price: 123_456 })).to.deep.equal(['price'])
    expect(await paths('ticket-update', { id: made['id'], code: 'long' })).to.deep.equal(['code'])
    await ok('ticket-delete', { id: made['id'] })
  })
})
