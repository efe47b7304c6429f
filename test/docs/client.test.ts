// The programs of docs/client.md, and the README's, run as they stand against a server that has just been started.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'
import { cleanUp, freshDataDir } from '../db/support.ts'
import { blockFor, blocksOf, read, root } from './markdown.ts'
import { run, startProcess, type Running } from './processes.ts'
import { copyProject, type ProjectCopy } from './project-copy.ts'

const document = 'docs/client.md'
const password = 'Plum-Kettle-41-Orbit'
const blocks = blocksOf(read(document))
const programs = blocks.filter(({ language }) => language === 'ts')
/** What a program prints: the block right below it. */
const printed = new Map(programs.flatMap((program) => {
  const next = blocks[blocks.indexOf(program) + 1]
  return next?.language === '' ? [[program.path, next.text] as const] : []
}))

describe('docs: the programs of client.md', function () {
  this.timeout(240_000)
  // The database has no say in it.
  if (!(process.env['TEST_DATABASES'] ?? 'embedded').includes('embedded')) return
  const parts: { server?: Running; copy?: ProjectCopy } = {}
  const place = (): { readonly server: Running; readonly copy: ProjectCopy } => {
    const { server, copy } = parts
    if (!server || !copy) throw new Error('the server is not up')
    return { server, copy }
  }

  before(async () => {
    parts.copy = await copyProject()
    for (const { path, text } of [...programs, blockFor('README.md', 'web/harbour.ts')]) await parts.copy.write(path, text)
    parts.server = await startProcess(root, {
      DATA_DIR: await freshDataDir(), SEED: 'none', ADMIN_PASSWORD: password, BCRYPT_COST: '4',
    })
  })
  after(async () => {
    await parts.server?.stop()
    await cleanUp()
  })

  it('print something, but for those that are parts of a page', () => {
    expect(programs.map(({ path }) => path).filter((path) => !printed.has(path))).to.deep.equal(['web/sites.ts', 'web/signals.ts'])
  })

  for (const [path, text] of printed) {
    it(path, async () => {
      const { server, copy } = place()
      const command = [process.execPath, '--import=tsx', path]
      const { out, err, code } = await run(copy.directory, command, { URL: server.url, PASSWORD: password })
      expect({ out, err, code }).to.deep.equal({ out: text, err: '', code: 0 })
    })
  }

  it('README.md: web/harbour.ts shows the list, and each change of it', async () => {
    const { server, copy } = place()
    const child = spawn(process.execPath, ['--import=tsx', 'web/harbour.ts'], {
      cwd: copy.directory, stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'] ?? '', URL: server.url, PASSWORD: password },
    })
    let out = ''
    const ended = once(child, 'close')
    const says = (text: string): Promise<void> => new Promise((resolve) => {
      child.stdout.on('data', (more: string) => {
        out += more
        if (out.includes(text)) resolve()
      })
    })
    child.stdout.setEncoding('utf8')
    await says('0 []')
    const ask = async (event: string, payload: object, token = ''): Promise<Record<string, unknown>> => {
      const response = await fetch(`${server.url}/api/${event}`, {
        method: 'POST', headers: token === '' ? {} : { authorization: `Bearer ${token}` }, body: JSON.stringify(payload),
      })
      return (await response.json()) as Record<string, unknown>
    }
    const { accessToken } = await ask('auth-login', { email: 'admin@localhost', password })
    const changed = says("1 [ 'Harbour: no one' ]")
    await ask('department-create', { label: 'Harbour' }, String(accessToken))
    await changed
    child.kill()
    await ended
  })
})
