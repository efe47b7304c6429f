// JSON lines, LDIF and SCIM: as others write them, and what is wrong with a record, by its line.
import { expect } from 'chai'
import { onAnyDatabase } from '../kit/databases.ts'
import { formatOf } from '../../plugins/transfer/formats/index.ts'
import { allRows, exporting, filePlace, importing, openApp } from './files.ts'

const place = filePlace()
after(() => place.remove())

/** Cells or the fault of each record, with its line. */
const recordsOf = async (format: string, content: string | Buffer): Promise<unknown[]> => {
  const reader = await formatOf(format, '')?.open({ path: place.write(content), encoding: undefined, separator: undefined })
  const records: unknown[] = []
  if (reader) for await (const { line, cells, fault } of reader.records()) records.push([line, fault ?? Object.fromEntries(cells)])
  return records
}
const faultOf = async (format: string, content: string): Promise<string> => recordsOf(format, content)
  .then(() => 'no fault', (error: Error) => error.message.replace(/\S*file-\d+\.csv/, 'FILE'))

describe('transfer: JSON lines', () => {
  it('are an object a line, whatever the line ends are', async () => {
    expect(await recordsOf('jsonl', '\uFEFF{"a":1,"b":[{"c":"é"}]}\r\n\n{"a":null}')).to.deep.equal([
      [1, { a: 1, b: [{ c: 'é' }] }], [3, { a: null }]])
  })

  it('are refused one by one, by what is wrong', async () => {
    const lines = ['{"a":1', '[1]', '7', '{"a":12345678901234567890}', '{"a":1}']
    expect(await recordsOf('jsonl', lines.join('\n'))).to.deep.equal([
      [1, 'is not JSON'], [2, 'is not a JSON object'], [3, 'is not a JSON object'], [4, 'holds a number that cannot be kept exactly'],
      [5, { a: 1 }]])
    const bad = Buffer.concat([Buffer.from('{"a":1}\n{"a":"'), Buffer.from([0xe9]), Buffer.from('"}\n{"a":2}\n')])
    expect(await recordsOf('jsonl', bad)).to.have.deep.property('2', [3, { a: 2 }])
    expect((await recordsOf('jsonl', bad))[1]).to.have.property('1').which.matches(/^is not in UTF-8/)
    expect(await faultOf('jsonl', '[{"a":1}]')).to.equal('FILE is one JSON array: write each of its objects in a line of its own')
  })
})

describe('transfer: LDIF', () => {
  it('is read with comments, folded lines, base64, several values and nothing', async () => {
    const text = [
      'version: 1', '# a comment', '  that is folded', 'dn: uid=a,dc=x', 'changetype: add', 'objectClass: top', 'objectclass: person',
      'sn: Love', ' lace', 'givenName:: w4lvbg==', 'description:', 'mail;x-null:', '', '', '# only a comment', '', 'dn:: dWlkPWI=', 'sn:  B',
    ].join('\r\n')
    expect(await recordsOf('ldif', text)).to.deep.equal([
      [1, { dn: 'uid=a,dc=x', objectClass: ['top', 'person'], sn: 'Lovelace', givenName: 'Éon', description: '', mail: null }],
      [17, { dn: 'uid=b', sn: 'B' }],
    ])
  })

  it('is refused record by record, by what is wrong', async () => {
    const text = [
      'dn: a', 'changetype: modify', '', 'sn: no dn', '', 'dn: b', 'jpegPhoto:< file:///etc/passwd', '', 'dn: c', 'no colon', '',
      'dn: d', 'sn:: ***', '', 'dn: e', 'sn:: gICA', '', 'dn: f', 'add: mail', '', 'dn: g', 'sn: fine',
    ].join('\n')
    expect(await recordsOf('ldif', text)).to.deep.equal([
      [1, 'changetype: modify is not read, only add'], [4, 'does not begin with its dn'],
      [6, 'jpegPhoto: refers to another file, which is not read'], [9, '"no colon" is not an attribute and its value'],
      [12, 'sn: is not text in base64'], [15, 'sn: is not text in base64'], [18, 'add: changes of entries are not read'],
      [21, { dn: 'g', sn: 'fine' }],
    ])
    expect(await faultOf('ldif', 'version: 2\n\ndn: a\n')).to.equal('FILE is not LDIF of version 1')
  })
})

const list = (...resources: unknown[]): string => JSON.stringify({ totalResults: 1, Resources: resources, startIndex: 1 })
const ada = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], id: 'x1', externalId: 'hr-1', userName: 'ada', meta: { version: 'W/"1"' },
  name: { givenName: 'Ada', familyName: 'Lovelace', formatted: 'Ada L.' }, active: false, locale: 'en-GB', groups: [{ value: 'g' }],
  emails: [{ value: 'home@example.com' }, { value: 'ada@example.com', primary: true }], roles: [{ value: 'Clerk' }],
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'Sales/North', costCenter: '7' },
}

