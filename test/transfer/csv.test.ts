// CSV files as people have them: separators, encodings, line ends, quotes; and what is wrong with them, by line.
import { expect } from 'chai'
import fc from 'fast-check'
import { csv } from '../../plugins/transfer/formats/csv.ts'
import type { FileRecord } from '../../plugins/transfer/formats/format.ts'
import { filePlace } from './files.ts'

describe('transfer: CSV', () => {
  const place = filePlace()
  after(() => place.remove())

  const open = (content: string | Buffer, options: { encoding?: string; separator?: string } = {}) =>
    csv.open({ path: place.write(content), encoding: options.encoding, separator: options.separator })
  const recordsOf = async (content: string | Buffer, options = {}): Promise<FileRecord[]> => {
    const records: FileRecord[] = []
    for await (const record of (await open(content, options)).records()) records.push(record)
    return records
  }
  const cells = async (content: string | Buffer, options = {}): Promise<unknown[][]> =>
    (await recordsOf(content, options)).map((record) => [...record.cells.values()])
  const fault = async (content: string | Buffer, options = {}): Promise<string> => {
    try {
      await recordsOf(content, options)
    } catch (error) {
      return (error instanceof Error ? error.message : String(error)).replaceAll(/\S*file-\d+\.csv/g, 'FILE')
    }
    return 'no fault'
  }

  for (const [what, content] of [
    ['commas', 'a,b\n1,é\n'], ['semicolons', 'a;b\n1;é\n'], ['tabs', 'a\tb\n1\té\n'], ['pipes', 'a|b\n1|é\n'],
    ['CRLF', 'a,b\r\n1,é\r\n'], ['CR', 'a,b\r1,é\r'], ['no line end', 'a,b\n1,é'], ['a mark', '\uFEFFa,b\n1,é\n'],
    ['Excel\'s own word for the separator', 'sep=;\r\na;b\r\n1;é\r\n'], ['lines with nothing in them', '\n\na,b\n\n1,é\n\n'],
    ['quotes around all', '"a","b"\n"1","é"\n'],
    ['UTF-16 with its mark', Buffer.from('\uFEFFa\tb\r\n1\té\r\n', 'utf16le')],
  ] as const) {
    it(`reads ${what}`, async () => {
      expect((await open(content)).columns).to.deep.equal(['a', 'b'])
      expect(await cells(content)).to.deep.equal([['1', 'é']])
    })
  }

  it('reads Windows-1252 and Latin-1 by name, and refuses them by name without', async () => {
    const content = Buffer.from('a,b\n1,\xe9\n2,ok\n3,\x80\n', 'latin1')
    expect(await cells(content, { encoding: 'windows-1252' })).to.deep.equal([['1', 'é'], ['2', 'ok'], ['3', '€']])
    expect(await cells(content, { encoding: 'latin-1' })).to.deep.equal([['1', 'é'], ['2', 'ok'], ['3', '€']])
    expect((await recordsOf(content)).map(({ line, fault: said }) => [line, said])).to.deep.equal([
      [2, 'is not in UTF-8: save the file as UTF-8, or say --encoding windows-1252 if it is in Windows-1252 or Latin-1'],
      [3, undefined],
      [4, 'is not in UTF-8: save the file as UTF-8, or say --encoding windows-1252 if it is in Windows-1252 or Latin-1'],
    ])
    expect(await fault('a\n1\n', { encoding: 'ebcdic' })).to.match(/^--encoding: "ebcdic" is not known: say utf-8, /)
  })

  it('tells nothing from the empty text, and keeps spaces, zeros and line breaks', async () => {
    expect(await cells('a,b,c\n,"", x \n007,"1\r\n2","say ""hi"""\n')).to.deep.equal([[null, '', ' x '], ['007', '1\r\n2', 'say "hi"']])
  })

  it('names the line of each record, whatever breaks stand in it', async () => {
    const records = await recordsOf('a,b\n1,"x\ny"\n\n2,z\n3\n4,5,6\n')
    expect(records.map(({ line, fault: said }) => [line, said])).to.deep.equal([
      [2, undefined], [5, undefined], [6, 'has 1 cells where the first line has 2'], [7, 'has 3 cells where the first line has 2'],
    ])
  })

  it('says what is wrong with a file that cannot be read on, and where', async () => {
    expect(await fault('a,b\n1,2\n3,"4\n5,6\n')).to.equal('FILE, line 3: a quote is opened and never closed')
    expect(await fault('a,b\n1,"2"3\n')).to.match(/^FILE, line 2: a quote is closed in the middle of a cell/)
    expect(await fault('a,b\n1,2"3\n')).to.match(/^FILE, line 2: a quote stands in a cell that does not begin with one/)
    expect(await fault(`a,b\n1,"${'x\n'.repeat(600_000)}`)).to.match(/^FILE, line 2: a record of more than 1 MiB/)
    expect(await fault('')).to.equal('FILE is empty')
    expect(await fault('\n\n')).to.equal('FILE is empty: its first line must name the columns')
    expect(await fault(Buffer.from([0x50, 0x4b, 3, 4, 0, 0]))).to.match(/^FILE is a zip archive or an Excel workbook: save it as CSV/)
    expect(await fault(Buffer.from([0x1f, 0x8b, 8]))).to.match(/^FILE is compressed/)
    expect(await fault('a,b\n1,\0\n')).to.match(/^FILE is not text: it holds NUL bytes/)
    expect(await fault('a,b\n', { separator: 'comma semicolon' })).to.match(/^--separator: /)
  })

  it('says so of a file that is not there, and of a directory', async () => {
    const opened = async (path: string): Promise<string> => csv.open({ path, encoding: undefined, separator: undefined })
      .then(() => 'opened', (error: Error) => error.message)
    expect(await opened(place.path('none.csv'))).to.match(/none\.csv is not there$/)
    expect(await opened(place.path('.'))).to.match(/ is a directory: name a file$/)
    expect(await opened('/dev/null')).to.match(/ is not a file: it is read more than once$/)
  })

  it('disarms what a spreadsheet would take for a formula, and no number', () => {
    const { record } = csv.writer(['a'], 'x')
    const cells = ['=1+1', '+1', '-1', '@x', '\tx', '\rx', '\nx', '＝1+1', '＠x', "'=x", "'x", 'a=b', -5]
    const written = cells.map((cell) => record([['a', cell]]).slice(0, -2))
    expect(written).to.deep.equal([
      '"\'=1+1"', '"\'+1"', '"\'-1"', '"\'@x"', '"\'\tx"', '"\'\rx"', '"\'\nx"', '"\'＝1+1"', '"\'＠x"', '"\'\'=x"', '"\'x"', 'a=b', '-5',
    ])
  })

  it('reads back whatever it has written', async function () {
    this.timeout(60_000)
    const hostile = fc.oneof(
      fc.constantFrom('', '=1', '+1', '-1', '@a', "'=1", "''", "'"),
      fc.constantFrom('\t=', '＝1', '\r', '\n', '\r\n', '"', '""', ',', ';', ' ', '007', 'sep=;'),
      fc.constantFrom('é', '👩‍👩‍👧', '\u202e', '\uFEFF', '\u2028'),
      fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }).filter((text) => !/[\0\p{Surrogate}]/u.test(text)),
    )
    const table = fc.array(fc.tuple(fc.option(hostile), fc.option(hostile)), { minLength: 1, maxLength: 20 })
    await fc.assert(fc.asyncProperty(table, async (rows) => {
      const writer = csv.writer(['n', 'a', 'b'], 'x')
      const text = rows.map(([a, b], n) => writer.record([['n', String(n)], ['a', a], ['b', b]])).join('')
      expect(await cells(`${writer.head}${text}`)).to.deep.equal(rows.map(([a, b], n) => [String(n), a, b]))
    }), { numRuns: 300 })
  })
})
