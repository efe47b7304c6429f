// docs/protocol.md §2: texts are stored in NFC; lines and addresses hold something visible and nothing that cannot be
// seen; lengths are in code points.

import { expect } from 'chai'
import { onEachDatabase } from './support/databases.ts'
import { faultPaths, ids, refusal } from '../kit/replies.ts'
import type { Row } from '../kit/replies.ts'
import { unique } from './support/wire.ts'

const decomposed = (text: string): string => text.normalize('NFD')

/** Fields of one line, with the least that a create needs beside them. */
const lines: readonly { readonly resource: string; readonly field: string; readonly beside: () => Row }[] = [
  { resource: 'site', field: 'label', beside: () => ({}) },
  { resource: 'department', field: 'label', beside: () => ({}) },
  { resource: 'role', field: 'label', beside: () => ({}) },
  { resource: 'group', field: 'name', beside: () => ({}) },
  { resource: 'user', field: 'firstName', beside: () => ({ lastName: 'L', email: `${unique('line')}@example.com` }) },
  { resource: 'user', field: 'lastName', beside: () => ({ firstName: 'F', email: `${unique('line')}@example.com` }) },
]
const paragraphs = [
  { resource: 'group', field: 'description', beside: () => ({ name: 'G' }) },
  { resource: 'permission', field: 'description', beside: () => ({ permissionKey: unique('key_1') }) },
]

const names = [
  "d'Été", 'Núñez y Gómez', 'محمد', 'عبد الله', 'בן־גוריון', 'Nguyễn', '佐藤', 'Æ', 'Null', '0', 'Robert"); DROP TABLE users;--', '<script>', '👩‍🚀',
  '🏴󠁧󠁢󠁳󠁣󠁴󠁿', 'می‌خواهم', 'नमस्ते', 'র‍্যাব', '葛\u{E0100}城', 'A\u200fB', '❤️', '𠮷野',
]
const noNames: Readonly<Record<string, string>> = {
  'a blank': ' ', 'a no-break space': '\u00a0', 'an ideographic space': '\u3000', 'a byte order mark': '\ufeff', 'ZERO WIDTH SPACE alone': '\u200b',
  'WORD JOINER alone': '\u2060', 'HANGUL FILLER alone': '\u3164', 'BRAILLE BLANK alone': '\u2800', 'joiners alone': '\u200d\u200d', 'a mark of direction alone': '\u200e',
  'SOFT HYPHEN alone': '\u00ad', 'an accent alone': '\u0301', 'a variation selector alone': '\ufe0f', 'a tag alone': '\u{e0041}',
  'a line break': 'Ada\nLovelace', 'CR LF': 'Ada\r\nBcc: x@y', 'a tab': 'Ada\tL', 'ESC': '\u001b[2J', 'BELL': 'Ada\u0007', 'DELETE': 'Ada\u007f', 'a C1 control': 'Ada\u0085',
  'LINE SEPARATOR': 'Ada\u2028L', 'RIGHT-TO-LEFT OVERRIDE': 'Ada \u202Egnp.exe', 'an embedding': 'Ada \u202Bx', 'an unclosed isolate': 'Ada \u2067x', 'a private-use character': 'x\ue000',
  'a noncharacter': 'a\uffff', 'ZERO WIDTH SPACE within': 'A\u200bda', 'SOFT HYPHEN within': 'A\u00adda', 'a joiner before all': '\u200dAda', 'a joiner after all': 'Ada\u200d',
  'a joiner before a blank': 'A\u200d B', 'a filler within': 'A\u3164B',
}

