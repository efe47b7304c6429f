// Core knows no resource and no plugin by name: whatever it can do, it can do for a definition that it has never seen.
import { expect } from 'chai'
import { named } from './names.ts'
import type { Exception, Vocabulary } from './names.ts'
import { files, sources } from './sources.ts'

/** By the definitions, wherever they are: a plugin may bring a resource. */
const resourceNames = sources()
  .filter(({ path }) => /^(resources|plugins)\//.test(path))
  .flatMap(({ text }) => [...text.matchAll(/\bdefineResource\(\s*\{\s*name: '([\w-]+)'/g)].flatMap((match) => match[1] ?? []))
const pluginNames = files().flatMap((path) => /^plugins\/([\w-]+)\//.exec(path)?.[1] ?? [])
const names = [...new Set([...resourceNames, ...pluginNames])]

/** A comment may say "the user's own definition" or "a group of rows". */
const ordinary = new Set([
  'user', 'role', 'site', 'group', 'permission', 'auth', 'mail', 'config', 'configuration', 'sample', 'audit',
  'metrics', 'settings', 'session', 'sessions', 'seed', 'key',
])

const exceptions: readonly Exception[] = [
  {
    name: 'permission', words: ['permission', 'permissions'],
    reason: "the contract's word for a key: definitions name one, `forbidden` reports one",
  },
  { name: 'user', words: ['userAgent', 'user-agent'], reason: 'the HTTP header' },
  { name: 'user', words: ['userId'], under: 'core/transport/', reason: 'a field of the contract\'s `session` event (§1)' },
  { name: 'user', words: ['userId'], under: 'core/describe/', reason: 'the same, described' },
  { name: 'group', words: ['groupBy'], reason: 'knex\'s and SQL\'s word' },
  { name: 'auth', words: ['auth'], under: 'core/transport/', reason: 'the namespace `/auth` of the contract, and Socket.IO\'s `handshake.auth`' },
  { name: 'config', words: ['config'], reason: 'an argument of a plugin\'s `setup`' },
  {
    name: 'config',
    words: ['Config', 'MigratorConfig', 'MigratorConfigWithLifecycleHooks', 'ConnectionConfigProvider', 'PgConnectionConfig', 'migrationConfig', 'embeddedConfig', 'postgresConfig', 'commandLineConfig', 'CustomTypesConfig', 'makeConfig'],
    under: 'core/db/',
    reason: 'knex\'s and pg\'s types, and what makes them',
  },
  {
    name: 'config',
    words: ['embeddedConfig', 'migrationConfig', 'postgresConfig', 'makeConfig', 'databaseConfig', 'Config', 'commandLineConfig'],
    under: 'core/boot/command-line.ts',
    reason: 'knex\'s and pg\'s types, and what makes them',
  },
  { name: 'config', words: ['set_config'], reason: 'PostgreSQL\'s function' },
  { name: 'config', words: ['npm_config_loglevel'], under: 'core/boot/output.ts', reason: 'npm\'s variable' },
  { name: 'permission', words: ['permissionKeys'], reason: 'the contract\'s word for a key' },
  { name: 'auth', words: ['getAuthTag', 'setAuthTag', 'authTagLength'], under: 'core/define/sealing.ts', reason: 'node:crypto\'s words' },
  { name: 'role', words: ['session_replication_role'], reason: 'PostgreSQL\'s setting' },
  { name: 'user', words: ['user'], under: 'core/db/session.ts', reason: 'a context of PostgreSQL\'s settings' },
  { name: 'jobs', words: ['job', 'jobs'], under: 'core/generate/plugin.ts', reason: 'what is written for authors has a job' },
  { name: 'jobs', words: ['job', 'jobs'], under: 'core/boot/new.ts', reason: 'the same: the app must have what does jobs' },
  {
    name: 'user', words: ['current_user', 'session_user', 'user'], under: 'core/generate/names.ts', reason: 'reserved words of SQL',
  },
  { name: 'role', words: ['current_role'], under: 'core/generate/names.ts', reason: 'the same' },
  { name: 'group', words: ['group'], under: 'core/generate/names.ts', reason: 'the same' },
  { name: 'mail', words: ['e-mail'], reason: 'the kind of a field' },
  { name: 'console', words: ['console'], under: 'core/boot/command-line.ts', reason: 'the global object that prints' },
]

const vocabulary: Vocabulary = { names, ordinary, exceptions }

describe('architecture: ignorance', () => {
  it('knows which names to look for', () => {
    const definitions = sources().filter(({ path, text }) => /^(resources|plugins)\//.test(path) && /\bdefineResource\(/.test(text))
    expect(resourceNames).to.include('site').and.to.have.length.at.least(definitions.length)
  })

  it('core names no resource and no plugin', () => {
    const core = sources().filter(({ path }) => path.startsWith('core/'))
    expect(core).to.not.have.length(0)
    expect(core.flatMap((source) => named(source, vocabulary))).to.deep.equal([])
  })

  const known: Vocabulary = {
    ...vocabulary, names: ['user', 'department', 'group', 'site', 'permission', 'auth', 'invitations', 'first-run'],
  }
  const hits = (text: string, path = 'core/crud/get.ts'): number => named({ path, text }, known).length

  const bad = [
    "if (name === 'user') x()", "const t = 'users'", 'const a = userId', 'isUser(row)', "'user_id'", "on('user-create')", 'USER_TABLE',
    'findUserById()', "import { site } from './x.ts'", '`select id from users where a = ${b}`', "raw('update users set a = 1')",
    "'department is in use here'", '// as a department does', "const groups = 'members'", 'row.departmentId', '"invitation"',
    'const firstRun = 1', "'auth-login'", 'const auth = 1', 'permissionGrants()', '/^user-/.test(event)', "from('users as u')",
    "'a list of user_roles here'",
  ]
  for (const text of bad) it(`catches ${text}`, () => expect(hits(text)).to.be.greaterThan(0))

  const good = [
    "// the user's own rows, a group of them", "throw new Error('only the user may do that')",
    "raw('select a, count(*) from t group by a')", 'q.groupBy(x)', "headers['user-agent']", 'forbidden(permission)',
    'userlandOnly()', "'website'", 'authorise(row)', 'const author = 1', 'first.run()', 'groupedRows',
  ]
  for (const text of good) it(`lets ${text}`, () => expect(hits(text)).to.equal(0))

  it('keeps an exception to its place', () => {
    expect(hits("emit('session', { userId })", 'core/transport/socket.ts')).to.equal(0)
    expect(hits("emit('session', { userId })", 'core/crud/get.ts')).to.equal(1)
  })
})
