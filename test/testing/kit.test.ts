// `sovrane/testing` as a project uses it: a server of its own app, people with rights, a listener, mails, and the contract suite.
import { expect } from 'chai'
import { contractSuite, onAnyDatabase, openServer } from '../../testing/index.ts'
import { root } from '../docs/markdown.ts'
import { run } from '../docs/processes.ts'
import { lendingApp } from '../support/lending/app.ts'
import { longTest } from '../kit/extent.ts'

onAnyDatabase('sovrane/testing', (kind) => {
  const server = openServer(lendingApp, kind)

  it('starts the app on a database that its migrations have run on', async () => {
    expect(server.server.database.kind).to.equal(kind)
    expect(await server.sql('select id from loans')).to.deep.equal([])
    expect(await server.ok('category-list-request', {}, server.admin)).to.include({ total: 0 })
  })

  it('has people who may do what they were given, and nothing else', async () => {
    const reader = await server.enter({ can: ['read-category', 'read-categories'] })
    await server.ok('category-list-request', {}, reader)
    const { details } = await server.no('forbidden', 'category-create', { label: 'Tools' }, reader)
    expect(details).to.deep.equal({ permission: 'create-category' })
  })

  it('hears all that a task changes', async () => {
    const listener = await server.listener(server.admin)
    const changes = await listener.during(() => server.ok('category-create', { label: 'Boats' }, server.admin))
    expect(changes.map(({ event, action }) => [event, action])).to.deep.equal([['category-changed', 'create']])
  })

  it('catches mails', async () => {
    const person = await server.person()
    await server.ok('auth-request-reset', { email: person.email })
    const [letter, ...more] = await server.mails(person.email)
    expect(more).to.deep.equal([])
    expect(letter?.subject).to.be.a('string').and.not.equal('')
    expect(letter?.text).to.match(/https?:\/\/\S+token=/)
  })

  it('starts again with another environment on the same database', async () => {
    const { id } = await server.ok('category-create', { label: 'Kept' }, server.admin)
    await server.restart({ LOG_LEVEL: 'warn' })
    expect(await server.ok('category-get', { id }, server.admin)).to.include({ label: 'Kept' })
  })
})

describe('sovrane/testing: the contract suite', function () {
  this.timeout(240_000)

  it('names a resource that the app has not', () => {
    expect(() => contractSuite(lendingApp, 'embedded', { resources: ['boat'] }))
      .to.throw(/^The app has no resource "boat"; it has permission, .*\bloan\b/)
  })

  const played = (meddle: string) => run(root, [
    process.execPath, '--import=tsx', '--test', '--test-reporter=tap', '--test-name-pattern=created with every field', 'test/testing/children/meddling.ts',
  ], { MEDDLE: meddle })

  longTest('runs by node:test, and fails where a hook changes what was sent', async () => {
    const good = await played('no')
    expect(good.code, good.out).to.equal(0)
    expect(good.out).to.match(/ok \d+ - is created with every field, read back, and heard once\n/)
    const bad = await played('yes')
    expect(bad.code).to.equal(1)
    expect(bad.out).to.match(/not ok \d+ - is created with every field/).and.to.include('Something else')
  })
})
