// What the feed forgets: the oldest entries first, in slices, up to the first that is young; and clients behind it are told so.
import { expect } from 'chai'
import { app } from '../../app.ts'
import { forgetAll } from '../../core/boot/retention.ts'
import { forgetFeed } from '../../core/change/feed.ts'
import { startApp, type RunningApp } from '../kit/server.ts'
import { onEachDatabase } from '../kit/databases.ts'
import { run } from '../db/support.ts'

onEachDatabase('the retention of the feed', (kind) => {
  let running: RunningApp | undefined
  before(async function () {
    this.timeout(120_000)
    running = await startApp(app, kind)
  })
  after(async function () {
    this.timeout(60_000)
    await running?.stop()
  })

  it('removes what is old in slices, keeps an old entry that stands behind a young one, and remembers up to where', async function () {
    this.timeout(60_000)
    if (!running) throw new Error('the server is not up')
    const { knex } = running.server.database
    const number = async (sql: string): Promise<number> =>
      Number(((await run(knex, `select (${sql}) as value`)).rows[0] as { value: unknown }).value)
    await forgetAll((most) => forgetFeed(knex, 0, most), () => false)
    const base = await number('select pos from feed_state')
    await run(knex, `
      insert into feed (pos, resource, id, action, version, at)
        select ${base} + n, 'site', 'old', 'update', n, now() - case when n = 12001 then interval '1 hour' else interval '80 hours' end from generate_series(1, 12010) n`)
    await run(knex, `update feed_state set pos = ${base} + 12010`)
    expect(await forgetFeed(knex, 72, 5000)).to.equal(5000)
    expect(await number('select floor from feed_state')).to.equal(base + 5000)
    await forgetAll((most) => forgetFeed(knex, 72, most), () => false)
    expect(await number('select floor from feed_state')).to.equal(base + 12_000)
    expect(await number(`select count(*) from feed where pos > ${base} and pos <= ${base} + 12010`)).to.equal(10)
    expect(await forgetFeed(knex, 72, 5000)).to.equal(0)
  })
})