onEachDatabase('Texts', (wire) => {
  const create = async (resource: string, payload: Row) => wire.admin.ask(`${resource}-create`, payload)
  const made = async (resource: string, payload: Row): Promise<Row> => wire.admin.ok(`${resource}-create`, payload)

  for (const { resource, field, beside } of lines) {
    it(`${resource}.${field}: names of the world come back as they went in`, async () => {
      for (const name of names) expect((await made(resource, { ...beside(), [field]: name }))[field], name).to.equal(name)
    })

    it(`${resource}.${field}: what is not one visible line is invalid_payload, on create and on update`, async () => {
      const { id } = await made(resource, { ...beside(), [field]: 'Right' })
      for (const [what, text] of Object.entries(noNames)) {
        const asked = [
          await create(resource, { ...beside(), [field]: text }), await wire.admin.ask(`${resource}-update`, { id, [field]: text }),
        ]
        for (const reply of asked) expect(new Set(faultPaths(refusal(reply, 'invalid_payload'))), what).to.deep.equal(new Set([field]))
      }
      expect(await wire.admin.ok(`${resource}-get`, { id })).to.include({ [field]: 'Right', version: 1 })
    })

    it(`${resource}.${field}: a decomposed text is stored composed, and found by either`, async () => {
      const text = `${unique('nfc')} Zürich Café`
      const row = await made(resource, { ...beside(), [field]: decomposed(text) })
      expect(row[field]).to.equal(text)
      expect((await wire.admin.ok(`${resource}-update`, { id: row['id'], [field]: decomposed(text) }))['version']).to.equal(1)
      for (const spelling of [text, decomposed(text)]) {
        expect(ids(await wire.admin.ok(`${resource}-list-request`, { search: spelling })), 'search').to.deep.equal([row['id']])
        for (const filter of [{ [field]: spelling }, { [field]: { in: [spelling] } }, { or: [{ [field]: { contains: spelling } }] }]) {
          expect(ids(await wire.admin.ok(`${resource}-list-request`, { filter })), JSON.stringify(filter)).to.deep.equal([row['id']])
        }
      }
    })
  }

  it('lengths are in code points', async () => {
    expect((await made('site', { label: '🦊'.repeat(120) }))['label']).to.equal('🦊'.repeat(120))
    refusal(await create('site', { label: '🦊'.repeat(121) }), 'invalid_payload')
    await made('user', { firstName: '𠮷'.repeat(100), lastName: 'L', email: `${unique('fox')}@example.com` })
    await made('group', { name: 'G', description: '🦊'.repeat(1000) })
    refusal(await create('group', { name: 'G', description: '🦊'.repeat(1001) }), 'invalid_payload')
    await wire.admin.ok('site-list-request', { search: '🦊'.repeat(200) })
  })

  for (const { resource, field, beside } of paragraphs) {
    it(`${resource}.${field} has lines and tabs, and no other controls`, async () => {
      const text = 'One\n\ttwo\r\nthree — Привет\u2028'
      expect((await made(resource, { ...beside(), [field]: text }))[field]).to.equal(text)
      expect((await made(resource, { ...beside(), [field]: decomposed('Café') }))[field]).to.equal('Café')
      for (const control of ['\u0007', '\u001b[2J', '\u007f', '\u009b', '\u202e', '\u202d']) {
        expect(
          faultPaths(refusal(await create(resource, { ...beside(), [field]: `a${control}b` }), 'invalid_payload')), JSON.stringify(control),
        ).to.deep.equal([field])
      }
    })
  }

  it('free JSON is composed too, keys and all, and otherwise kept as it is', async () => {
    const metadata = { [decomposed('é')]: [decomposed('Zoë'), { deep: 'tab\tand \u0007' }] }
    const user = await made('user', { firstName: 'F', lastName: 'L', email: `${unique('json')}@example.com`, metadata })
    expect(user['metadata']).to.deep.equal({ é: ['Zoë', { deep: 'tab\tand \u0007' }] })
    refusal(await wire.admin.ask('user-update', { id: user['id'], metadata: { é: 1, [decomposed('é')]: 2 } }), 'invalid_payload')
  })

  const pictures = [
    ' https://example.com/a.png', 'https://example.com/a.png\n', 'ht\ttps://example.com/a.png', 'https://exam\nple.com/a.png', 'https:example.com/a.png', 'https:/example.com/a.png',
    'https:///example.com/a.png', 'https:a b', 'https:\\\\example.com\\a.png', 'https://example.com/a b.png', 'https://example.com/"><img src=x>', "https://example.com/<x>'", 'javascript:alert(1)',
    'data:image/png;base64,AAAA', '/a.png', '//example.com/a.png', 'ftp://example.com/a', 'http://', 'https://?x', '', 'https://example.com/\u0007', 'https://exa%mple.com/', 'https://ada:pw@example.com/',
    'https://ada@example.com/', 'https://example.com/\u202Egnp', 'https://example.com/\u200b', 'https://example.com:99999/',
  ]
  it('a picture is a whole web address', async () => {
    const { id } = await made('user', { firstName: 'F', lastName: 'L', email: `${unique('picture')}@example.com` })
    for (const picture of pictures) {
      expect(faultPaths(refusal(await wire.admin.ask('user-update', { id, picture }), 'invalid_payload')), JSON.stringify(picture))
        .to.deep.equal(['picture'])
    }
    for (const picture of [
      'https://example.com/a.png', 'http://example.com:8080/é.png?x=1#y', 'https://[2001:db8::1]/a', 'https://münchen.example/a',
      'HTTPS://EXAMPLE.COM/', 'https://cdn.example.com/a%20b.png', "https://example.com/o'b(1).png", null,
    ]) {
      expect((await wire.admin.ok('user-update', { id, picture }))['picture']).to.equal(picture)
    }
  })
})
