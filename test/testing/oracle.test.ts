// `rightsOracle` as a project uses it, by node:test: it agrees with an app that adds to what it plays, and finds a right that is broken.
import { expect } from 'chai'
import { rightsOracle } from '../../testing/index.ts'
import { anyOf } from '../../testing/databases.ts'
import { testDatabaseUrl } from '../../testing/ready.ts'
import { lendingApp } from '../support/lending/app.ts'
import { root } from '../docs/markdown.ts'
import { run } from '../docs/processes.ts'
import { longTest } from '../kit/extent.ts'

const program = [process.execPath, '--liftoff-only', '--import=tsx', '--test', '--test-reporter=tap', 'test/testing/children/playing.ts']

const [kind = 'embedded'] = anyOf()
const played = (variables: Readonly<Record<string, string>> = {}) =>
  run(root, program, { TEST_DATABASES: kind, TEST_DATABASE_URL: testDatabaseUrl, ...variables })

describe('sovrane/testing: the rights oracle', function () {
  this.timeout(240_000)

  it('says what it needs of an app', () => {
    const plugins = lendingApp.plugins.filter(({ name }) => name !== 'invitations')
    expect(() => rightsOracle({ ...lendingApp, plugins })).to.throw(/^The app has no event "invitation-create": the rights oracle plays/)
  })

  longTest('agrees with an app that has resources and fields of its own', async () => {
    const { code, out } = await played()
    expect(code, out).to.equal(0)
    expect(out).to.match(/ok 1 - organisations with an administrator beside them: 57 steps \(ORACLE_SEED=7\)/)
  })

  longTest('finds that everyone reads every group, and says how to see it again', async () => {
    const { code, out } = await played({ RIGHTS: 'broken', ORACLE_SHRINK: '2' })
    expect(code).to.equal(1)
    expect(out).to.match(/not ok 1/).and.to.match(/group-get .*\n.*accepted, and must be refused as .*read-group/)
    expect(out).to.match(/Again: TEST_DATABASES=\w+ ORACLE_CASE=\S+/)
  })
})
