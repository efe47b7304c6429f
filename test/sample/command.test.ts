// `npm run seed`: what it adds, what it says on the way, and how it refuses.
import { join } from 'node:path'
import { expect } from 'chai'
import { openDatabase } from '../../core/db/database.ts'
import { ArgumentError } from '../../core/define/index.ts'
import { readArguments } from '../../plugins/sample/terminal.ts'
import { root } from '../docs/markdown.ts'
import { run, startProcess, type Ended } from '../docs/processes.ts'
import { onAnyDatabase, onEmbedded } from '../kit/databases.ts'
import { longTest } from '../kit/extent.ts'
import { cleanUp, freshEnvironment } from '../kit/place.ts'
import { program } from '../kit/program.ts'

const command = [...program('main.ts'), 'seed']

const seed = (environment: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Ended> =>
  run(root, [...command, ...args], environment, 100_000)

/** What is in the database, by SQL: the engine is what is tested. */
const look = async (environment: Readonly<Record<string, string>>, sql: string): Promise<Record<string, unknown>[]> => {
  const url = environment['DATABASE_URL']
  const database = await openDatabase({
    ...(url === undefined ? {} : { databaseUrl: url }), dataDir: environment['DATA_DIR'] ?? '', poolMax: 2, statementTimeout: 5000,
    acquireTimeout: 5000,
  })
  try {
    const result: { rows: Record<string, unknown>[] } = await database.knex.raw(sql)
    return result.rows
  } finally {
    await database.close()
  }
}

const numbers = `
  select (select count(*)::int from users) as users,
    (select count(*)::int from users where lower(email) like '%@aldermoor.example') as people,
    (select count(*)::int from sites) as sites, (select count(*)::int from departments) as departments,
    (select count(*)::int from departments where manager_id is null) as headless,
    (select count(*)::int from departments where parent_id is null) as roots,
    (select count(*)::int from groups) as groups,
    (select count(*)::int from group_members) as members,
    (select count(*)::int from role_permissions where scope_id is not null) as scoped,
    (select count(*)::int from users u where not exists (select 1 from user_roles r where r.user_id = u.id)) as powerless,
    (select count(*)::int from credentials) as passwords`

describe('npm run seed', function () {
  this.timeout(200_000)
  afterEach(cleanUp)

  onAnyDatabase('fills', (kind) => {
    it('a believable organisation, and adds to it when run again', async () => {
      const environment = await freshEnvironment(kind, 'empty')
      const first = await seed(environment, '--users', '50')
      expect({ code: first.code, err: first.err }).to.deep.equal({ code: 0, err: '' })
      expect(first.out).to.match(/^Adding 50 people to the (embedded database in|PostgreSQL at)/m)
        .and.to.match(/^People: 50\/50 \(100 %\)$/m).and.to.match(/^Done: 50 people in \d+ departments, in [\d.]+ s$/m)
      const [one = {}] = await look(environment, numbers)
      expect(one).to.include({ users: 51, people: 50, sites: 2, headless: 0, roots: 1, powerless: 0, passwords: 1 })
      expect(one['departments']).to.be.within(5, 25)
      expect([Number(one['members']), Number(one['scoped'])].every((count) => count > 0)).to.equal(true)

      const second = await seed(environment, '--users', '50')
      expect({ code: second.code, err: second.err }).to.deep.equal({ code: 0, err: '' })
      const [two = {}] = await look(environment, numbers)
      expect(two).to.include({ users: 101, people: 100, headless: 0, roots: 1, passwords: 1 })
      expect({ sites: two['sites'], departments: two['departments'], groups: two['groups'] }).to.deep.equal({
        sites: one['sites'], departments: one['departments'], groups: one['groups'],
      })
    })

    longTest('gives the same people for the same seed', async () => {
      const names = async (): Promise<unknown> => {
        const environment = await freshEnvironment(kind)
        await seed(environment, '--users', '12', '--seed', '5')
        return look(environment, "select first_name, last_name, email, status, locale, metadata from users where email like '%@aldermoor.example' order by created_at, id")
      }
      expect(await names()).to.have.length(12).and.to.deep.equal(await names())
    })
  })

  onEmbedded('beside a server', () => {
    it('refuses the embedded database of a running server, and says which process has it', async () => {
      const environment = await freshEnvironment('embedded')
      const server = await startProcess(root, environment)
      try {
        const { code, out, err } = await seed(environment, '--users', '5')
        expect({ code, out }).to.deep.equal({ code: 1, out: '' })
        expect(err).to.match(/^The database cannot be filled: The data directory .+ is in use by process \d+ on .+stop that process/)
      } finally {
        await server.stop()
      }
    })
  })

  longTest('says what is missing with DATABASE_URL alone', async () => {
    const { code, err } = await seed(
      { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', DATA_DIR: join(root, 'no-such-directory') }, '--users', '5',
    )
    expect(code).to.equal(1)
    expect(err).to.include('JWT_SECRET: is required with DATABASE_URL')
  })

  longTest('refuses wrong arguments with its help at hand', async () => {
    const { code, out, err } = await seed({ DATA_DIR: join(root, 'no-such-directory') }, '--users', 'many')
    expect({ code, out }).to.deep.equal({ code: 2, out: '' })
    expect(err).to.equal('--users must be a whole number from 1 to 1000000, not "many"\n\nnpx sovrane seed --help explains the options\n')
  })

  it('explains itself', async () => {
    const { code, out, err } = await seed({ DATA_DIR: join(root, 'no-such-directory') }, '--help')
    expect({ code, err }).to.deep.equal({ code: 0, err: '' })
    expect(out).to.include('npx sovrane seed --users 1000').and.to.include('--seed <n>')
  })
})

describe('npm run seed: arguments', () => {
  const right: readonly (readonly [readonly string[], ReturnType<typeof readArguments>])[] = [
    [[], { users: 1000, seed: 1 }],
    [['--users', '1'], { users: 1, seed: 1 }],
    [['--users=1000000', '--seed=0'], { users: 1_000_000, seed: 0 }],
    [['--seed', '4294967295'], { users: 1000, seed: 4_294_967_295 }],
    [['-h'], 'help'],
    [['--users', 'many', '--help'], 'help'],
  ]
  const reading = (args: readonly string[]) => readArguments(args, 'npm run seed --')
  for (const [args, read] of right) it(`reads ${args.join(' ') || 'none'}`, () => expect(reading(args)).to.deep.equal(read))

  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['--users', '0'], /^--users must be a whole number from 1 to 1000000, not "0"$/],
    [['--users', '12.5'], /^--users must be a whole number .+"12\.5"$/],
    [['--users', '1e3'], /^--users must be a whole number/],
    [['--users', ''], /^--users must be a whole number/],
    [['--users', '1000001'], /^--users must be a whole number/],
    [['--users', '9'.repeat(400)], /^--users must be a whole number .{1,100}$/],
    [['--users'], /--users <value>.+missing/],
    [['--users', '5', '--seed', '-1'], /--seed/],
    [['--seed', '4294967296'], /^--seed must be a whole number from 0 to 4294967295/],
    [['--user', '5'], /^Unknown option '--user'$/],
    [['1000'], /^Unexpected argument "1000"\. .+npm run seed -- --users 1000$/],
  ]
  for (const [args, message] of wrong) {
    it(`refuses ${args.join(' ').slice(0, 40)}`, () => expect(() => reading(args)).to.throw(ArgumentError, message))
  }
})
