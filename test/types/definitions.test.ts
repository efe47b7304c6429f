// The types of definitions refuse what is wrong, and in words that name it: compiled by tsc, since only it can tell.
import { expect } from 'chai'
import { errorsIn } from './compiler.ts'

describe('types: definitions', function () {
  this.timeout(120_000)

  it('accept what is right and refuse what is wrong; the refusal names what is wrong', async () => {
    // One run of the compiler: the good and bad lines of definitions.ts, and two bad apps whose messages are read.
    const errors = await errorsIn({
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
    }, 'definitions.ts')
    expect(errors.filter((line) => !line.includes('bad.ts')), 'definitions.ts').to.deep.equal([])
    expect(errors).to.have.length(3)
    expect(errors[0]).to.include('book points to unknown resource \\"shelv\\"')
    expect(errors[1]).to.include('shelv.books is the inverse of no relation to it')
    expect(errors[2]).to.include('"lable"').and.to.include('"label"')
  })
})
