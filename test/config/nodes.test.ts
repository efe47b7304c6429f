// Several nodes on one PostgreSQL: each sees what another has set, and after a crowd of changes all agree with the table.
import { expect } from 'chai'
import { setTimeout as sleep } from 'node:timers/promises'
import { openPeople } from '../../testing/contract/people.ts'
import { success, type Person, type Row } from '../../testing/contract/transport.ts'
import { onEachDatabase } from '../kit/databases.ts'
import { openPlace, patience, type Node, type Place } from './servers.ts'

onEachDatabase('config: nodes', (kind) => {
  if (kind === 'embedded') return void it('skipped: the embedded database has one node')
  let place: Place | undefined
  let nodes: readonly Node[] = []
  let admin: Person | undefined

  before(async function () {
    this.timeout(patience)
    place = await openPlace(kind)
    nodes = [await place.start(), await place.start()]
    admin = (await openPeople(at(0).doors.http)).admin
  })
  after(async function () {
    this.timeout(patience)
    await place?.close()
  })

  const at = (index: number): Node => {
    const node = nodes[index % 2]
    if (!node) throw new Error('The nodes have not started')
    return node
  }
  const ask = (index: number, event: string, payload: Row = {}) => at(index).doors.http.ask(admin, event, payload)
  const ok = async (index: number, event: string, payload: Row = {}): Promise<Row> => success(await ask(index, event, payload), event)

  const sees = async (index: number, wanted: Row): Promise<void> => {
    for (const deadline = Date.now() + 15_000; ;) {
      const now = await ok(index, 'probe-read')
      if (Object.entries(wanted).every(([name, value]) => now[name] === value)) return
      if (Date.now() > deadline) throw new Error(`node ${index} sees ${JSON.stringify(now)}, not ${JSON.stringify(wanted)}`)
      await sleep(20)
    }
  }

  it('the one that changed it sees it with the reply, the other soon after', async () => {
    for (const [index, value] of [[0, 21], [1, 22], [0, 23]] as const) {
      await ok(index, 'config-update', { key: 'probe_limit', value })
      expect((await ok(index, 'probe-read'))['limit']).to.equal(value)
      expect((await ok(index + 1, 'config-get', { key: 'probe_limit' }))['value'], 'the table, at once').to.equal(value)
      await sees(index + 1, { limit: value })
    }
    await ok(1, 'config-delete', { key: 'probe_limit' })
    expect((await ok(1, 'probe-read'))['limit']).to.equal(10)
    await sees(0, { limit: 10 })
  })

  it('50 changes at once from both: every reply a success, both caches equal to the table', async function () {
    this.timeout(60_000)
    for (let round = 0; round < 3; round += 1) {
      const changes = Array.from({ length: 50 }, (_unused, index) => index % 7 === 6
        ? ok(index, 'config-delete', { key: 'probe_limit' })
        : ok(index, 'config-update', { key: 'probe_limit', value: index + 1 }))
      await Promise.all(changes)
      // The last change that the table had is what all must come to, by themselves.
      const { value } = await ok(0, 'config-get', { key: 'probe_limit' })
      for (const index of [0, 1]) await sees(index, { limit: value })
    }
  })

  it('changes of a pair from two nodes at once never bring it apart', async function () {
    this.timeout(60_000)
    for (let round = 0; round < 10; round += 1) {
      await Promise.all([
        ask(0, 'config-update', { key: 'probe_floor', value: 15 }), ask(1, 'config-update', { key: 'probe_ceiling', value: 10 }),
      ])
      const [floor, ceiling] = [await ok(0, 'config-get', { key: 'probe_floor' }), await ok(0, 'config-get', { key: 'probe_ceiling' })]
      expect(Number(floor['value']), `round ${round}`).to.be.at.most(Number(ceiling['value']))
      await ok(0, 'config-update', { key: 'probe_floor', value: 0 })
      for (const key of ['probe_ceiling', 'probe_floor']) await ok(0, 'config-delete', { key })
    }
  })
})
