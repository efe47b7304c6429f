// `sovrane migrate` on the app of this repository: the same history as that of a server that starts.
import { expect } from 'chai'
import { root } from '../docs/markdown.ts'
import { run, type Ended } from '../docs/processes.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { cleanUp, freshEnvironment } from '../kit/place.ts'
import { program } from '../kit/program.ts'

onAnyDatabase('cli: sovrane migrate', (kind) => {
  afterEach(cleanUp)
  const migrate = (words: readonly string[], variables: Readonly<Record<string, string>>): Promise<Ended> =>
    run(root, [...program('main.ts'), 'migrate', ...words], variables)

  it('finds nothing to do on a database that is up to date, undoes one, lists it, and runs it again', async function () {
    this.timeout(240_000)
    const environment = await freshEnvironment(kind)
    expect(await migrate([], environment)).to.include({ code: 0, out: 'Nothing to run: the database is up to date\n' })
    const before = (await migrate(['status'], environment)).out.trim().split('\n')
    expect(before.every((line) => line.startsWith('done     '))).to.equal(true)
    const last = (before.at(-1) ?? '').replace('done     ', '')
    expect((await migrate(['down', last], environment)).out).to.equal(`${last}\n`)
    const { out } = await migrate(['status'], environment)
    expect(out.trim().split('\n').filter((line) => line.startsWith('pending'))).to.deep.equal([`pending  ${last}`])
    expect((await migrate(['latest'], environment)).out).to.equal(`${last}\n`)
    expect((await migrate(['status'], environment)).out.trim().split('\n').toSorted()).to.deep.equal(before.toSorted())
  })
})

describe('cli: sovrane migrate', function () {
  this.timeout(120_000)
  const migrate = (...words: readonly string[]): Promise<Ended> => run(root, [...program('main.ts'), 'migrate', ...words])

  it('refuses what is no migration, and says what is', async () => {
    for (const [words, message] of [
      [['lastest'], /There is no "sovrane migrate lastest"/], [['make'], /A migration has a name/], [['make', '../x'], /A migration has a name/],
      [['status', 'a', 'b'], /"b" is one word too many/], [['rollback', '--al'], /Unknown option '--al'/],
    ] as const) {
      const { code, err } = await migrate(...words)
      expect(code, words.join(' ')).to.equal(2)
      expect(err).to.match(message).and.to.include('Usage: sovrane migrate')
    }
    const { code, err } = await migrate('make', 'x', '--owner', 'nobody')
    expect(code).to.equal(1)
    expect(err).to.include('There is no owner "nobody"').and.to.include('core, resources, config')
  })
})
