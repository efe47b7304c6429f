// The examples of docs/protocol.md, run as they stand against a server that has just been started: each prints what is printed below it.
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { cleanUp, freshPostgres, temporaryDirectory } from '../db/support.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { fillDataDir } from '../kit/place.ts'
import { blocksOf, root } from './markdown.ts'
import { run, startProcess, type Running } from './processes.ts'
import { page } from './protocol-page.ts'

const administrator = { EMAIL: 'admin@localhost', PASSWORD: 'Plum-Kettle-41-Orbit' }
const key = (name: string): string => `${name}-k3Jv0Qz8sT1xW5yB7nM2pR4uF6hD9gLaCeXiOoZ`

const blocks = blocksOf(page)
const files = blocks.filter(({ language }) => language === 'js')
/** What a program prints: the block right below it. */
const printed = new Map(files.flatMap((file) => {
  const next = blocks[blocks.indexOf(file) + 1]
  return next?.language === '' ? [[file.path, next.text] as const] : []
}))

onAnyDatabase('docs: the examples of protocol.md', (kind) => {
  let server: Running | undefined
  let directory = ''

  before(async function () {
    this.timeout(120_000)
    directory = await temporaryDirectory()
    await symlink(join(root, 'node_modules'), join(directory, 'node_modules'))
    await fillDataDir(join(directory, 'data'), 'empty')
    for (const { path, text } of files) await writeFile(join(directory, path), text)
    const place: Record<string, string> = kind === 'embedded' ? {} : {
      DATABASE_URL: await freshPostgres(), JWT_SECRET: key('jwt'), MFA_ENCRYPTION_KEY: key('mfa'), AUDIT_KEY: key('audit'),
    }
    server = await startProcess(root, {
      DATA_DIR: join(directory, 'data'), SEED: 'none', ADMIN_PASSWORD: administrator.PASSWORD, BCRYPT_COST: '4', ...place,
    })
  })
  after(async function () {
    this.timeout(60_000)
    await server?.stop()
    await cleanUp()
  })

  it('are all run, but for what the others import', () => {
    expect(files.map(({ path }) => path).filter((path) => !printed.has(path))).to.deep.equal(['ask.mjs'])
    expect(printed.size).to.be.greaterThan(2)
  })

  for (const [path, text] of printed) {
    it(path, async function () {
      this.timeout(60_000)
      const { out, err, code } = await run(directory, [process.execPath, path], { URL: server?.url ?? '', ...administrator })
      expect({ out, err, code }).to.deep.equal({ out: text, err: '', code: 0 })
    })
  }
})
