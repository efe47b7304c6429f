// Secrets never reach the log, and what is put into names and headers does no harm there.
import { expect } from 'chai'
import { exportLine } from '../../plugins/audit/log.ts'
import { isSecretName, mask, masked } from '../../plugins/audit/mask.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { AuditWorld, row, rows, text } from './audit-world.ts'

describe('audit: masking', () => {
  it('knows secrets by their names', () => {
    for (const name of ['password', 'newPassword', 'refreshToken', 'mfaToken', 'secret', 'code', 'recoveryCodes', 'password_hash', 'apiKey',
      'private_key', 'otpauthUrl', 'keyMaterial',
      'passwords', 'PASSWORD', 'DB_PASSWORD', 'passwordRepeat', 'password2', 'client-secret', 'refreshtoken', 'clientsecret',
      'userpassword', 'access_token', 'accessTokens', 'tokenHash', 'mfaCode', 'access_code',
      'backupCode', 'hash', 'credentials', 'smtpPwd', 'apikey', 'secretKey', 'totpSecret', 'APIKey', 'jwtSecret', 'secretValue', 'passphrase']) {
      expect(isSecretName(name), name).to.equal(true)
    }
    for (const name of ['permissionKey', 'key', 'label', 'email', 'firstName', 'monkey', 'secretary', 'secretariat', 'codename', 'encoded',
      'barcode', 'postcode', 'postalCode', 'zip_code', 'countryCode',
      'passwordless', 'passage', 'compass', 'tokenizer', 'tokenCount', 'token_count', 'hashtag', 'contentHash', 'rehash', 'passwordChangedAt', 'account_password_min_length', 'account_password_expire_after', 'keyboard',
      'laptop', 'optional', 'discreet', 'tokenExpiresAt', 'secretaryName', 'accessLevel', 'privateOffice', '',
      '___']) expect(isSecretName(name), name).to.equal(false)
  })

  it('masks at any depth and keeps the rest', () => {
    expect(mask({ a: [{ token: 'x', n: 1 }], metadata: { deep: { apiKey: { k: 1 } } }, password: null, hasPassword: true, label: 'b' }))
      .to.deep.equal({
        a: [{ token: masked, n: 1 }], metadata: { deep: { apiKey: masked } }, password: null, hasPassword: true, label: 'b',
      })
  })

  it('masks the value of a setting whose key names a secret, and credentials in addresses', () => {
    expect(mask({ key: 'smtp_password', value: 'x' })).to.deep.equal({ key: 'smtp_password', value: masked })
    expect(mask({ key: 'account_password_min_length', value: 9 })).to.deep.equal({ key: 'account_password_min_length', value: 9 })
    expect(mask({ key: 'sms_pin', value: 1234 }, (key) => key === 'sms_pin')).to.deep.equal({ key: 'sms_pin', value: masked })
    expect(mask({ key: 'secretary', value: 'Ada' })).to.deep.equal({ key: 'secretary', value: 'Ada' })
    expect(mask('smtp://me:pw@mail.example/')).to.equal(`smtp://${masked}@mail.example/`)
  })
})

onAnyDatabase('audit: secrets and injection', (kind) => {
  const world = new AuditWorld(kind)
  before(() => world.open())
  after(() => world.close())

  const everything = async (): Promise<string> => JSON.stringify(await world.entries())

  it('no password, hash or token is anywhere in the table', async () => {
    const canary = 'Canary-Password-4711'
    const email = 'canary@example.com'
    const { id } = await world.ok(
      'user-create',
      { firstName: 'C', lastName: 'D', email, password: canary, metadata: { apiToken: `${canary}-in-metadata`, colour: 'red' } },
      world.admin,
    )
    await world.ok('user-update', { id, password: `${canary}-2` }, world.admin)
    await world.no('unauthenticated', 'auth-login', { email, password: `${canary}-wrong` })
    // Typed into the wrong field.
    await world.no('invalid_payload', 'auth-login', { email: canary, password: email })
    const session = await world.ok('auth-login', { email, password: `${canary}-2` })
    await world.ok('user-delete', { id }, world.admin)
    const all = await everything()
    expect(all).to.include('red').and.not.include(canary)
    for (const name of ['accessToken', 'refreshToken']) expect(all).to.not.include(text(session[name]))
    expect(all).to.not.match(/\$2[aby]\$/)
  })

  it('ordinary fields of metadata and ordinary settings are told, before and after', async () => {
    const before = {
      secretary: 'Ada', codename: 'Osprey', passwordless: 'yes', tokenCount: 3, postalCode: '75001', nested: { hashtag: 'x' },
    }
    const after = {
      ...before, secretary: 'Eve', codename: 'Heron', passwordless: 'no', tokenCount: 4, postalCode: '69001', nested: { hashtag: 'y' },
    }
    const { id } = await world.ok(
      'user-create', { firstName: 'C', lastName: 'D', email: 'ordinary@example.com', metadata: before }, world.admin,
    )
    const entry = await world.entryOf(() => world.ok('user-update', { id, metadata: after }, world.admin))
    expect(entry.details).to.deep.equal({ before: { metadata: before }, after: { metadata: after } })
    for (const key of ['secretary', 'passwordless_site', 'code.names', 'account_password_min_length']) {
      const [one, two] = key === 'account_password_min_length' ? [9, 10] : ['Ada', 'Eve']
      await world.ok('config-update', { key, value: one }, world.admin)
      const { details } = await world.entryOf(() => world.ok('config-update', { key, value: two }, world.admin))
      expect([row(details['before'])['value'], row(details['after'])['value']], key).to.deep.equal([one, two])
    }
  })

  const nasty = 'a\r\n{"level":"info"}\u001b[31m\u2028\u2029\u0085\u009b"\\</script>\u202e'

  it('control characters and JSON breakers stay inside one field', async () => {
    const entry = await world.entryOf(() => world.ok(
      'user-create', { firstName: 'N', lastName: 'x', email: 'nasty@example.com', metadata: { note: nasty, [nasty]: 1 } }, world.admin,
    ))
    expect(row(row(entry.details['after'])['metadata'])['note']).to.equal(nasty)
    const { items } = await world.ok('audit-log-request', { action: 'user-create', targetId: text(entry.target_id) }, world.admin)
    const [item] = rows(items)
    const line = exportLine(row(item))
    expect(line).to.match(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/)
    expect(JSON.parse(line)).to.deep.equal(item)
  })

  it('a failed log-in with a hostile header leaves one harmless entry; a hostile address is refused before', async () => {
    const entry = await world.entryOf(() => world.askWith(
      { 'user-agent': '\u001b[2J'.replaceAll('\u001b', '%1b') + 'x'.repeat(2000) }, 'auth-login',
      { email: 'nobody@example.com', password: 'x', requestId: 'q' },
    ))
    expect(entry.details).to.deep.equal({ error: 'unauthenticated', email: 'nobody@example.com' })
    expect(await world.entriesOf(() => world.no('invalid_payload', 'auth-login', { email: nasty, password: 'x' }))).to.deep.equal([])
    expect(entry.user_agent).to.have.length(500)
  })
})
