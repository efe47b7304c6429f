// docs/protocol.md §2 and §3.3: an e-mail address has one spelling wherever it is stored or looked up, and holds
// nothing that cannot be seen.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { faultPaths, ids, refusal } from '../kit/replies.ts'
import { password } from '../kit/passwords.ts'
import { unique } from './support/wire.ts'

const malformed: Readonly<Record<string, string>> = {
  'ZERO WIDTH SPACE': 'a\u200Bda@example.com', 'a joiner': 'a\u200Dda@example.com', 'RIGHT-TO-LEFT OVERRIDE': 'ada\u202E@example.com', 'SOFT HYPHEN': 'a\u00ADda@example.com',
  'WORD JOINER': 'ada@exam\u2060ple.com', 'a variation selector': 'ada\uFE0F@example.com', 'a filler': 'a\u3164@example.com', 'DELETE': 'ada\u007F@example.com', 'BELL': 'a\u0007da@example.com',
  'ESC': 'ada@exa\u001Bmple.com', 'a C1 control': 'ada\u0085x@example.com', 'a line break': 'a\n@example.com', 'a fullwidth at': 'ada＠example.com', 'an ideographic full stop': 'ada@example。com',
  'a blank before': ' a@example.com', 'a blank after': 'a@example.com ', 'a blank within': 'a b@example.com', 'no at': 'plain', 'no domain': 'a@', 'no name': '@b', 'two at': 'a@b@c',
  'an empty label': 'a@example..com', 'a dot first': 'a@.example.com', 'a dot last': 'a@example.com.', 'a hyphen first': 'a@-x.example', 'a dot before': '.a@example.com', 'two dots': 'a..b@example.com',
  'a dot before at': 'a.@example.com', 'a name beside': 'Ada <ada@example.com>', 'two addresses': 'a@example.com,b@example.com', '65 characters': `${'a'.repeat(65)}@example.com`,
  'an underscore': 'a@exa_mple.com', 'four bytes': 'a@127.0.0.1', 'four bytes in disguise': 'a@0x7f.1', 'broken punycode': 'a@xn--zzzzz-99999.example', 'nothing': '', 'an accent alone': '\u0301@example.com',
}

onAnyDatabase('Addresses', (wire) => {
  const create = async (email: string, more = {}) => wire.admin.ask('user-create', { firstName: 'Ada', lastName: 'L', email, ...more })
  const login = async (email: string) => wire.http('auth-login', { email, password })

  const spellings: readonly [title: string, stored: (mark: string) => string, others: (mark: string) => string[]][] = [
    ['capitals', (mark) => `${mark}@example.com`, (mark) => [`${mark.toUpperCase()}@EXAMPLE.com`]],
    ['capitals beyond ASCII', (mark) => `élise${mark}@example.com`, (mark) => [`ÉLISE${mark}@example.com`, `éLISE${mark}@Example.Com`]],
    [
      'decomposed', (mark) => `jürgen${mark}@example.com`,
      (mark) => [`jürgen${mark}@example.com`.normalize('NFD'), `JÜRGEN${mark}@example.com`.normalize('NFD')],
    ],
    [
      'punycode', (mark) => `ada${mark}@münchen.example`,
      (mark) => [
        `ada${mark}@xn--mnchen-3ya.example`, `ada${mark}@MÜNCHEN.example`, `Ada${mark}@XN--MNCHEN-3YA.example`,
        `ada${mark}@münchen.example`.normalize('NFD'),
      ],
    ],
    ['KELVIN SIGN', (mark) => `kim${mark}@example.com`, (mark) => [`\u212Aim${mark}@example.com`]],
    ['fullwidth letters in the domain', (mark) => `wide${mark}@example.com`, (mark) => [`wide${mark}@ｅxample.com`]],
  ]
  for (const [title, stored, others] of spellings) {
    it(`${title}: one account, however its address is spelled`, async () => {
      const mark = unique('spelling').replaceAll('-', '')
      const row = await wire.admin.ok('user-create', { firstName: 'Ada', lastName: 'L', email: stored(mark), password })
      expect(row['email']).to.equal(stored(mark))
      for (const other of [stored(mark), ...others(mark)]) {
        expect(refusal(await create(other), 'conflict').details, other).to.deep.equal({ fields: ['email'] })
        expect((await login(other)).status, `log in as ${other}`).to.equal(200)
        for (const filter of [
          { email: other }, { email: { eq: other } }, { email: { in: [other, 'x@example.com'] } }, { not: { email: { ne: other } } },
        ]) {
          expect(ids(await wire.admin.ok('user-list-request', { filter })), JSON.stringify(filter)).to.deep.equal([row['id']])
        }
        refusal(await wire.admin.ask('invitation-create', { email: other }), 'conflict')
      }
      for (const other of others(mark)) {
        // Made under another spelling, it is stored in the one.
        await wire.admin.ok('user-update', { id: row['id'], email: `${unique('away')}@example.com` })
        expect((await wire.admin.ok('user-update', { id: row['id'], email: other }))['email'], other).to.equal(stored(mark))
      }
    })
  }

  it('a malformed address is invalid_payload at every door that takes one', async () => {
    const { id } = await wire.admin.ok('user-create', { firstName: 'Ada', lastName: 'L', email: `${unique('right')}@example.com` })
    for (const [what, email] of Object.entries(malformed)) {
      const asked = [
        await create(email), await wire.admin.ask('user-update', { id, email }), await wire.admin.ask('invitation-create', { email }),
        await wire.admin.ask('auth-change-email', { email, password }),
      ]
      for (const reply of asked) expect(new Set(faultPaths(refusal(reply, 'invalid_payload'))), what).to.deep.equal(new Set(['email']))
      for (const event of ['auth-login', 'auth-request-reset']) {
        const { body } = await wire.http(event, { email, ...(event === 'auth-login' ? { password } : {}) })
        expect(new Set(faultPaths(refusal(body, 'invalid_payload'))), `${event} with ${what}`).to.deep.equal(new Set(['email']))
      }
    }
  })

  it('addresses of the world are taken', async () => {
    const mark = unique('w').replaceAll('-', '')
    for (const email of [
      `o'brien${mark}@example.com`, `first.last+${mark}@sub.example.co.uk`, `${mark}@localhost`, `δοκιμή${mark}@παράδειγμα.example`,
      `用户${mark}@例子.example`, `${'a'.repeat(64 - mark.length)}${mark}@example.com`,
      `x@${mark}${'d'.repeat(63 - mark.length)}.${'e'.repeat(63)}.${'f'.repeat(63)}.example`, `!#$%&*/=?^_\`{|}~-${mark}@example.com`,
      `1234567890${mark}@example.com`, `${mark}@123.example`, `${mark}@faß.example`,
    ]) expect((await wire.admin.ok('user-create', { firstName: 'Ada', lastName: 'L', email }))['email']).to.equal(email)
  })
})
