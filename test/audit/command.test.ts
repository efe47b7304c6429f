// `npm run audit`: verifies, exports line by line, and says what is wrong with its arguments.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { ArgumentError } from '../../core/define/index.ts'
import { readArguments } from '../../plugins/audit/arguments.ts'
import { open, temporaryDirectory } from '../db/support.ts'
import { root } from '../docs/markdown.ts'
import { run, type Ended } from '../docs/processes.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { longTest } from '../kit/extent.ts'
import { cleanUp, freshEnvironment } from '../kit/place.ts'
import { program } from '../kit/program.ts'

/** The command in an environment. */
const auditIn = (environment: Readonly<Record<string, string>>) => (...args: readonly string[]): Promise<Ended> =>
  run(root, [...program('main.ts'), 'audit', ...args], environment, 100_000)

describe('npm run audit', function () {
  this.timeout(200_000)
  afterEach(cleanUp)

  it('reads its arguments', () => {
    expect(readArguments([])).to.equal('help')
    expect(readArguments(['verify'])).to.deep.equal({ command: 'verify' })
    expect(readArguments(['export', '--format', 'jsonl', '--from', '2026-01-01', '--to', '2026-01-31T09:00:00Z']))
      .to.deep.equal({ command: 'export', from: '2026-01-01', to: '2026-01-31T09:00:00Z' })
    for (const wrong of [
      ['erase'], ['verify', 'twice'], ['export', '--format', 'csv'], ['verify', '--from', 'yesterday'], ['verify', '--to'],
      ['verify', '--what', 'x'], ['export', '--from', '2026-02-02', '--to', '2026-02-01'],
    ]) {
      expect(() => readArguments(wrong), wrong.join(' ')).to.throw(ArgumentError)
    }
  })

  onAnyDatabase('on a database', (kind) => {
    it('verifies, exports, and finds what was altered', async () => {
      const environment = await freshEnvironment(kind)
      const audit = auditIn(environment)
      // The first start makes the administrator, which leaves entries.
      const first = await audit('verify')
      expect(first.err).to.match(/^ok: \d+ entries$/m)
      expect(first.code).to.equal(0)
      const exported = await audit('export', '--format', 'jsonl')
      const lines = exported.out.trim().split('\n').map((line): unknown => JSON.parse(line))
      expect(lines).to.have.length.at.least(2)
      for (const line of lines) expect(line).to.include.keys('id', 'timestamp', 'action', 'details', 'position', 'seal')
      expect(exported.err).to.match(new RegExp(`^${lines.length} entries$`, 'm')).and.to.match(/^head \d+ [\w-]{43}$/m)
      expect((await audit('export', '--to', '2001-01-01')).out).to.equal('')
      const database = await open({
        dataDir: environment['DATA_DIR'] ?? '',
        ...(environment['DATABASE_URL'] === undefined ? {} : { databaseUrl: environment['DATABASE_URL'] }),
      })
      await database.knex.raw('alter table audit_entries disable trigger user')
      await database.knex.raw("update audit_entries set action = 'x' where id = (select id from audit_seals where pos = 2)")
      await database.close()
      const second = await audit('verify')
      expect(second.code).to.equal(1)
      expect(second.err).to.match(/^ALTERED \(edited\) at [\w-]{36}, after 2 entries were checked$/m)
      expect((await audit('erase')).code).to.equal(2)
    })

    longTest('writes a file, or what a shell makes of its output, with no line of npm in it', async () => {
      const environment = await freshEnvironment(kind)
      const audit = auditIn(environment)
      const exported = await audit('export', '--format', 'jsonl')
      // As the page has it, and as a shell redirects it: npm's own lines are in neither file, whatever was there before.
      const folder = await temporaryDirectory()
      const [named, redirected] = [join(folder, 'named.jsonl'), join(folder, 'redirected.jsonl')]
      const npm = (command: string): Promise<Ended> =>
        run(root, ['sh', '-c', command], { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...environment }, 100_000)
      expect(await audit('export', '--format', 'jsonl', '--output', named)).to.include({ code: 0 })
      expect(await npm(`npm run audit -- export --format jsonl > ${redirected}`)).to.include({ code: 0 })
      expect(await npm(`npm run audit -- export --format jsonl >> ${redirected}`)).to.include({ code: 0 })
      expect((await npm('npm run -s audit -- export --format jsonl')).out).to.equal(exported.out)
      expect(await readFile(named, 'utf8')).to.equal(exported.out)
      expect(await readFile(redirected, 'utf8')).to.equal(exported.out.repeat(2))
      const again = await audit('export', '--output', named)
      expect(again.code).to.equal(1)
      expect(again.err).to.include('is there already, and is not written over')
      // A pipe cannot be cleaned: it is refused before anything is written.
      const piped = await npm('npm run audit -- export --format jsonl')
      expect(piped.code).to.equal(2)
      expect(piped.err).to.include('npm run -s audit')
      expect((await audit()).code).to.equal(2)
      expect(await audit('--help')).to.include({ code: 0, err: '' })
    })
  })
})
