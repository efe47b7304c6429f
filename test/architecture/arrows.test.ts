// Imports point down only: app -> resources, plugins -> core; and core/define stands on nothing but itself.
import { expect } from 'chai'
import { imports } from './imports.ts'
import type { Import } from './imports.ts'
import { sources } from './sources.ts'
import type { Source } from './sources.ts'

/** Rooms from the bottom up, each with the rooms that it may import. Client and benchmarks are users of an app, as tests are. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  define: ['define'],
  core: ['core', 'define'],
  resources: ['resources', 'core', 'define'],
  plugins: ['plugins', 'core', 'define'],
  // Runs any app, and knows none.
  cli: ['cli', 'core', 'define'],
  app: ['app', 'cli', 'resources', 'plugins', 'core', 'define'],
  // Of the rest it knows types alone: see client.test.ts.
  client: ['client', 'define'],
  // The browser's part of the console is a user of the client, as web apps are; of its plugin it knows what that tells it.
  browser: ['browser', 'client', 'define', 'plugins'],
  // Tests any app. Of what there is it knows the accounts, the jobs and the definitions that have their tests here.
  testing: ['testing', 'resources', 'plugins', 'core', 'define'],
  bench: ['bench', 'client', 'app', 'resources', 'plugins', 'core', 'define', 'test', 'testing'],
  test: ['bench', 'browser', 'client', 'app', 'resources', 'plugins', 'core', 'define', 'test', 'testing'],
}

/** The one door to the resources that plugins may require, like a plugin's `index.ts`. */
const directory = 'resources/directory.ts'

/** The folders of core from the roof down: each may import itself and what stands after it. */
const floors = ['boot', 'describe', 'transport', 'change', 'generate', 'schema', 'crud', 'call', 'access', 'model', 'db', 'define'] as const

const floor = (path: string): number => floors.findIndex((name) => path.startsWith(`core/${name}/`))

/** The imports, type imports too, that climb from one folder of core to a higher one. */
const climbing = (all: readonly Source[]): string[] => all
  .flatMap(imports)
  .filter(({ from, to }) => floor(from) >= 0 && floor(to) >= 0 && floor(to) < floor(from))
  .map(({ from, to, line }) => `${from}:${line} imports ${to}`)

const room = (path: string): string => {
  if (path.startsWith('core/define/')) return 'define'
  if (path.startsWith('plugins/console/browser/')) return 'browser'
  const [top = ''] = path.split('/')
  return top.endsWith('.ts') ? 'app' : top
}

const plugin = (path: string): string | undefined => (path.startsWith('plugins/') ? path.split('/')[1] : undefined)

const allowed = ({ from, to }: Import): boolean => {
  if (room(from) === 'plugins' && to === directory) return true
  if (!(mayImport[room(from)] ?? []).includes(room(to))) return false
  // One plugin sees another's definition, never its files.
  if (room(from) === 'browser' && room(to) === 'plugins') return plugin(to) === 'console'
  return room(from) !== 'plugins' || room(to) !== 'plugins' || plugin(from) === plugin(to) || to === `plugins/${plugin(to)}/index.ts`
}

/** The imports, type imports too, that point up or sideways. */
const wrongArrows = (all: readonly Source[]): string[] => all
  .flatMap(imports)
  .filter(({ to }) => /\.tsx?$/.test(to))
  .filter((one) => !allowed(one))
  .map(({ from, to, line }) => `${from}:${line} imports ${to}`)

/** Who defines imports by name what authors import: so do the projects of others. The package's own name would be what was last built. */
const isMisnamed = ({ from, to, text }: Import): boolean => /^sovrane(\/|$)/.test(to)
  || (/^(resources\/|plugins\/|app\.ts)/.test(from) && room(to) === 'define' && text !== '#sovrane')

const wrongNames = (all: readonly Source[]): string[] => all
  .flatMap(imports)
  .filter(isMisnamed)
  .map(({ from, text, line }) => `${from}:${line} imports ${text}`)

