// What `npm start` says to a person, and how the program ends when it cannot start: a sentence, exit code 1, nothing left running.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createLog } from '../../core/boot/log.ts'
import { root } from '../docs/markdown.ts'
import { run, startProcess, type Ended } from '../docs/processes.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { longTest } from '../kit/extent.ts'
import { cleanUp, freshEnvironment } from '../kit/place.ts'
import { program } from '../kit/program.ts'

describe('boot: the terminal', function () {
  this.timeout(200_000)
  afterEach(cleanUp)

  onAnyDatabase('a start', (kind) => {
    it('says first that it prepares the database, then where it listens', async () => {
      const server = await startProcess(root, await freshEnvironment(kind, 'empty'))
      const lines = server.out().split('\n')
      await server.stop()
      expect(lines[0]).to.equal('Preparing the database …')
      expect(lines.findIndex((line) => line.startsWith('  Listening on'))).to.be.greaterThan(lines.indexOf('Sovrane is ready.'))
    })

    for (const way of ['rejects', 'throws', 'text', 'leaves a timer']) {
      const test = way === 'rejects' ? it : longTest
      test(`whose plugin does not start ends with a sentence and exit code 1: it ${way}`, async () => {
        const ended: Ended = await run(
          root, [process.execPath, '--import=tsx', 'test/boot/failing-start.ts', way], { PORT: '0', ...await freshEnvironment(kind) },
          100_000,
        )
        expect(ended.err).to.equal('Sovrane cannot start: The plugin "printing" could not start: no printer is there\n')
        expect(ended.code).to.equal(1)
      })
    }
  })

  it('tells all keys that are missing, each once, and nothing of what depends on them', async () => {
    const { code, err } = await run(root, program('main.ts'), { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', PORT: '0' }, 100_000)
    expect(code).to.equal(1)
    const wanted = 'is required with DATABASE_URL, at least 32 random bytes. To make one: openssl rand -base64 48'
    expect(err)
      .to.equal(
        `The app cannot start:\n${['JWT_SECRET', 'AUDIT_KEY', 'MFA_ENCRYPTION_KEY'].map((name) => `  - ${name}: ${wanted}\n`).join('')}`,
      )
  })
})

describe('boot: the log', () => {
  const written = (environment: Readonly<Record<string, string>>, isTerminal: boolean): string => {
    const folder = mkdtempSync(join(tmpdir(), 'sovrane-log-'))
    const to = openSync(join(folder, 'log'), 'w')
    try {
      createLog({ environment, usual: 'info', isTerminal, to })
        .info({ user: { password: 'secret-word' }, password: 'secret-word' }, 'hello')
      return readFileSync(join(folder, 'log'), 'utf8')
    } finally {
      closeSync(to)
      rmSync(folder, { recursive: true })
    }
  }
  const isJson = (text: string): boolean => text.startsWith('{') && text.trim().split('\n').every((line) => JSON.parse(line) !== undefined)

  it('is JSON for machines and lines for people, unless LOG_FORMAT says otherwise; secrets are in neither', () => {
    for (const [format, isTerminal, json] of [
      ['', false, true], ['auto', true, false], ['', true, false], ['json', true, true], ['pretty', false, false],
    ] as const) {
      const text = written({ LOG_FORMAT: format }, isTerminal)
      expect(isJson(text), `${format} ${String(isTerminal)}: ${text}`).to.equal(json)
      expect(text).to.include('hello').and.not.include('secret-word')
    }
  })

  it('has colours only at a terminal that likes them', () => {
    const escape = String.fromCodePoint(27)
    expect(written({}, true)).to.include(escape)
    expect(written({ NO_COLOR: '1' }, true)).to.not.include(escape)
    expect(written({ LOG_FORMAT: 'pretty' }, false)).to.not.include(escape)
  })
})
