// The documents' examples: each is compiled as it stands; those that make an app are started and do what the document says.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { cleanUp, freshDataDir } from '../db/support.ts'
import { longTest } from '../kit/extent.ts'
import { node } from '../kit/program.ts'
import { eventually } from '../kit/wait.ts'
import { blockFor, blocksOf, read, root } from './markdown.ts'
import { run, startProcess } from './processes.ts'
import { copyProject, type ProjectCopy } from './project-copy.ts'

/** A copy of the project has not been built. */
const fromSource = [...node, '--import=tsx', 'main.ts']
const hasEmbedded = (process.env['TEST_DATABASES'] ?? 'embedded').includes('embedded')

const password = 'Plum-Kettle-41-Orbit'

/** The environment of a server on an empty database of its own. */
const emptyServer = async () => ({ DATA_DIR: await freshDataDir(), SEED: 'none', ADMIN_PASSWORD: password, BCRYPT_COST: '4' })

/** The files of a document's `ts` blocks, written into the copy. */
const writeExamples = async (copy: ProjectCopy, document: string): Promise<string[]> => {
  const blocks = blocksOf(read(document)).filter(({ language }) => language === 'ts')
  for (const { path, text } of blocks) await copy.write(path, text)
  return blocks.map(({ path }) => path)
}

/** Applies a document's `diff` block to the file that it is about. */
const applyDiff = async (copy: ProjectCopy, document: string, path: string): Promise<void> => {
  for (const hunk of blockFor(document, path).text.split('@@\n')) {
    const side = (marks: string): string =>
      hunk.split('\n').filter((line) => line !== '' && marks.includes(line.charAt(0))).map((line) => `${line.slice(1)}\n`).join('')
    await copy.replace(path, side(' -'), side(' +'))
  }
}

/** The documents whose `ts` blocks are whole files. */
const documents = [
  'README.md', 'docs/client.md', 'docs/moving.md', 'docs/writing-a-resource.md', 'docs/migrations.md', 'docs/writing-a-plugin.md',
  'docs/testing.md',
]