describe('transfer: SCIM', () => {
  it('is a list of resources, or an array of them', async () => {
    const cells = {
      id: 'x1', externalId: 'hr-1', firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.com', status: 'suspended', locale: 'en',
      roles: ['Clerk'], department: 'Sales/North',
    }
    expect(await recordsOf('scim', list(ada))).to.deep.equal([[1, cells]])
    expect(await recordsOf('scim', JSON.stringify([ada, 7]))).to.deep.equal([[1, cells], [2, 'is not an object']])
    expect(await recordsOf('scim', list({ displayName: 'Divers', members: [{ value: 'x1', display: 'Ada' }] }))).to.deep.equal([
      [1, { members: ['id:x1'], displayName: 'Divers' }]])
  })

  it('is refused whole where it is not one, or breaks off', async () => {
    const broken = /^FILE is not a list of SCIM resources in JSON, or breaks off/
    for (const text of ['{"Resources":[{"a":1},', '{"Resources":[{"a":1} {', 'nonsense', '[{"a":1}']) {
      expect(await faultOf('scim', text), text).to.match(broken)
    }
    expect(await faultOf('scim', JSON.stringify(ada))).to.equal(
      'FILE has no "Resources": it must be a SCIM list, or a JSON array of resources')
  })
})

onAnyDatabase('transfer: from a directory', (kind) => {
  const server = openApp(kind)

  const people = async (): Promise<unknown[]> => (await allRows(server(), 'user'))
    .filter(({ email }) => String(email).startsWith('ada'))
    .map(({ firstName, lastName, email, status }) => [firstName, lastName, email, status])

  it('people come by LDIF and by SCIM, and are the same people', async () => {
    const entry = ['dn: uid=ada,dc=x', 'objectClass: inetOrgPerson', 'cn: Ada L', 'uid: hr-1', 'givenName: Ada', 'sn: L', 'mail: Ada@Example.com']
    const path = place.write(entry.join('\n'), 'people.ldif')
    const first = await importing(server(), '--resource', 'user', '--map', 'uid=externalId', path)
      .then(() => 'done', (error: Error) => error.message)
    expect(first).to.match(/^column "cn" is not known; user has externalId, id, firstName/)
    const done = await importing(server(), '--resource', 'user', '--map', 'uid=externalId', '--without', 'cn', path)
    expect(done).to.include({ created: 1, refused: 0 })
    expect(await people()).to.deep.equal([['Ada', 'L', 'ada@example.com', 'active']])
    const { roles: _roles, id: _id, ...resource } = ada
    const scim = place.write(list({ ...resource, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': {} }), 'people.json')
    expect(await importing(server(), '--resource', 'user', scim)).to.include({ created: 0, updated: 1, refused: 0 })
    expect(await people()).to.deep.equal([['Ada', 'Lovelace', 'ada@example.com', 'suspended']])
  })

  it('what is refused is written in the format of the file, and goes in once it is mended', async () => {
    const good = { firstName: 'G', lastName: 'H', email: 'g@example.com' }
    const bad = { firstName: 'I', lastName: 'J', email: 'no address' }
    for (const [format, name, content] of [
      ['jsonl', 'r.jsonl', `${JSON.stringify(bad)}\n${JSON.stringify(good)}\n`],
      ['scim', 'r.scim', list({ name: { givenName: 'I', familyName: 'J' }, emails: [{ value: 'no address' }] })],
      ['ldif', 'r.ldif', `version: 1\n\ndn: x\ngivenName: I\nsn: J\nmail: no address\n`],
    ] as const) {
      const { refusedFile, warned } = await importing(server(), '--resource', 'user', '--skip-refused', place.write(content, name))
      expect(warned, format).to.have.length(1)
      expect(refusedFile, format).to.match(/_reason":"email: must be an e-mail address|# email: must be an e-mail address/)
      const mended = place.write((refusedFile ?? '').replaceAll('no address', `${format}@example.com`), `mended-${name}`)
      expect(await importing(server(), '--resource', 'user', mended), format).to.include({ created: 1, refused: 0 })
    }
    expect(await exporting(server(), place, '--resource', 'user', '--columns', 'email', '--format', 'jsonl'))
      .to.include('"g@example.com"').and.include('"jsonl@example.com"').and.include('"ldif@example.com"').and.include('"scim@example.com"')
  })
})
