// A job: written with the operation, done once, tried again, given up, kept apart.
import { expect } from 'chai'
import { invalidPayload } from '../../core/define/index.ts'
import { GiveUp, job, type Handler } from '../../plugins/jobs/index.ts'
import { claimJobs, deleteJob, giveUpJob, keepSchedules, postponeJob, renewLease, trimFailed } from '../../plugins/jobs/table.ts'
import { messageOf } from '../db/support.ts'
import { onEachDatabase } from '../kit/databases.ts'
import { Cluster, post, queue, until, type Node } from './support.ts'

onEachDatabase('jobs: the queue', (kind) => {
  const cluster = new Cluster(kind)
  let node: Node
  /** What the jobs of this test do. */
  let work: Handler
  const errand: Handler = (payload, tools) => work(payload, tools)
  let runs = 0

  before(async () => {
    node = await cluster.one(job('errand', errand), job('hasty', errand, { attempts: 3, backOff: 0.01 }), job('patient', errand, {
      backOff: 1000,
    }))
  })
  after(() => cluster.stop())
  beforeEach(() => {
    runs = 0
    work = async () => void (runs += 1)
  })
  afterEach(() => node.server.database.knex('jobs').whereNot('name', 'like', 'jobs.%').delete())

  it('does a job once, after the commit, in no transaction', async () => {
    const done: unknown[] = []
    work = async (payload, { id, run }) => {
      // Inside a transaction this would wait for itself on the embedded database.
      const count = await run(async ({ db }) => (await db('jobs').where({ id }).select('id')).length)
      done.push({ payload, id, count })
    }
    const reply = await post(node.server, 'errand-run', { note: 'milk' })
    await node.jobs.idle()
    const { id } = reply.body as { id: string }
    expect(reply.status).to.equal(200)
    expect(done).to.deep.equal([{ payload: { note: 'milk' }, id, count: 1 }])
    expect(await node.rows()).to.deep.equal([])
  })

  it('leaves no job when the operation rolls back', async () => {
    expect((await post(node.server, 'errand-run', { note: 'fail' })).status).to.equal(500)
    await node.jobs.idle()
    expect(await node.rows()).to.deep.equal([])
    expect(runs).to.equal(0)
  })

  it('tries again, with a pause, until the job succeeds', async () => {
    const attempts: string[] = []
    work = async (_payload, { id }) => {
      attempts.push(id)
      if (attempts.length < 3) throw new Error('not yet')
    }
    const id = await queue(node, 'hasty', {})
    await until(async () => (await node.rows()).length === 0)
    expect(attempts).to.deep.equal([id, id, id])
  })

  it('waits by the database\'s clock before the next attempt', async () => {
    work = () => Promise.reject(new Error('shop closed'))
    await queue(node, 'patient', {})
    await node.jobs.idle()
    const [row] = await node.rows()
    expect(row).to.include({ attempts: 1, locked: false, failed: false, due: false, last_error: 'Error: shop closed' })
  })

  it('gives up after its attempts, keeps the job as failed, and tells no secret', async () => {
    work = async (payload) => {
      runs += 1
      throw new Error(`cannot use ${String(payload['token'])}`)
    }
    const id = await queue(node, 'hasty', { token: 'tok-8c1f' })
    await until(async () => (await node.rows())[0]?.failed === true)
    await node.jobs.idle()
    expect(runs).to.equal(3)
    const [row] = await node.rows()
    expect(row).to.include({ attempts: 3, locked: false, last_error: 'Error: cannot use ***' })
    const told = node.log.lines.filter(({ details }) => (details as { id?: string }).id === id)
    expect(told.map(({ level }) => level)).to.deep.equal(['warn', 'warn', 'error'])
    expect(JSON.stringify(node.log.lines)).not.to.include('tok-8c1f')
  })

  it('does not try again what its handler gives up', async () => {
    work = async () => {
      runs += 1
      throw new GiveUp('there is no such shop')
    }
    await queue(node, 'errand', {})
    await node.jobs.idle()
    expect(runs).to.equal(1)
    expect((await node.rows())[0]).to.include({ failed: true, last_error: 'GiveUp: there is no such shop' })
  })

  it('does not try again what is refused as wrong: it will be wrong again', async () => {
    work = () => {
      runs += 1
      return Promise.reject(invalidPayload([{ path: 'email', message: 'must be an e-mail address' }]))
    }
    await queue(node, 'hasty', {})
    await node.jobs.idle()
    expect((await node.rows())[0]).to.include({ name: 'hasty', attempts: 1, failed: true })
    expect(runs).to.equal(1)
    expect(node.log.lines.some(({ message, level }) => level === 'error' && message === 'a job was given up')).to.equal(true)
  })

  it('gives up a job whose holders died time and again, without another try', async () => {
    const { knex } = node.server.database
    await knex('jobs').insert({ name: 'hasty', id: 'deadly', payload: '{}', run_at: knex.fn.now(), attempts: 3 })
    await node.jobs.idle()
    expect(runs).to.equal(0)
    expect((await node.rows())[0]).to.include({ id: 'deadly', failed: true })
  })

  it('does not run a delayed job before its time', async () => {
    await queue(node, 'errand', {}, { delaySeconds: 3600 })
    await node.jobs.idle()
    expect(runs).to.equal(0)
    expect((await node.rows())[0]).to.include({ attempts: 0, due: false })
  })

  it('holds one job of a name and id, and takes one that was given up anew', async () => {
    const later = { id: 'one', delaySeconds: 3600 }
    expect(await queue(node, 'errand', { first: true }, later)).to.equal('one')
    await queue(node, 'errand', { first: false }, later)
    await queue(node, 'patient', {}, later)
    const { knex } = node.server.database
    expect(await knex('jobs').where({ id: 'one' }).orderBy('name').select('name', 'payload'))
      .to.deep.equal([{ name: 'errand', payload: { first: true } }, { name: 'patient', payload: {} }])
    await knex('jobs').where({ id: 'one' }).update({ failed_at: knex.fn.now(), attempts: 8 })
    await queue(node, 'errand', { first: false }, later)
    expect((await node.rows()).map(({ name, failed, attempts }) => ({ name, failed, attempts })))
      .to.have.deep.members([{ name: 'errand', failed: false, attempts: 0 }, { name: 'patient', failed: true, attempts: 8 }])
  })

  it('leaves the jobs of plugins that are not there alone', async () => {
    const { knex } = node.server.database
    await knex('jobs').insert({ name: 'unplugged', id: '1', payload: '{}', run_at: knex.fn.now() })
    await queue(node, 'errand', {})
    await node.jobs.idle()
    expect(runs).to.equal(1)
    expect((await node.rows()).map(({ name, attempts }) => ({ name, attempts }))).to.deep.equal([{ name: 'unplugged', attempts: 0 }])
  })

  it('queues nothing that no plugin provides', async () => {
    expect(await messageOf(() => queue(node, 'errnad', {}))).to.equal('No plugin provides the job "errnad"')
  })

  it('runs as many at once as the database bears', async () => {
    const limit = kind === 'embedded' ? 1 : 4
    let now = 0
    let most = 0
    work = async () => {
      now += 1
      most = Math.max(most, now)
      await until(() => most >= limit)
      now -= 1
    }
    await Promise.all(Array.from({ length: 12 }, () => queue(node, 'errand', {})))
    await node.jobs.idle()
    expect(await node.rows()).to.deep.equal([])
    expect(most).to.equal(limit)
  })

  it('is changed only by the present holder of a job', async () => {
    const { knex } = node.server.database
    // Of a name that the worker leaves alone.
    await knex('jobs').insert({ name: 'contested', id: '1', payload: '{}', run_at: knex.fn.now() })
    const claim = async (seconds: number) => {
      const [job] = await claimJobs(knex, ['contested'], { limit: 1, lease: seconds })
      return job
    }
    const former = await claim(3600)
    if (!former) throw new Error('nothing was claimed')
    expect(await claim(3600)).to.equal(undefined)
    await knex('jobs').where({ name: 'contested' }).update({ locked_until: knex.fn.now() })
    const present = await claim(3600)
    if (!present) throw new Error('nothing was taken over')
    expect(await renewLease(knex, former, 60)).to.equal(false)
    await deleteJob(knex, former)
    await postponeJob(knex, former, { seconds: 1, error: 'late' })
    await giveUpJob(knex, former, 'late')
    expect(await node.rows()).to.deep.equal([
      { name: 'contested', id: '1', attempts: 2, last_error: null, locked: true, failed: false, due: true },
    ])
    expect(await renewLease(knex, present, 60)).to.equal(true)
    await deleteJob(knex, present)
    expect(await node.rows()).to.deep.equal([])
  })

  it('forgets what was given up after two weeks', async () => {
    const { knex } = node.server.database
    const row = (id: string, days: number) =>
      ({ name: 'errand', id, payload: '{}', run_at: knex.fn.now(), failed_at: knex.raw('now() - make_interval(days => ?)', [days]) })
    await knex('jobs').insert([row('old', 15), row('young', 13)])
    await trimFailed(knex, 14)
    expect((await node.rows()).map(({ id }) => id)).to.deep.equal(['young'])
  })

  it('begins a shortened period at once, and leaves others as they are', async () => {
    const { knex } = node.server.database
    const row = (name: string) => ({ name, next_run: knex.raw('now() + make_interval(hours => 1)') })
    await knex('job_schedules').insert([row('shorter'), row('same')])
    await keepSchedules(knex, [{ name: 'shorter', seconds: 60 }, { name: 'same', seconds: 3600 }])
    expect(await knex('job_schedules').whereIn('name', ['shorter', 'same']).orderBy('name')
      .select('name', knex.raw("next_run <= now() + make_interval(mins => 2) as soon")))
      .to.deep.equal([{ name: 'same', soon: false }, { name: 'shorter', soon: true }])
  })
})