describe('architecture: arrows', () => {
  it('lead to what authors import by its name, #sovrane', () => {
    expect(wrongNames(sources())).to.deep.equal([])
    for (const text of ['../core/define/index.ts', '../core/define/fields.ts', 'sovrane', 'sovrane/testing'])
      expect(wrongNames([{ path: 'resources/site.ts', text: `import { id } from '${text}'` }]), text).to.have.length(1)
    expect(wrongNames([{ path: 'resources/site.ts', text: "import { id } from '#sovrane'" }])).to.deep.equal([])
  })

  it('point down', () => {
    expect(wrongArrows(sources())).to.deep.equal([])
  })

  it('point down between the folders of core, each of which has its floor', () => {
    expect(climbing(sources())).to.deep.equal([])
    const folders = new Set(sources().flatMap(({ path }) => /^core\/([\w-]+)\//.exec(path)?.[1] ?? []))
    expect([...folders].toSorted()).to.deep.equal([...floors, 'migrations'].toSorted())
  })

  for (const [path, to, climbs] of [
    ['core/model/compile.ts', '../boot/assemble.ts', true],
    ['core/define/index.ts', '../change/feed.ts', true],
    ['core/call/repeated.ts', '../crud/select.ts', true],
    ['core/crud/select.ts', '../call/operation.ts', false],
    ['core/crud/get.ts', './list.ts', false],
  ] as const) {
    it(`${climbs ? 'catches' : 'lets'} ${path} import ${to} as a ${climbs ? 'climb' : 'step down'}`, () => {
      expect(climbing([{ path, text: `import type { x } from '${to}'` }])).to.have.length(climbs ? 1 : 0)
    })
  }

  const cases: readonly [string, string, boolean][] = [
    ['core/crud/get.ts', '../../resources/site.ts', false],
    ['core/crud/get.ts', '../../plugins/auth/index.ts', false],
    ['core/boot/start.ts', '../../app.ts', false],
    ['core/boot/start.ts', '../define/app.ts', true],
    ['core/define/app.ts', '../boot/start.ts', false],
    ['core/define/app.ts', './call.ts', true],
    ['resources/site.ts', '../plugins/auth/index.ts', false],
    ['resources/site.ts', '#sovrane', true],
    ['client/a.ts', '#sovrane', true],
    ['core/define/app.ts', '../../resources/site.ts', false],
    ['plugins/auth/index.ts', '../../resources/user.ts', false],
    ['plugins/auth/index.ts', '../../resources/directory.ts', true],
    ['core/crud/get.ts', '../../resources/directory.ts', false],
    ['plugins/auth/command.ts', '../../app.ts', false],
    ['cli/program.ts', '../core/boot/command.ts', true],
    ['cli/program.ts', '../plugins/auth/index.ts', false],
    ['cli/program.ts', '../app.ts', false],
    ['plugins/mfa/index.ts', '../auth/index.ts', true],
    ['plugins/mfa/index.ts', '../auth/tokens.ts', false],
    ['plugins/auth/index.ts', './tokens.ts', true],
    ['app.ts', './resources/site.ts', true],
    ['main.ts', './test/support/room.ts', false],
    ['testing/server.ts', '../core/boot/server.ts', true],
    ['testing/server.ts', '../app.ts', false],
    ['testing/server.ts', '../test/kit/place.ts', false],
    ['core/boot/start.ts', '../../testing/server.ts', false],
    ['cli/init.ts', '../testing/index.ts', false],
    ['test/regression/a.test.ts', '../../core/boot/start.ts', true],
  ]
  for (const [path, to, fine] of cases) {
    it(`${fine ? 'lets' : 'catches'} ${path} import ${to}`, () => {
      expect(wrongArrows([{ path, text: `import type { x } from '${to}'` }])).to.have.length(fine ? 0 : 1)
    })
  }
})
