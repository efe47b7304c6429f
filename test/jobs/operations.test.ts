// The queue as administrators see it: listed without payloads, tried at once, dropped; not what runs.
import { expect } from 'chai'
import { onHouse } from '../auth/on-house.ts'
import { rows } from '../kit/replies.ts'

const later = "now() + interval '1 day'"

onHouse('jobs by events', (house) => {
  const put = (id: string, columns = '', values = '') =>
    house.sql(`insert into jobs (name, id, payload, run_at${columns}) values ('tests.none', ?, '{"secret":"quiet-river"}', ${later}${values})`, [id])
  const list = async (payload: Readonly<Record<string, unknown>> = {}) =>
    house.ok('job-list-request', { name: 'tests.none', ...payload }, house.admin)
  const stored = async (id: string) =>
    (await house.sql("select attempts, failed_at is not null as failed, last_error, run_at <= now() as due from jobs where name = 'tests.none' and id = ?", [id]))[0]

  before(async () => {
    await put('waiting')
    await put('running', ', attempts, locked_until', `, 1, ${later}`)
    await put('failed', ', attempts, failed_at, last_error', ", 8, now(), 'the server is away'")
  })

  it('are listed, the failed first, with state, next try and error, and nothing of what they hold', async () => {
    const reply = await list()
    const items = rows(reply['items'])
    expect(reply).to.include({ page: 1, limit: 20, total: 3 })
    expect(items.map(({ id, state, attempts, error }) => [id, state, attempts, error])).to.deep.equal([
      ['failed', 'failed', 8, 'the server is away'], ['waiting', 'waiting', 0, null], ['running', 'running', 1, null],
    ])
    expect(items.map(({ nextTry, failedAt }) => [nextTry !== null, failedAt !== null])).to.deep.equal(
      [[false, true], [true, false], [false, false]])
    expect(JSON.stringify(reply)).to.not.include('quiet-river')
    for (const state of ['waiting', 'running', 'failed'] as const)
      expect(rows((await list({ state }))['items']).map(({ id }) => id)).to.deep.equal([state])
    expect((await list({ limit: 1, page: 2 }))).to.deep.include({ total: 3, page: 2, limit: 1 })
  })

  it('are tried at once or dropped; one that runs is left alone', async () => {
    const named = (id: string) => ({ name: 'tests.none', id })
    await house.ok('job-retry', named('failed'), house.admin)
    expect(await stored('failed')).to.deep.equal({ attempts: 0, failed: false, last_error: null, due: true })
    for (const event of ['job-retry', 'job-drop']) {
      await house.no('not_found', event, named('running'), house.admin)
      await house.no('not_found', event, named('nothing'), house.admin)
    }
    await house.ok('job-drop', named('waiting'), house.admin)
    expect(await stored('waiting')).to.equal(undefined)
    expect(await stored('running')).to.deep.equal({ attempts: 1, failed: false, last_error: null, due: false })
  })

  it('are shown with read-jobs, and changed with manage-jobs alone', async () => {
    const reader = await house.enter({ can: ['read-jobs'] })
    await house.ok('job-list-request', {}, reader)
    await house.no('forbidden', 'job-retry', { name: 'tests.none', id: 'running' }, reader)
    await house.no('forbidden', 'job-drop', { name: 'tests.none', id: 'running' }, reader)
    await house.no('forbidden', 'job-list-request', {}, await house.enter({ can: ['read-users'] }))
  })
})
