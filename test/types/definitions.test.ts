// The types of definitions refuse what is wrong, and in words that name it: compiled by tsc, since only it can tell.
import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
const run = promisify(execFile)

/** What the compiler says of sources beside this file; nothing when it is content. */
const compile = async (sources: Readonly<Record<string, string>>): Promise<string> => {
  // A leading dot and the name keep it out of the compiler's, the linter's and git's way.
  const directory = fileURLToPath(new URL(`.cost-types-${process.pid}/`, import.meta.url))
  mkdirSync(directory, { recursive: true })
  try {
    writeFileSync(join(directory, '.gitignore'), '*\n')
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({
      extends: '../../../tsconfig.json', include: ['./*.ts', '../definitions.ts'],
    }))
    for (const [name, text] of Object.entries(sources)) writeFileSync(join(directory, name), text)
    return await run(process.execPath, [tsc, '-p', directory, '--noEmit', '--pretty', 'false']).then(({ stdout }) => stdout,
      (failure: unknown) => {
      if (failure instanceof Error && 'stdout' in failure) return String(failure.stdout)
      throw failure
    })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

describe('types: definitions', function () {
  this.timeout(120_000)

  it('accept what is right and refuse what is wrong; the refusal names what is wrong', async () => {
    // One run of the compiler: the good and bad lines of definitions.ts, and two bad apps whose messages are read.
    const output = await compile({
      'bad.ts': `// A relation that leads nowhere, and a field that is none.
import { object } from 'yup'
import { defineApp, defineResource, id, label, many, one, type Authority } from '../../../core/define/index.ts'
declare const authority: Authority
const migrations = new URL('file:///')
const book = defineResource({ name: 'book', schema: object({ shelfId: id() }), relations: { shelf: one('shelv', { via: 'shelfId' }) } })
defineApp({ resources: [book], plugins: [], authority, migrations })
const shelf = defineResource({ name: 'shelv', schema: object({}), relations: { books: many('book', { inverse: 'shelves' }) } })
defineApp({ resources: [book, shelf], plugins: [], authority, migrations })
defineResource({ name: 'page', schema: object({ label: label(5) }), list: { sort: ['lable'] } })
`,
    })
    const errors = output.split('\n').filter((line) => line.includes('error TS'))
    expect(errors.filter((line) => !line.includes('bad.ts')), 'definitions.ts').to.deep.equal([])
    expect(errors).to.have.length(3)
    expect(errors[0]).to.include('book points to unknown resource \\"shelv\\"')
    expect(errors[1]).to.include('shelv.books is the inverse of no relation to it')
    expect(errors[2]).to.include('"lable"').and.to.include('"label"')
  })
})
