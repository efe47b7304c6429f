// The page about imports: its files are written as they stand, and its commands do what it says.
import { existsSync } from 'node:fs'
import { expect } from 'chai'
import { app } from '../../app.ts'
import { readExport } from '../../plugins/transfer/arguments.ts'
import { performExport } from '../../plugins/transfer/program.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { startApp, type RunningApp } from '../kit/server.ts'
import { filePlace, importing } from '../transfer/files.ts'
import { blocksOf, read } from './markdown.ts'

const page = read('docs/import.md')
const blocks = blocksOf(page)
const commands = [
  ...blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.trim().split('\n')),
  ...[...page.matchAll(/^`(npm run import -- [^`]+)`$/gm)].flatMap(([, command]) => command ?? []),
]

/** The words of a command line, as a shell takes them apart. */
const wordsOf = (command: string): string[] => [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')

onAnyDatabase('docs: rows in and out', (kind) => {
  const place = filePlace()
  let running: RunningApp | undefined
  before(async function () {
    this.timeout(60_000)
    running = await startApp(app, kind)
  })
  after(() => running?.stop())
  after(() => place.remove())

  it('does what it says', async function () {
    this.timeout(60_000)
    if (!running) throw new Error('The app has not started')
    const { server } = running
    for (const { path, text } of blocks) if (path !== '') place.write(text, path)
    const said: string[] = []
    for (const command of commands) {
      // The standard output of an export is a file here.
      const [, , name, ...rest] = wordsOf(command.replace(' -s ', ' ').replace('> ', ''))
      const argv = rest.slice(1).map((word) => (/\.(?:csv|jsonl|ldif)$/.test(word) ? place.path(word) : word))
      expect(`${String(name)} ${String(rest[0])}`, command).to.be.oneOf(['import --', 'export --'])
      if (name === 'import') {
        const { refused, said: lines, warned } = await importing(server, ...argv)
        expect(refused, `${command}\n${warned.join('\n')}`).to.equal(0)
        said.push(lines.at(-1) ?? '')
      } else {
        const wanted = readExport(argv)
        if (wanted === 'help') throw new Error(command)
        await performExport(server, wanted, { warn: () => undefined })
        expect(existsSync(String(wanted.output)), command).to.equal(true)
      }
    }
    expect(said).to.have.length(5)
    const withoutTime = (text = ''): string => text.replace(/in [\d.]+ s/, 'in a while').trim()
    const [told] = blocks.filter(({ text }) => text.startsWith('people.csv: of 3 records'))
    expect(withoutTime(said[3])).to.equal(withoutTime(told?.text))
    expect(said[2]).to.match(/would create 3, update 0, leave 0 as they are, refuse 0/)
  })
})
