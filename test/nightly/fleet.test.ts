// Another team's project, from the package as npm publishes it: in an empty folder, under an empty home. It takes a minute and more.
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { root } from '../docs/markdown.ts'
import { run, startProcess } from '../docs/processes.ts'
import { chosen } from '../kit/databases.ts'
import { cleanUp, temporaryDirectory } from '../kit/place.ts'
import { tarball } from '../package/tarball.ts'

/** What leads npm to its registry, where the machine says that by its environment. */
const leads = /^npm_config_(?:registry|cafile)$|_proxy$|^(?:NODE_EXTRA_CA_CERTS|SSL_CERT_FILE)$/i
const network = Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) =>
  (leads.test(name) && value !== undefined ? [[name, value]] : [])))

describe('nightly: examples/fleet, from the package', function () {
  this.timeout(900_000)
  const place = { directory: '', home: '' }

  before(async () => {
    place.directory = join(await temporaryDirectory(), 'fleet')
    place.home = await temporaryDirectory()
    await cp(join(root, 'examples/fleet'), place.directory, { recursive: true })
    const file = join(place.directory, 'package.json')
    const manifest = await readFile(file, 'utf8')
    await writeFile(file, manifest.replace(/("sovrane": ")[^"]+/, `$1file:${await tarball()}`))
  })
  after(cleanUp)

  const all = async (command: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<string> => {
    const { code, out, err } = await run(place.directory, command, { ...network, HOME: place.home, ...variables }, 600_000)
    expect(code, out + err).to.equal(0)
    return out
  }

  it('is installed, has the types of the package, and makes its page', async () => {
    await all(['npm', 'install', '--no-audit', '--no-fund'])
    await all(['npm', 'run', 'typecheck'])
    await all(['npm', 'run', 'build:web'])
    expect(await readFile(join(place.directory, 'web/built/page.js'), 'utf8')).to.not.match(/\bfrom ?["']sovrane/)
  })

  it('migrates to what its definitions say', async () => {
    const sovrane = [process.execPath, 'node_modules/.bin/sovrane', 'migrate']
    expect(await all(sovrane)).to.match(/^app\/\d+_fleet$/m).and.to.match(/^defects\/001_defects$/m)
    expect(await all([...sovrane, 'diff', '--check'])).to.equal('The database is what the definitions say\n')
  })

  it('starts, and names a document that is there', async () => {
    const server = await startProcess(place.directory, { HOME: place.home }, [process.execPath, 'node_modules/.bin/sovrane', 'start'])
    try {
      const [, named = ''] = /the tour in (\S+):/.exec(server.out()) ?? []
      expect(named).to.equal('node_modules/sovrane/README.md')
      expect(await readFile(join(place.directory, named), 'utf8')).to.match(/tour/i)
    } finally {
      await server.stop()
    }
  })

  for (const kind of chosen()) {
    it(`passes its own tests [${kind}]`, async () => {
      const url = process.env['TEST_DATABASE_URL'] ?? ''
      const out = await all(['npm', 'test'], { TEST_DATABASES: kind, ...(url === '' ? {} : { TEST_DATABASE_URL: url }) })
      expect(out).to.match(/^# fail 0$/m)
      expect(Number(/^# pass (\d+)$/m.exec(out)?.[1])).to.be.greaterThan(100)
    })
  }
})
