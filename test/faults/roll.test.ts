// Three servers are replaced one after another while clients write: nothing that was acknowledged is lost, no one is told of a failure that
// is not `unavailable`, and who watches with a cursor misses nothing. ROLL_ROUNDS says how often each is replaced.
import { expect } from 'chai'
import { openClient, post, type Change, type Client, type Fields } from '../races/client.ts'
import { onPostgres } from '../kit/databases.ts'
import { longTest } from '../kit/extent.ts'
import { cleanUp, freshEnvironment, undoLater } from '../kit/place.ts'
import { freePort } from '../kit/port.ts'
import { administrator } from '../kit/ready.ts'
import { eventually } from '../kit/wait.ts'
import { createNode, type Node } from './storm/node.ts'

const rounds = Number(process.env['ROLL_ROUNDS'] ?? 1)
const [count, writers] = [3, 4]

onPostgres('A rolling restart', () => {
  const nodes: Node[] = []
  const parts = { token: '' }
  const url = (index: number): string => nodes[index % count]?.url ?? ''

  before(async function () {
    this.timeout(300_000)
    const environment = await freshEnvironment('postgres')
    for (let index = 0; index < count; index += 1) {
      const node = createNode({ ...environment, PORT: String(await freePort()), LOG_LEVEL: 'error', JWT_ACCESS_TOKEN_DURATION: '12h' })
      nodes.push(node)
      undoLater(() => node.signal('SIGKILL'))
    }
    await Promise.all(nodes.map((node) => node.start()))
    const login = await post(url(0), 'auth-login', administrator)
    if (!login.ok) throw new Error(login.code)
    parts.token = String(login.data['accessToken'])
  })

  after(async function () {
    this.timeout(60_000)
    await cleanUp()
  })

  longTest('loses nothing that was acknowledged, and hides nothing from who watches', async function () {
    this.timeout(240_000 * rounds)
    const state = { writing: true, watching: true }
    const acknowledged: string[] = []
    const strange: string[] = []

    const create = async (node: number, payload: Fields): Promise<'done' | 'again'> => {
      const reply = await post(url(node), 'site-create', payload, parts.token).catch(() => undefined)
      if (reply?.ok === true) return 'done'
      if (reply && reply.code !== 'unavailable') strange.push(`${String(payload['id'])}: ${reply.code}`)
      return 'again'
    }
    const write = async (writer: number): Promise<void> => {
      for (let [number, node] = [0, writer]; state.writing; number += 1) {
        const id = `roll-${writer}-${number}`
        // The same request, at another node: it is done once.
        while ((await create(node, { id, label: id, requestId: id })) === 'again') node += 1
        acknowledged.push(id)
      }
    }

    const heard: Change[] = []
    const watch: { client?: Client; resyncs: number } = { resyncs: 0 }
    const watching = (async () => {
      let since: object | undefined
      for (let node = 0; state.watching; node += 1) {
        const client = await openClient(url(node), { token: parts.token, ...(since ? { since } : {}) }).catch(() => undefined)
        if (!client) continue
        watch.client = client
        await client.ended
        heard.push(...client.changes)
        since = client.cursor
        watch.resyncs += client.resyncs
      }
    })()
    await eventually(() => watch.client !== undefined, 'somebody watches')

    const work = Array.from({ length: writers }, (_, index) => write(index))
    const codes: unknown[] = []
    for (let round = 0; round < rounds; round += 1) {
      for (const node of nodes) {
        const before = acknowledged.length
        await eventually(() => acknowledged.length > before + writers, 'clients get on')
        codes.push(await node.signal('SIGTERM'))
        await node.start()
      }
    }
    state.writing = false
    await Promise.all(work)
    const has = (id: string): boolean => [...heard, ...watch.client?.changes ?? []].some((change) => change.id === id)
    await eventually(() => has(acknowledged.at(-1) ?? ''), 'the last one is heard of')
    const last = await post(url(0), 'site-create', { id: 'roll-end', label: 'End' }, parts.token)
    expect(last.ok).to.equal(true)
    await eventually(() => has('roll-end'), 'the end is heard of')
    state.watching = false
    watch.client?.close()
    await watching

    expect(codes).to.deep.equal(Array.from({ length: count * rounds }, () => 0))
    expect(strange).to.deep.equal([])
    expect(watch.resyncs).to.equal(0)
    const known = new Set(heard.map(({ id }) => id))
    expect(acknowledged.filter((id) => !known.has(id)), 'acknowledged and never heard of').to.deep.equal([])
    const positions = heard.map(({ pos }) => pos)
    expect(positions, 'in one order').to.deep.equal(positions.toSorted((a, b) => a - b))
    for (const id of acknowledged.filter((_, index) => index % 20 === 0))
      expect(await post(url(1), 'site-get', { id }, parts.token)).to.have.nested.property('data.version', 1)
  })
})
