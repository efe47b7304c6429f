// The README's tour: pasted into a shell as printed, against the server that a newcomer has just started.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { cleanUp, temporaryDirectory } from '../db/support.ts'
import { blocksOf, read, root } from './markdown.ts'
import { run, startProcess } from './processes.ts'

const once = (text: string, old: string, by: string): string => {
  expect(text.split(old), `the tour has "${old}" once`).to.have.length(2)
  return text.replace(old, () => by)
}

describe('docs: the quick tour', function () {
  this.timeout(120_000)
  afterEach(cleanUp)

  it('works as printed on a first start', async () => {
    const tour = blocksOf(read('README.md')).find(({ text }) => text.includes('department-create'))
    expect(tour?.language).to.equal('sh')
    const data = join(await temporaryDirectory(), 'data')
    const server = await startProcess(root, { DATA_DIR: data })
    try {
      expect(server.out()).to.match(/Administrator admin@localhost; the password is in .*first-password/).and.to.include('Sample organisation: 3 sites')
      const password = (await readFile(join(data, 'first-password'), 'utf8')).trim()
      const script = once(once(tour?.text ?? '', 'the-password', password), 'http://127.0.0.1:3000', server.url)
      const { code, out, err } = await run(root, ['sh', '-c', script])
      expect({ code, err }).to.deep.equal({ code: 0, err: '' })
      const [, id] = /^created \{\n {2}id: '([\w-]+)'/.exec(out) ?? []
      expect(out).to.match(/label: 'Harbour'/).and.to.match(/managerId: '[\w-]+'/)
      expect(out).to.match(new RegExp(String.raw`department-changed \{\n {2}id: '${id}',\n {2}action: 'create',\n {2}version: 1,\n {2}pos: \d+\n\}`))
    } finally {
      await server.stop()
    }
  })

  it('says what is wrong when the password is', async () => {
    const tour = blocksOf(read('README.md')).find(({ text }) => text.includes('department-create'))
    const server = await startProcess(root, { DATA_DIR: join(await temporaryDirectory(), 'data'), SEED: 'none' })
    try {
      const { code, err } = await run(root, ['sh', '-c', once(tour?.text ?? '', 'http://127.0.0.1:3000', server.url)])
      expect(code).to.equal(1)
      expect(err).to.include('The address or the password is wrong')
    } finally {
      await server.stop()
    }
  })

  it('the line to try that the server prints works', async () => {
    const server = await startProcess(root, { DATA_DIR: join(await temporaryDirectory(), 'data'), SEED: 'none' })
    try {
      const [, line] = /^ {2}Try +(curl .+)$/m.exec(server.out()) ?? []
      const { out } = await run(root, ['sh', '-c', (line ?? '').replace('curl', 'curl -s')])
      expect(JSON.parse(out)).to.include({ status: 'ready' })
    } finally {
      await server.stop()
    }
  })
})
