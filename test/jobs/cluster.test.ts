// Jobs among nodes that work, stop and die: each job is done by one, and none is lost.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { every, job } from '../../plugins/jobs/index.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { Cluster, queue, until } from './support.ts'
import type { Environment } from '../kit/server.ts'

/** A process that holds the job `errand`. */
const startHolder = (environment: Environment) => {
  const script = fileURLToPath(new URL('./children/hold-job.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import=tsx', script], {
    env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async line(): Promise<string> {
      const next = await lines.next()
      if (next.done === true) throw new Error('the holder ended without a word')
      return next.value
    },
    async kill(): Promise<void> {
      child.kill('SIGKILL')
      await exited
    },
  }
}

onAnyDatabase('jobs: a cluster', (kind) => {
  // Shortened, so that a takeover comes soon.
  const lease = { JOB_LEASE: '2' }
  let cluster: Cluster
  beforeEach(() => { cluster = new Cluster(kind, lease) })
  afterEach(() => cluster.stop())

  it('takes over the job of a killed node', async () => {
    const holder = startHolder(await cluster.environment())
    try {
      const url = await holder.line()
      await fetch(`${url}/api/errand-run`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"note":"milk"}' })
      expect(await holder.line()).to.equal('held')
    } finally {
      await holder.kill()
    }
    const done: unknown[] = []
    const node = await cluster.one(job('errand', async (payload) => void done.push(payload)))
    await node.jobs.idle()
    expect(done).to.deep.equal([{ note: 'milk' }])
    expect(await node.rows()).to.deep.equal([])
  })

  it('waits for what runs before it stops', async () => {
    const steps: string[] = []
    let release: () => void = () => undefined
    const gate = new Promise<void>((resolve) => { release = resolve })
    const node = await cluster.one(job('errand', async (_payload, { run }) => {
      steps.push('begun')
      await gate
      await run(({ db }) => db.raw('select 1'))
      steps.push('done')
    }))
    await queue(node, 'errand', {})
    await until(() => steps.includes('begun'))
    const stopped = cluster.stop().then(() => steps.push('stopped'))
    release()
    await stopped
    expect(steps).to.deep.equal(['begun', 'done', 'stopped'])
    expect(node.log.lines.filter(({ level }) => level === 'warn')).to.deep.equal([])
  })

  it('runs a schedule again and again', async () => {
    let runs = 0
    const node = await cluster.one(every('sweep', 1, async () => void (runs += 1)))
    await until(() => runs >= 3)
    expect(node.log.lines.filter(({ level }) => level === 'error')).to.deep.equal([])
  })

  it('does not let a failed schedule stop the next run', async () => {
    let runs = 0
    const node = await cluster.one(every('sweep', 1, async () => {
      runs += 1
      if (runs === 1) throw new Error('no broom')
    }))
    const { knex } = node.server.database
    await until(async () => (await node.rows())[0]?.attempts === 1)
    // As if it had been given up.
    await knex('jobs').where({ name: 'sweep' }).update({ failed_at: knex.fn.now() })
    await until(() => runs >= 2)
  })

  if (kind === 'embedded') return

  it('does each job once with two nodes', async () => {
    const done = new Map<string, number>()
    const nodes = await cluster.start([job('errand', async (_payload, { id }) => void done.set(id, (done.get(id) ?? 0) + 1))], 2)
    const ids = await Promise.all(Array.from({ length: 200 }, (_, index) => {
      const node = nodes[index % 2]
      if (!node) throw new Error('a node is missing')
      return queue(node, 'errand', {})
    }))
    for (const node of nodes) await node.jobs.idle()
    expect(done.size).to.equal(200)
    expect([...done.keys()]).to.have.members(ids)
    expect([...done.values()].every((count) => count === 1)).to.equal(true)
  })

  it('runs a schedule once a period, whichever node does', async () => {
    let runs = 0
    const nodes = await cluster.start([every('sweep', 3600, async () => void (runs += 1))], 3)
    for (let period = 1; period <= 5; period += 1) {
      for (const node of nodes) node.jobs.wake()
      await Promise.all(nodes.map((node) => node.jobs.idle()))
      expect(runs).to.equal(period)
      // The next period begins.
      await nodes[0]?.server.database.knex('job_schedules').where({ name: 'sweep' }).update({
        next_run: nodes[0].server.database.knex.fn.now(),
      })
    }
  })

  it('renews the lease of a long job: nobody else begins it', async () => {
    let runs = 0
    let release: () => void = () => undefined
    const gate = new Promise<void>((resolve) => { release = resolve })
    const [node] = await cluster.start([job('errand', async () => {
      runs += 1
      await gate
    })], 2)
    if (!node) throw new Error('a node is missing')
    await queue(node, 'errand', {})
    const { knex } = node.server.database
    // Twice the lease by the database's clock.
    await until(async () =>
      (await knex('jobs').where({ name: 'errand' }).whereRaw('created_at < now() - make_interval(secs => 4)').first('id')) !== undefined)
    release()
    for (const each of cluster.nodes) await each.jobs.idle()
    expect(runs).to.equal(1)
  })
})
