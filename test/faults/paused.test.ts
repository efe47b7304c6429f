// A server that is paused in the middle of its work holds the other up for no longer than the database lets it; when it wakes it does
// nothing twice, and serves no one by rights that are gone.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import pg from 'pg'
import { openClient, post, type Fields } from '../races/client.ts'
import { onPostgres } from '../kit/databases.ts'
import { cleanUp, freshEnvironment, undoLater } from '../kit/place.ts'
import { freePort } from '../kit/port.ts'
import { password } from '../kit/passwords.ts'
import { administrator } from '../kit/ready.ts'
import { eventually } from '../kit/wait.ts'
import { createNode, type Node } from './storm/node.ts'

const rounds = 3
const writers = 8

onPostgres('A server that is paused while it relays', () => {
  const nodes: Node[] = []
  const parts: { admin: string; sql?: pg.Client } = { admin: '' }
  const [paused, healthy] = [0, 1]
  const url = (index: number): string => nodes[index]?.url ?? ''

  const must = async (node: number, event: string, payload: Fields, token = parts.admin): Promise<Fields> => {
    const reply = await post(url(node), event, payload, token)
    if (!reply.ok) throw new Error(`${event}: ${reply.code}`)
    return reply.data
  }

  before(async function () {
    this.timeout(300_000)
    const environment = await freshEnvironment('postgres')
    for (let index = 0; index < 2; index += 1) {
      const node = createNode({ ...environment, PORT: String(await freePort()), LOG_LEVEL: 'error' })
      nodes.push(node)
      undoLater(async () => {
        await node.signal('SIGCONT')
        await node.signal('SIGKILL')
      })
    }
    await Promise.all(nodes.map((node) => node.start()))
    parts.sql = new pg.Client({ connectionString: environment['DATABASE_URL'] })
    await parts.sql.connect()
    parts.admin = String((await must(healthy, 'auth-login', administrator, ''))['accessToken'])
  })

  after(async function () {
    this.timeout(60_000)
    await parts.sql?.end()
    await cleanUp()
  })

  for (let round = 0; round < rounds; round += 1) {
    it(`the other goes on; on waking nothing is repeated, and who was suspended meanwhile is not served (${round + 1})`, async function () {
      this.timeout(120_000)
      const id = `actor-${round}`
      await must(healthy, 'role-create', { id: `${id}-role`, label: id, permissions: ['read-sites', 'read-site', 'manage-sites'] })
      await must(healthy, 'user-create', { id, firstName: 'A', lastName: 'B', email: `${id}@example.com`, password, roles: [`${id}-role`] })
      const token = String((await must(healthy, 'auth-login', { email: `${id}@example.com`, password }, ''))['accessToken'])
      const [open, watcher] = [await openClient(url(paused), { token }), await openClient(url(healthy), { token: parts.admin })]
      // It has them in memory.
      await must(paused, 'site-list-request', {}, token)

      const state = { going: true }
      const acknowledged: string[] = []
      const work = Array.from({ length: writers }, async (_, writer) => {
        for (let number = 0; state.going; number += 1) {
          const site = `busy-${round}-${writer}-${number}`
          await must(paused, 'site-create', { id: site, label: site })
          acknowledged.push(site)
        }
      })
      await eventually(() => acknowledged.length > writers * 3, 'it is at work')
      await nodes[paused]?.signal('SIGSTOP')
      state.going = false

      const mark = String((await must(healthy, 'site-create', { label: 'Meanwhile' }))['id'])
      await must(healthy, 'user-update', { id, status: 'suspended' })
      // These wait for it to wake.
      const late = [
        post(url(paused), 'site-list-request', {}, token), post(url(paused), 'site-create', { label: 'Late' }, token),
        open.ask('site-list-request', {}),
      ]
      await eventually(() => watcher.changes.some((change) => change.id === mark), 'the other tells of its changes')
      for (const site of acknowledged) await eventually(() => watcher.changes.some((change) => change.id === site), `${site} is told`)

      // For less than that it may not have heard yet if it were awake.
      await sleep(2500)
      await nodes[paused]?.signal('SIGCONT')
      const outcomes = await Promise.allSettled(late)
      expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' && outcome.value.ok ? 'served' : 'not served')))
        .to.deep.equal(['not served', 'not served', 'not served'])
      await open.end()
      await Promise.allSettled(work)
      const end = String((await must(paused, 'site-create', { label: 'Awake' }))['id'])
      await eventually(() => watcher.changes.some((change) => change.id === end), 'it is at work again')
      const positions = watcher.changes.map(({ pos }) => pos)
      expect(positions, 'each is told once, in order').to.deep.equal([...new Set(positions)].toSorted((a, b) => a - b))
      const twice = await parts.sql?.query(
        "select id from feed where resource = 'site' and action = 'create' group by id having count(*) > 1")
      expect(twice?.rows, 'relayed twice').to.deep.equal([])
      watcher.close()
    })
  }
})
