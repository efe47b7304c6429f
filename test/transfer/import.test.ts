// Imports of CSV: what they do, in whose name, and that a broken file changes nothing and is told line by line.
import { expect } from 'chai'
import { onAnyDatabase } from '../kit/databases.ts'
import type { Row } from '../kit/replies.ts'
import { allRows, exporting, filePlace, importing, openApp } from './files.ts'

onAnyDatabase('transfer: import', (kind) => {
  const place = filePlace()
  const server = openApp(kind)
  after(() => place.remove())

  const importCsv = (resource: string, lines: readonly string[], ...options: readonly string[]) =>
    importing(server(), '--resource', resource, ...options, place.write(`${lines.join('\n')}\n`))
  const rows = (resource: string): Promise<Row[]> => allRows(server(), resource)
  const count = async (resource: string): Promise<number> => (await rows(resource)).length
  const entries = async (where = 'true'): Promise<number> => {
    const found: { rows: { count: number }[] } = await server().database.knex.raw(`select count(*)::int from audit_entries where ${where}`)
    return found.rows[0]?.count ?? 0
  }
  const numbers = ({ created, updated, unchanged, refused, end }: Awaited<ReturnType<typeof importCsv>>): unknown[] =>
    [created, updated, unchanged, refused, end]

  it('makes a tree in several passes, in whatever order its lines come', async () => {
    const lines = ['label,parent', 'Upper,Sales/North', 'North,Sales', 'Sales,', '"A/B",Sales', 'Under,Sales/A\\/B']
    const done = await importCsv('department', lines)
    expect(numbers(done)).to.deep.equal([5, 0, 0, 0, 'done'])
    const byId = new Map((await rows('department')).map((row) => [row['id'], row]))
    const path = (row: Row | undefined): string => (row ? `${path(byId.get(row['parentId']))}>${String(row['label'])}` : '')
    expect([...byId.values()].map(path).toSorted()).to.deep.equal([
      '>Sales', '>Sales>A/B', '>Sales>A/B>Under', '>Sales>North', '>Sales>North>Upper',
    ])
  })

  it('is the same row again by its external id, whatever has moved, and changes what differs alone', async () => {
    await importCsv('site', ['externalId,label', 's1,Lyon', 's2,Nairobi'])
    const before = await rows('site')
    const feed = await entries("action = 'site-update'")
    const moved = ['externalId,label', 's2,Nairobi', 's1,Lyon 2', 's3,Kyoto']
    expect(numbers(await importCsv('site', moved))).to.deep.equal([1, 1, 1, 0, 'done'])
    const after = await rows('site')
    expect(after.map(({ id }) => id).slice(0, 2)).to.deep.equal(before.map(({ id }) => id))
    expect(after.map(({ label, version }) => [label, version])).to.deep.equal([['Lyon 2', 2], ['Nairobi', 1], ['Kyoto', 1]])
    expect(await entries("action = 'site-update'") - feed, 'audit entries of updates').to.equal(1)
  })

  it('takes the same file again for done, also where its lines have no name', async () => {
    const lines = ['name,description', 'Divers,"two\nlines"', 'Divers,"two\nlines"', 'Climbers,']
    expect(numbers(await importCsv('group', lines))).to.deep.equal([3, 0, 0, 0, 'done'])
    expect(numbers(await importCsv('group', lines))).to.deep.equal([0, 0, 3, 0, 'done'])
    expect(numbers(await importCsv('group', [...lines, 'Sailors,']))).to.deep.equal([1, 0, 3, 0, 'done'])
    expect((await rows('group')).map(({ name }) => name)).to.deep.equal(['Divers', 'Divers', 'Climbers', 'Sailors'])
  })

  it('finds what lines refer to by what it is called, and links roles and groups', async () => {
    await importCsv('role', ['label,permissions', 'Clerk,read-users; read-user', 'Guest,'])
    const done = await importCsv('user', [
      'externalId;First name;Last name;E-Mail;department;site;roles;team;metadata',
      'p1;Ada;Lovelace;Ada@Example.com;Sales/North;Lyon 2;Clerk; Climbers;"{""a"": [1]}"',
      'p2;Grace;Hopper;grace@example.com;;;"Clerk\\; x";;',
    ], '--map', 'team=group.members', '--skip-refused')
    expect(done.warned).to.deep.equal(['line 3: roles: there is no role "Clerk; x"'])
    expect(numbers(done)).to.deep.equal([1, 0, 0, 1, 'done'])
    const [ada] = (await rows('user')).filter(({ email }) => email === 'ada@example.com')
    const [north] = (await rows('department')).filter(({ label }) => label === 'North')
    const roles = await rows('role')
    expect(ada).to.deep.include({ departmentId: north?.['id'], metadata: { a: [1] }, status: 'active', createdBy: null })
    expect(ada?.['roles']).to.deep.equal(roles.filter(({ label }) => label === 'Clerk').map(({ id }) => id))
    const climbers = (await rows('group')).find(({ name }) => name === 'Climbers')
    const members = await server().act('group-members-request', { id: climbers?.['id'] }, {})
    expect((members['items'] as Row[]).map(({ id }) => id)).to.deep.equal([ada?.['id']])
  })

  it('recognises who is there already by a key', async () => {
    const lines = ['email,firstName,lastName,externalId', 'ADA@example.com,Augusta,Lovelace,hr-7']
    expect(numbers(await importCsv('user', lines, '--key', 'email'))).to.deep.equal([0, 1, 0, 0, 'done'])
    expect(numbers(await importCsv('user', ['externalId,firstName', 'hr-7,Ada']))).to.deep.equal([0, 1, 0, 0, 'done'])
  })

  it('sets a password on new people alone', async () => {
    const lines = ['externalId,firstName,lastName,email,password', 'pw,New,Person,new@example.com,quite-A-long-one-42']
    expect(numbers(await importCsv('user', lines))).to.deep.equal([1, 0, 0, 0, 'done'])
    expect(numbers(await importCsv('user', lines))).to.deep.equal([0, 0, 1, 0, 'done'])
    expect(await exporting(server(), place, '--resource', 'user')).to.include('new@example.com').and.to.not.match(/password|quite-A/)
  })

  it('changes nothing in a dry run, and says what it would do and refuse', async () => {
    const before = [await rows('site'), await rows('department'), await entries()]
    const lines = ['externalId,label', 's1,Paris', 's9,Oslo', 's3,Kyoto', `s8,${'x'.repeat(200)}`]
    const dry = await importCsv('site', lines, '--dry-run', '--skip-refused')
    expect(dry.said[0]).to.match(/of 4 records would create 1, update 1, leave 1 as they are, refuse 1, in .+ s, as the system$/)
    const tree = await importCsv('department', ['label,parent', 'Low,Top/Middle', 'Middle,Top', 'Top,'], '--dry-run')
    expect(numbers(tree)).to.deep.equal([3, 0, 0, 0, 'done'])
    const taken = await importCsv('user', ['firstName,lastName,email', 'A,B,ada@example.com', 'C,D,c@example.com'], '--dry-run')
    expect(taken.warned).to.deep.equal(['line 2: email: is taken by another row'])
    expect(numbers(taken)).to.deep.equal([1, 0, 0, 1, 'done'])
    expect([await rows('site'), await rows('department'), await entries()]).to.deep.equal(before)
  })

  it('is in the name of whom it is told to be, with their rights, their audit entries and no more', async () => {
    const { id: clerk } = await server().act('user-create', { firstName: 'C', lastName: 'D', email: 'clerk@example.com' }, {})
    const refused = await importCsv('site', ['label', 'Bergen', 'Turku'], '--as', 'clerk@example.com')
    expect(refused.warned).to.deep.equal(['line 2: needs the permission "manage-sites"', 'line 3: needs the permission "manage-sites"'])
    expect(await entries(`actor_id = '${String(clerk)}' and action like 'site-create%' and level = 'warning'`)).to.be.greaterThan(0)
    const filter = { permissionKey: { in: ['manage-sites', 'read-sites', 'read-site'] } }
    const { items } = await server().act('permission-list-request', { filter }, {})
    for (const { id: permissionId } of items as Row[]) await server().act('user-add-permission', { id: clerk, permissionId }, {})
    const done = await importCsv('site', ['label', 'Bergen', 'Turku'], '--as', 'clerk@example.com')
    expect(numbers(done)).to.deep.equal([2, 0, 0, 0, 'done'])
    expect(done.said[0]).to.match(/as clerk@example\.com$/)
    expect((await rows('site')).filter(({ createdBy }) => createdBy === clerk).map(({ label }) => label)).to.deep.equal(['Bergen', 'Turku'])
    expect(await entries(`actor_id = '${String(clerk)}' and action = 'site-create' and level = 'info'`)).to.equal(2)
    await server().act('user-update', { id: clerk, status: 'suspended' }, {})
    const refusal = (as: string): Promise<string> =>
      importCsv('site', ['label', 'Riga'], '--as', as).then(() => 'done', (error: Error) => error.message)
    expect(await refusal('clerk@example.com')).to.match(/authenti|session|token/i)
    expect(await refusal('no@example.com')).to.equal('--as: there is no user "no@example.com"')
  })

  it('says of a single record what the database refuses, as of many', async () => {
    const taken = ['line 2: email: is taken by another row']
    const lines = ['externalId,firstName,lastName,email', 'one,O,Ne,one@example.com', 'two,T,Wo,two@example.com']
    expect(numbers(await importCsv('user', lines))).to.deep.equal([2, 0, 0, 0, 'done'])
    for (const options of [[], ['--dry-run']]) {
      for (const line of [['firstName,lastName,email', 'A,B,one@example.com'], ['externalId,email', 'two,one@example.com']])
        expect((await importCsv('user', line, ...options)).warned, `${String(line[1])} ${options.join()}`).to.deep.equal(taken)
    }
  })

  describe('external ids', () => {
    const reader = 'reader@example.com'
    const made: Record<string, string> = {}
    const grant = async (...keys: readonly string[]): Promise<void> => {
      const { items } = await server().act('permission-list-request', { filter: { permissionKey: { in: keys } } }, {})
      for (const { id: permissionId } of items as Row[])
        await server().act('user-add-permission', { id: made['reader'], permissionId, scopeId: made['Open'] }, {})
    }

    before(async () => {
      const make = async (name: string, event: string, payload: object): Promise<void> => {
        made[name] = String((await server().act(event, { ...payload }, {}))['id'])
      }
      for (const label of ['Open', 'Shut']) await make(label, 'department-create', { label: `${label} place` })
      await importCsv('department', ['externalId,id', `ext-open,${String(made['Open'])}`, `ext-shut,${String(made['Shut'])}`])
      await make('reader', 'user-create', { firstName: 'Re', lastName: 'Ader', email: reader })
      for (const [name, place] of [['near', 'Open'], ['far', 'Shut']] as const)
        await make(name, 'user-create', { firstName: name, lastName: 'Ids', email: `${name}@example.com`, departmentId: made[place] })
      await importCsv('user', ['externalId,id', `hr-far,${String(made['far'])}`])
      await grant('read-user', 'read-users', 'create-user')
    })

    const namesOf = (name: string): Promise<string[]> => server().database.knex('transfer_ids').where('external_id', name).pluck('row_id')

    it('of rows that the importer may not list stay theirs', async () => {
      const line = 'line 2: externalId: is that of a row that the importer may not list'
      for (const lines of [
        ['externalId,id,firstName', `hr-far,${String(made['near'])},near`],
        ['externalId,firstName,lastName,email,department.id', `hr-far,Fake,Far,fake@example.com,${String(made['Open'])}`],
      ]) expect((await importCsv('user', lines, '--as', reader)).warned).to.deep.equal([line])
      expect(await namesOf('hr-far')).to.deep.equal([made['far']])
    })

    it('are given by who may change the row, and by no one else', async () => {
      const lines = ['externalId,id,firstName', `hr-near,${String(made['near'])},near`]
      const refused = ['line 2: externalId: needs the permission "update-user" on the row']
      for (const options of [[], ['--dry-run']])
        expect((await importCsv('user', lines, '--as', reader, ...options)).warned).to.deep.equal(refused)
      expect(await namesOf('hr-near')).to.deep.equal([])
      await grant('update-user')
      expect(numbers(await importCsv('user', lines, '--as', reader))).to.deep.equal([0, 0, 1, 0, 'done'])
      expect(await namesOf('hr-near')).to.deep.equal([made['near']])
    })

    it('tell no one of rows that they may not list', async () => {
      const told = async (name: string): Promise<string> => {
        const lines = ['firstName,lastName,email,department.externalId', `A,B,${name}@example.com,${name}`]
        return (await importCsv('user', lines, '--as', reader, '--dry-run')).warned.join().replaceAll(name, 'it')
      }
      expect(await told('ext-shut')).to.equal(await told('ext-nowhere'))
      expect(await told('ext-open'), 'who may not list finds none of them').to.equal(await told('ext-nowhere'))
      const columns = ['--resource', 'user', '--columns', 'email,department.externalId']
      expect(await exporting(server(), place, ...columns)).to.include('ext-open')
      const seen = await exporting(server(), place, ...columns, '--as', reader).catch(({ message }: Error) => message)
      expect(seen).to.not.include('ext-open')
    })
  })

  describe('of a broken file', () => {
    const broken: readonly (readonly [string, string, readonly string[], readonly (string | RegExp)[]])[] = [
      ['a wrong width', 'site', ['label', 'Good', 'a,b', 'c,d,e'], [
        'line 3: has 2 cells where the first line has 1', 'line 4: has 3 cells where the first line has 1']],
      ['a value that is not one', 'user', ['firstName,lastName,email,status,metadata', 'A,B,a@b.c,odd,{', ',B,no address,active,'], [
        'line 2: metadata: must be JSON',
        /^line 3: email: must be an e-mail address.*firstName: (?:is required|may not be null|must not be empty)|^line 3: firstName.*email/]],
      ['an external id twice', 'site', ['externalId,label', 'x1,A', 'x2,B', 'x1,C'], ['line 4: externalId "x1" is in line 2 already']],
      ['an unknown reference', 'department', ['label,site,parent', 'A,Atlantis,', 'B,,Nowhere/At all', 'C,id:none,'], [
        'line 2: site: there is no site "Atlantis"', 'line 3: parent: there is no department "Nowhere"',
        'line 4: site: there is no site with the id "none"']],
      ['a reference to several', 'user', ['firstName,lastName,email,group.members', 'A,B,a@b.example,Divers'], [
        /^line 2: group\.members: there are 2 group "Divers": say which by its id, as id:/]],
      ['a cycle', 'department', ['externalId,label,parent.externalId', 'c1,A,c3', 'c2,B,c1', 'c3,C,c2', 'c4,D,c1'], [
        'line 2: is its own ancestor by what the file says', 'line 3: is its own ancestor by what the file says',
        'line 4: is its own ancestor by what the file says']],
    ]
    for (const [what, resource, lines, warnings] of broken) {
      it(`changes nothing, and names each line: ${what}`, async () => {
        const before = [await count(resource), await entries()]
        const result = await importCsv(resource, lines)
        expect(result.end).to.equal('refused')
        warnings.forEach((warning, at) => (typeof warning === 'string'
          ? expect(result.warned[at]).to.equal(warning) : expect(result.warned[at]).to.match(warning)))
        expect(result.warned).to.have.length(warnings.length)
        expect([await count(resource), await entries()]).to.deep.equal(before)
      })
    }

    const whole: readonly (readonly [string, readonly string[], RegExp])[] = [
      ['an unknown column', ['label,colour', 'A,red'], /^column "colour" is not known; site has externalId, id, label\. Say --map "colour=…"/],
      ['a read-only column', ['label,createdAt', 'A,now'], /^column "createdAt" is not written by anyone: leave it out with --without createdAt$/],
      ['a column twice', ['label,label', 'A,B'], /^two columns are called "label"$/],
      ['a column by two names', ['label,Label', 'A,B'], /^columns "label" and "Label" are both label$/],
      ['a column without a name', ['label,', 'A,B'], /^column 2 has no name$/],
      ['an unclosed quote', ['label', 'A', '"B', 'C'], /line 3: a quote is opened and never closed$/],
    ]
    for (const [what, lines, message] of whole) {
      it(`changes nothing, and says so of the whole file: ${what}`, async () => {
        const before = await count('site')
        expect(await importCsv('site', lines).then(() => 'done', (error: Error) => error.message)).to.match(message)
        expect(await count('site')).to.equal(before)
      })
    }

    it('refuses an unknown resource by name, with those there are', async () => {
      expect(await importCsv('sites', ['label', 'A']).then(() => 'done', (error: Error) => error.message))
        .to.match(/^--resource: "sites" is not known; there are permission, role, site, /)
    })

    it('keeps what was refused so that it can be mended and imported', async () => {
      const given = ['label,externalId', '"=Good, ""first""",g1', 'Bad\u0007,g2', 'x', 'Fine,g3']
      const first = await importCsv('site', given, '--skip-refused')
      expect(numbers(first)).to.deep.equal([2, 0, 0, 2, 'done'])
      const [head, ...lines] = (first.refusedFile ?? '').trimEnd().split('\r\n')
      expect(head).to.equal('_reason,label,externalId')
      expect(lines).to.have.length(2)
      expect(lines[0]).to.match(/^"?label: .+,Bad\u0007,g2$/)
      expect(lines[1]).to.equal('has 1 cells where the first line has 2,x')
      const mended = [head ?? '', (lines[0] ?? '').replace('\u0007', ''), `${lines[1] ?? ''},g4`]
      expect(numbers(await importCsv('site', mended))).to.deep.equal([2, 0, 0, 0, 'done'])
      expect((await rows('site')).map(({ label }) => label)).to.include.members(['=Good, "first"', 'Fine', 'Bad', 'x'])
    })
  })

  it('names the rows that only the database refuses, and writes the others', async () => {
    const lines = Array.from({ length: 40 }, (_, at) => `f${at},l,${at % 10 === 3 ? 'ada@example.com' : `many${at}@example.com`}`)
    const done = await importCsv('user', ['firstName,lastName,email', ...lines])
    expect(done.warned).to.deep.equal([5, 15, 25, 35].map((line) => `line ${line}: email: is taken by another row`))
    expect(numbers(done)).to.deep.equal([36, 0, 0, 4, 'done'])
  })
})
