// While somebody else holds what the relay needs, no change is told; but whose right has ended is refused on every node all the same.
import { expect } from 'chai'
import type { Client } from './client.ts'
import { eventually } from '../kit/wait.ts'
import { describeRaces, type Person } from './harness.ts'

const holds: Readonly<Record<string, string>> = {
  'the lock of the relay': "select pg_advisory_xact_lock(hashtext('sovrane:relay'))",
  'the row with the last position': 'select 1 from feed_state for update',
}

type Actor = Person & { readonly role: string }

const endings: Readonly<Record<string, {
  readonly event: string; readonly payload: (actor: Actor) => Readonly<Record<string, unknown>>
}>> = {
  suspension: { event: 'user-update', payload: ({ id }) => ({ id, status: 'suspended' }) },
  archiving: { event: 'user-update', payload: ({ id }) => ({ id, status: 'archived' }) },
  deletion: { event: 'user-delete', payload: ({ id }) => ({ id }) },
  'a new password': { event: 'user-update', payload: ({ id }) => ({ id, password: 'Other-Lantern-83-Harbour' }) },
}

describeRaces('a relay that is held up', 2, (arena) => {
  const held = async (sql: string, work: () => Promise<void>): Promise<void> => {
    const session = await arena.session()
    try {
      await session.query('begin')
      await session.query(sql)
      await work()
    } finally {
      await session.query('rollback')
      session.release()
    }
  }

  const hears = (client: Client, id: unknown): Promise<void> =>
    eventually(async () => client.changes.some((change) => change.id === id), `${String(id)} is heard of`)

  for (const [what, sql] of Object.entries(holds)) {
    for (const [name, { event, payload }] of Object.entries(endings)) {
      it(`${what}: ${name} on one node ends the socket on the other, where requests are refused`, async () => {
        const actor = await arena.person({ permissions: ['read-sites'] })
        const watcher = await arena.connect(arena.admin.token, { node: 1 })
        const open = await arena.connect(actor.token, { node: 1 })
        expect((await open.ask('site-list-request', {})).ok).to.equal(true)
        expect((await arena.ask('site-list-request', {}, { token: actor.token, node: 1 })).ok).to.equal(true)
        let marker: unknown
        await held(sql, async () => {
          marker = (await arena.must('site-create', { label: 'Held' }))['id']
          await arena.must(event, payload(actor))
          await open.end()
          expect(open.expired).to.be.a('string')
          expect(await arena.ask('site-list-request', {}, { token: actor.token, node: 1 })).to.deep.include({
            ok: false, code: 'unauthenticated',
          })
          expect(watcher.changes.map(({ id }) => id), 'nothing is told before its turn').to.not.include(marker)
        })
        await hears(watcher, marker)
      })
    }

    it(`${what}: a right that is taken is gone on the other node, for those connected and for those who are not`, async () => {
      const actor = await arena.person({ permissions: ['read-sites'] })
      const open = await arena.connect(actor.token, { node: 1 })
      expect((await open.ask('site-list-request', {})).ok).to.equal(true)
      await held(sql, async () => {
        await arena.must('role-update', { id: actor.role, permissions: [] })
        await eventually(async () => !(await open.ask('site-list-request', {})).ok, 'the socket is refused')
        expect(await arena.ask('site-list-request', {}, { token: actor.token, node: 1 })).to.deep.include({ ok: false, code: 'forbidden' })
      })
    })
  }

  it('a node says that it is not ready while nothing moves, and is ready when it does', async function () {
    this.timeout(60_000)
    const status = async (): Promise<number> => (await fetch(`${arena.url(0)}/health/ready`)).status
    const [sql = ''] = Object.values(holds)
    await held(sql, () => eventually(async () => (await status()) === 503, 'it is not ready'))
    await eventually(async () => (await status()) === 200, 'it is ready')
  })
})
