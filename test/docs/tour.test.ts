// The README's tour: pasted into a shell as printed, against the server that a newcomer has just started.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { cleanUp, freshPostgres, temporaryDirectory, testDatabaseUrl } from '../db/support.ts'
import { blocksOf, read, root } from './markdown.ts'
import { run, startProcess, type Running } from './processes.ts'

const once = (text: string, old: string, by: string): string => {
  expect(text.split(old), `the README has "${old}" once`).to.have.length(2)
  return text.replace(old, () => by)
}

/** The one `sh` block of the README that holds a text. */
const blockWith = (text: string): string => {
  const [block] = blocksOf(read('README.md')).filter((one) => one.language === 'sh' && one.text.includes(text))
  if (!block) throw new Error(`The README has no block with "${text}"`)
  return block.text
}

const tourAt = (url: string): string => once(blockWith('department-create'), 'http://127.0.0.1:3000', url)

const passwordIn = async (data: string): Promise<string> => (await readFile(join(data, 'first-password'), 'utf8')).trim()

/** Runs the tour with nothing replaced but the address and the password. */
const takeTour = async (url: string, password: string): Promise<void> => {
  const { code, out, err } = await run(root, ['sh', '-c', once(tourAt(url), 'the-password', password)])
  expect({ code, err }).to.deep.equal({ code: 0, err: '' })
  const [, id] = /^created \{\n {2}id: '([\w-]+)'/.exec(out) ?? []
  expect(out).to.match(/label: 'Harbour'/).and.to.match(/managerId: '[\w-]+'/)
  expect(out).to.match(new RegExp(String.raw`department-changed \{\n {2}id: '${id}',\n {2}action: 'create',\n {2}version: 1,\n {2}pos: \d+\n\}`))
}

describe('docs: the quick tour', function () {
  this.timeout(120_000)

  const databases = process.env['TEST_DATABASES'] ?? 'embedded,postgres'

  describe('on a first start', () => {
    if (!databases.includes('embedded')) return
    let data = ''
    let server: Running | undefined

    const running = (): Running => {
      if (!server) throw new Error('The server has not started')
      return server
    }

    before(async () => {
      data = join(await temporaryDirectory(), 'data')
      server = await startProcess(root, { DATA_DIR: data })
    })
    after(async () => {
      await server?.stop()
      await cleanUp()
    })

    it('the start prints who the administrator is, what is there, and where', () => {
      expect(running().out()).to.match(/^Administrator admin@localhost; the password is in .*first-password/m)
        .and.to.match(/^Sample organisation: 3 sites, 10 departments, 25 people/m).and.to.match(/^ {2}Database {6}embedded database in /m)
    })

    it('works as printed', async () => takeTour(running().url, await passwordIn(data)))

    it('says what is wrong when the password is', async () => {
      const { code, err } = await run(root, ['sh', '-c', tourAt(running().url)])
      expect(code).to.equal(1)
      expect(err).to.include('The address or the password is wrong')
    })

    it('the line to try that the start prints works', async () => {
      const [, line] = /^ {2}Try +(curl .+)$/m.exec(running().out()) ?? []
      const { out } = await run(root, ['sh', '-c', (line ?? '').replace('curl', 'curl -s')])
      expect(JSON.parse(out)).to.include({ status: 'ready' })
    })
  })

  describe('on PostgreSQL', () => {
    afterEach(cleanUp)
    if (testDatabaseUrl === undefined || testDatabaseUrl === '') return void it('skipped: TEST_DATABASE_URL is unset')
    if (!databases.includes('postgres')) return

    it('works as printed, with the variables that the README says', async () => {
      const data = await temporaryDirectory()
      const settings = once(blockWith('export DATABASE_URL'), 'postgres://sovrane:password@localhost:5432/sovrane', await freshPostgres())
      const server = await startProcess(root, { DATA_DIR: data }, [
        'sh', '-c', once(settings, 'npm start', 'exec node --import=tsx main.ts'),
      ])
      try {
        expect(server.out()).to.match(/^ {2}Database {6}PostgreSQL at /m).and.not.to.match(/Sample organisation/)
        await takeTour(server.url, await passwordIn(data))
      } finally {
        await server.stop()
      }
    })
  })
})