describe('docs: examples', function () {
  this.timeout(300_000)
  afterEach(cleanUp)

  it('say which file they are, and begin with what it is for', () => {
    for (const document of documents) {
      for (const { language, path, text, line } of blocksOf(read(document))) {
        if (language !== 'ts') continue
        expect(path, `${document}:${line}`).to.match(/^(resources|plugins|test|web)\/[\w/.-]+\.ts$/)
        expect(text, `${document}:${line}`).to.match(/^\/\/ \S+ \S+ \S+/)
      }
    }
  })

  it('are found at all', () => {
    for (const document of documents) {
      expect(blocksOf(read(document)).filter(({ language }) => language === 'ts'), document).to.not.have.length(0)
    }
  })

  // What follows knows one database: of two runs, the other need not repeat it.
  if (!hasEmbedded) return

  const addPlugins = async (copy: ProjectCopy): Promise<void> => {
    await copy.replace(
      'app.ts', 'export const app',
      "import { badges } from './plugins/badges/index.ts'\nimport { domains } from './plugins/domains/index.ts'\n\nexport const app",
    )
    await copy.replace('app.ts', 'plugins: [', 'plugins: [badges, domains, ')
  }

  it('compile, all in one app', async () => {
    const copy = await copyProject()
    const files: string[] = []
    for (const document of documents) files.push(...await writeExamples(copy, document))
    await applyDiff(copy, 'docs/writing-a-resource.md', 'app.ts')
    await applyDiff(copy, 'docs/migrations.md', 'resources/vehicle.ts')
    await addPlugins(copy)
    await copy.compile('app.ts', ...files)
  })

  it('writing-a-resource.md: the app starts, and its script prints what is printed', async () => {
    const document = 'docs/writing-a-resource.md'
    const copy = await copyProject()
    await writeExamples(copy, document)
    await applyDiff(copy, document, 'app.ts')
    const script = blockFor(document, 'try-vehicles.mjs')
    await copy.write(script.path, script.text)
    const server = await startProcess(copy.directory, await emptyServer(), fromSource)
    try {
      const { out, err, code } = await run(copy.directory, [process.execPath, script.path], { URL: server.url, PASSWORD: password })
      expect({ err, code }).to.deep.equal({ err: '', code: 0 })
      const changes = out.split('\n').filter((line) => line.startsWith('vehicle-changed'))
      const rest = out.split('\n').filter((line) => !line.startsWith('vehicle-changed')).join('\n')
      const printed = blocksOf(read(document)).find(({ line }) =>
        line > script.line && line < script.line + script.text.split('\n').length + 10)
      expect(rest).to.equal(printed?.text)
      expect(changes.map((line) => line.split(' ')[1])).to.deep.equal(['create', 'update', 'update', 'delete'])
    } finally {
      await server.stop()
    }
  })

  longTest('writing-a-resource.md: its test passes', async () => {
    const document = 'docs/writing-a-resource.md'
    const copy = await copyProject()
    await writeExamples(copy, document)
    await applyDiff(copy, document, 'app.ts')
    const { out, code } = await copy.run(process.execPath, 'node_modules/mocha/bin/mocha.js', 'test/vehicle.test.ts')
    expect(code, out).to.equal(0)
    expect(out).to.match(/1 passing/)
  })

  longTest('testing.md: its tests of vehicles pass', async () => {
    const copy = await copyProject()
    await writeExamples(copy, 'docs/writing-a-resource.md')
    await applyDiff(copy, 'docs/writing-a-resource.md', 'app.ts')
    const { path, text } = blockFor('docs/testing.md', 'test/vehicles.test.ts')
    await copy.write(path, text)
    const { out, code } = await copy.run(...node, '--import=tsx', '--test', '--test-reporter=tap', '--test-name-pattern=hold the key', path)
    expect(code, out).to.equal(0)
    expect(out).to.match(/^ *ok 1 - are changed by those who hold the key$/m)
  })

  longTest('writing-a-resource.md: a definition with faults says so as printed', async () => {
    const document = 'docs/writing-a-resource.md'
    const copy = await copyProject()
    await writeExamples(copy, document)
    await applyDiff(copy, document, 'app.ts')
    await copy.replace('resources/vehicle.ts', "one('site'", "one('sites'")
    await copy.replace('resources/vehicle.ts', "via: 'driverId'", "via: 'drivrId'")
    const { err, code } = await run(copy.directory, fromSource, await emptyServer())
    expect(code).to.equal(1)
    const printed = blocksOf(read(document)).find(({ text }) => text.startsWith('The app cannot start'))
    expect(err).to.equal(printed?.text)
  })

  longTest('migrations.md: what is asked and what is written are as printed, and lint and the compiler have nothing to say', async () => {
    const copy = await copyProject()
    await writeExamples(copy, 'docs/writing-a-resource.md')
    await applyDiff(copy, 'docs/writing-a-resource.md', 'app.ts')
    await applyDiff(copy, 'docs/migrations.md', 'resources/vehicle.ts')
    const environment = await emptyServer()
    const diff = (...given: string[]) => run(copy.directory, [...fromSource, 'migrate', 'diff', 'add-capacity', ...given], environment)
    const blocks = blocksOf(read('docs/migrations.md'))
    const asked = await diff()
    expect(asked.code).to.equal(2)
    expect(asked.err.split('\n')[0]).to.equal(blocks.find(({ text }) => text.startsWith('The column'))?.text.trimEnd())
    const { code, out, err } = await diff('--rename', 'seats:capacity')
    expect({ code, err }).to.deep.equal({ code: 0, err: '' })
    const [path = ''] = /resources\/migrations\/\d{14}_add-capacity\.ts/.exec(out) ?? []
    const written = await readFile(join(copy.directory, path), 'utf8')
    expect(written).to.equal(blocks.find(({ language }) => language === 'ts')?.text)
    await copy.compile('app.ts', path)
    const rules = join(root, '.oxlintrc.json')
    const linted = await copy.run('node_modules/.bin/oxlint', '--type-aware', '--deny-warnings', '--config', rules, path)
    expect(linted.code, linted.out).to.equal(0)
    // Once it is there, nothing is left to be written.
    expect((await diff()).out).to.match(/nothing is to be written/)
  })

  longTest('writing-a-plugin.md: the app starts, and the plugin does what is said', async () => {
    const copy = await copyProject()
    await writeExamples(copy, 'docs/writing-a-plugin.md')
    await addPlugins(copy)
    const environment = { ...await emptyServer(), EMAIL_DOMAINS: 'example.com, example.org' }
    const server = await startProcess(copy.directory, environment, fromSource)
    try {
      const post = async (event: string, payload: object, token?: unknown): Promise<Record<string, unknown>> => {
        const headers: Record<string, string> = typeof token === 'string' ? { authorization: `Bearer ${token}` } : {}
        const response = await fetch(`${server.url}/api/${event}`, { method: 'POST', headers, body: JSON.stringify(payload) })
        return (await response.json()) as Record<string, unknown>
      }
      const { accessToken } = await post('auth-login', { email: 'admin@localhost', password })
      expect(await post('email-domains-get', {}, accessToken)).to.deep.equal({ domains: ['example.com', 'example.org'] })
      const person = { firstName: 'Ada', lastName: 'Park' }
      const ada = await post('user-create', { ...person, email: 'ada@example.org' }, accessToken)
      expect(ada).to.include({ email: 'ada@example.org', badge: null })
      const refused = await post('user-create', { ...person, email: 'ada@elsewhere.net' }, accessToken)
      expect(refused).to.have.nested.property('error.details[0].message', 'must be an address at example.com or example.org')
      const { badge } = await post('badge-order', { userId: ada['id'] }, accessToken)
      expect(badge).to.match(/^B-\d{6}$/)
      expect(await post('user-get', { id: ada['id'] }, accessToken)).to.include({ badge })
      const again = await post('badge-order', { userId: ada['id'] }, accessToken)
      expect(again).to.have.nested.property('error.details.reason', 'badges.ordered')
      const mails = join(environment.DATA_DIR, 'mail')
      await eventually(async () => (await readdir(mails).catch(() => [])).length === 1, 'a mail is written')
      const [name = ''] = await readdir(mails)
      expect(await readFile(join(mails, name), 'utf8')).to.include('To: ada@example.org').and.include(`Your badge ${String(badge)}`)
    } finally {
      await server.stop()
    }
  })
})
