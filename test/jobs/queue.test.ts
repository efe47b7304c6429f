// A job: written with the operation, done once, tried again, given up, kept apart.
import { expect } from 'chai'
import { GiveUp } from '../../plugins/jobs/index.ts'
import { pauseAfter, reasonOf } from '../../plugins/jobs/failure.ts'
import { messageOf } from '../db/support.ts'
import { onEachDatabase } from '../support/databases.ts'
import { Cluster, post, queue, until } from './support.ts'

onEachDatabase('jobs: the queue', (kind) => {
  let cluster: Cluster
  beforeEach(() => { cluster = new Cluster(kind) })
  afterEach(() => cluster.stop())

  it('does a job once, after the commit, in no transaction', async () => {
    const done: unknown[] = []
    const node = await cluster.one((jobs) => jobs.define('errand', async (payload, { id, run }) => {
      // Inside a transaction this would wait for itself on the embedded database.
      const count = await run(async ({ db }) => (await db('jobs').where({ id }).select('id')).length)
      done.push({ payload, id, count })
    }))
    const reply = await post(node.server, 'errand-run', { note: 'milk' })
    await node.jobs.idle()
    const { id } = reply.body as { id: string }
    expect(reply.status).to.equal(200)
    expect(done).to.deep.equal([{ payload: { note: 'milk' }, id, count: 1 }])
    expect(await node.rows()).to.deep.equal([])
  })

  it('leaves no job when the operation rolls back', async () => {
    let runs = 0
    const node = await cluster.one((jobs) => jobs.define('errand', async () => void (runs += 1)))
    expect((await post(node.server, 'errand-run', { note: 'fail' })).status).to.equal(500)
    await node.jobs.idle()
    expect(await node.rows()).to.deep.equal([])
    expect(runs).to.equal(0)
  })

  it('tries again, with a pause, until the job succeeds', async () => {
    const attempts: string[] = []
    const node = await cluster.one((jobs) => jobs.define('errand', async (_payload, { id }) => {
      attempts.push(id)
      if (attempts.length < 3) throw new Error('not yet')
    }, { backOff: 0.01 }))
    const id = await queue(node, 'errand', {})
    await until(async () => (await node.rows()).length === 0)
    expect(attempts).to.deep.equal([id, id, id])
  })

  it('waits by the database\'s clock before the next attempt', async () => {
    const node = await cluster.one((jobs) => jobs.define('errand', () => Promise.reject(new Error('shop closed')), { backOff: 1000 }))
    await queue(node, 'errand', {})
    await node.jobs.idle()
    const [row] = await node.rows()
    expect(row).to.include({ attempts: 1, locked: false, failed: false, due: false, last_error: 'Error: shop closed' })
  })

  it('gives up after its attempts, keeps the job as failed, and tells no secret', async () => {
    let runs = 0
    const node = await cluster.one((jobs) => jobs.define('errand', async (payload) => {
      runs += 1
      throw new Error(`cannot use ${String(payload['token'])}`)
    }, { attempts: 3, backOff: 0.01 }))
    await queue(node, 'errand', { token: 'tok-8c1f' })
    await until(async () => (await node.rows())[0]?.failed === true)
    await node.jobs.idle()
    expect(runs).to.equal(3)
    const [row] = await node.rows()
    expect(row).to.include({ attempts: 3, locked: false, last_error: 'Error: cannot use ***' })
    expect(node.log.lines.filter(({ level }) => level === 'error').map(({ message }) => message)).to.deep.equal(['a job was given up'])
    expect(JSON.stringify(node.log.lines)).not.to.include('tok-8c1f')
  })

  it('does not try again what its handler gives up', async () => {
    let runs = 0
    const node = await cluster.one((jobs) => jobs.define('errand', async () => {
      runs += 1
      throw new GiveUp('there is no such shop')
    }))
    await queue(node, 'errand', {})
    await node.jobs.idle()
    expect(runs).to.equal(1)
    expect((await node.rows())[0]).to.include({ failed: true, last_error: 'GiveUp: there is no such shop' })
  })

  it('gives up a job whose holders died time and again, without another try', async () => {
    let runs = 0
    const node = await cluster.one((jobs) => jobs.define('errand', async () => void (runs += 1), { attempts: 2 }))
    await node.server.database.knex('jobs').insert({ name: 'errand', id: 'deadly', payload: '{}', run_at: node.server.database.knex.fn.now(), attempts: 2 })
    await node.jobs.idle()
    expect(runs).to.equal(0)
    expect((await node.rows())[0]).to.include({ id: 'deadly', failed: true })
  })

  it('does not run a delayed job before its time', async () => {
    let runs = 0
    const node = await cluster.one((jobs) => jobs.define('errand', async () => void (runs += 1)))
    await queue(node, 'errand', {}, { delaySeconds: 3600 })
    await node.jobs.idle()
    expect(runs).to.equal(0)
    expect((await node.rows())[0]).to.include({ attempts: 0, due: false })
  })

  it('holds one job of a name and id, and takes one that was given up anew', async () => {
    const node = await cluster.one((jobs) => {
      jobs.define('errand', () => Promise.reject(new GiveUp('no')))
      jobs.define('other', () => Promise.reject(new GiveUp('no')))
    })
    const later = { id: 'one', delaySeconds: 3600 }
    expect(await queue(node, 'errand', { first: true }, later)).to.equal('one')
    await queue(node, 'errand', { first: false }, later)
    await queue(node, 'other', {}, later)
    const { knex } = node.server.database
    expect(await knex('jobs').where({ id: 'one' }).orderBy('name').select('name', 'payload'))
      .to.deep.equal([{ name: 'errand', payload: { first: true } }, { name: 'other', payload: {} }])
    await knex('jobs').where({ id: 'one' }).update({ failed_at: knex.fn.now(), attempts: 8 })
    await queue(node, 'errand', { first: false }, later)
    expect((await node.rows()).map(({ name, failed, attempts }) => ({ name, failed, attempts })))
      .to.have.deep.members([{ name: 'errand', failed: false, attempts: 0 }, { name: 'other', failed: true, attempts: 8 }])
  })

  it('leaves the jobs of plugins that are not there alone', async () => {
    const node = await cluster.one((jobs) => jobs.define('errand', () => Promise.resolve()))
    await node.server.database.knex('jobs').insert({ name: 'unplugged', id: '1', payload: '{}', run_at: node.server.database.knex.fn.now() })
    await queue(node, 'errand', {})
    await node.jobs.idle()
    expect((await node.rows()).map(({ name, attempts }) => ({ name, attempts }))).to.deep.equal([{ name: 'unplugged', attempts: 0 }])
  })

  it('queues nothing that nobody has defined', async () => {
    const node = await cluster.one(() => undefined)
    expect(await messageOf(() => queue(node, 'errnad', {}))).to.equal('No plugin has defined the job "errnad"')
  })

  it('runs as many at once as the database bears', async () => {
    const limit = kind === 'embedded' ? 1 : 4
    let now = 0
    let most = 0
    const node = await cluster.one((jobs) => jobs.define('errand', async () => {
      now += 1
      most = Math.max(most, now)
      await until(() => most >= limit)
      now -= 1
    }))
    await Promise.all(Array.from({ length: 12 }, () => queue(node, 'errand', {})))
    await node.jobs.idle()
    expect(await node.rows()).to.deep.equal([])
    expect(most).to.equal(limit)
  })

  it('refuses a name that is taken', async () => {
    const twice = (): Promise<unknown> => cluster.one((jobs) => {
      jobs.define('errand', () => Promise.resolve())
      jobs.every('errand', 60, () => Promise.resolve())
    })
    expect(await messageOf(twice)).to.include('The job "errand" is defined twice')
  })
})

describe('jobs: failures', () => {
  it('come back after pauses that double up to an hour, spread by a half', () => {
    for (const [attempt, middle] of [[1, 5], [2, 10], [5, 80], [20, 3600], [2000, 3600]] as const) {
      for (let count = 0; count < 100; count += 1) expect(pauseAfter(attempt, 5)).to.be.within(middle / 2, middle * 1.5)
    }
  })

  it('keep no text of the payload', () => {
    const payload = { list: [{ code: '482913' }], link: 'https://x.test/?t=abcd', n: 1 }
    expect(reasonOf(new TypeError('482913 of https://x.test/?t=abcd, 1'), payload)).to.equal('TypeError: *** of ***, 1')
    expect(reasonOf('482913', payload)).to.equal('***')
    expect(reasonOf(new Error('x'.repeat(9000)), {})).to.have.length(500)
  })
})
