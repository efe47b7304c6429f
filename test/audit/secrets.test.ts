// Secrets never reach the log, and what is put into names and headers does no harm there.
import { expect } from 'chai'
import { isSecretName, mask, masked } from '../../plugins/audit/mask.ts'
import { exportLine } from '../../plugins/audit/export.ts'
import { onEachDatabase } from '../support/databases.ts'
import { AuditWorld, row, rows, text } from './audit-world.ts'

describe('audit: masking', () => {
  it('knows secrets by their names', () => {
    for (const name of ['password', 'newPassword', 'refreshToken', 'mfaToken', 'secret', 'code', 'recoveryCodes', 'password_hash', 'apiKey', 'private_key', 'otpauthUrl', 'keyMaterial']) {
      expect(isSecretName(name), name).to.equal(true)
    }
    for (const name of ['permissionKey', 'key', 'label', 'email', 'firstName', 'monkey']) expect(isSecretName(name), name).to.equal(false)
  })

  it('masks at any depth and keeps the rest', () => {
    expect(mask({ a: [{ token: 'x', n: 1 }], metadata: { deep: { apiKey: { k: 1 } } }, password: null, hasPassword: true, label: 'b' }))
      .to.deep.equal({ a: [{ token: masked, n: 1 }], metadata: { deep: { apiKey: masked } }, password: null, hasPassword: true, label: 'b' })
  })

  it('masks the value of a setting whose key names a secret, and credentials in addresses', () => {
    expect(mask({ key: 'smtp_password', value: 'x' })).to.deep.equal({ key: 'smtp_password', value: masked })
    expect(mask({ key: 'account_password_min_length', value: 9 })).to.deep.equal({ key: 'account_password_min_length', value: 9 })
    expect(mask('smtp://me:pw@mail.example/')).to.equal(`smtp://${masked}@mail.example/`)
  })
})

onEachDatabase('audit: secrets and injection', (kind) => {
  const world = new AuditWorld()
  before(() => world.open(kind))
  after(() => world.close())

  const everything = async (): Promise<string> => JSON.stringify(await world.entries())

  it('no password, hash or token is anywhere in the table', async () => {
    const canary = 'Canary-Password-4711'
    const email = 'canary@example.com'
    const { id } = await world.ok('user-create', { firstName: 'C', lastName: 'D', email, password: canary, metadata: { apiToken: `${canary}-in-metadata`, colour: 'red' } })
    await world.ok('user-update', { id, password: `${canary}-2` })
    await world.no('auth-login', { email, password: `${canary}-wrong` }, 'unauthenticated', null)
    // Typed into the wrong field.
    await world.no('auth-login', { email: canary, password: email }, 'unauthenticated', null)
    const session = await world.ok('auth-login', { email, password: `${canary}-2` }, null)
    await world.ok('user-delete', { id })
    const all = await everything()
    expect(all).to.include('red').and.not.include(canary)
    for (const name of ['accessToken', 'refreshToken']) expect(all).to.not.include(text(session[name]))
    expect(all).to.not.match(/\$2[aby]\$/)
  })

  const nasty = 'a\r\n{"level":"info"}\u001b[31m\u2028\u2029\u0085\u009b"\\</script>\u202e'

  it('control characters and JSON breakers stay inside one field', async () => {
    const entry = await world.entryOf(() => world.ok('user-create', { firstName: nasty.trim(), lastName: 'x', email: 'nasty@example.com', requestId: nasty }))
    expect(entry.request_id).to.equal(nasty)
    expect(row(entry.details['after'])['firstName']).to.equal(nasty.trim())
    const { items } = await world.ok('audit-log-request', { action: 'user-create', targetId: text(entry.target_id) })
    const [item] = rows(items)
    expect(item?.['requestId']).to.equal(nasty)
    const line = exportLine(row(item))
    expect(line).to.match(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/)
    expect(JSON.parse(line)).to.deep.equal(item)
  })

  it('a failed log-in with a hostile address and header leaves one harmless entry', async () => {
    const entry = await world.entryOf(() => world.ask('auth-login', { email: nasty, password: 'x', requestId: 'q' }, null, { 'user-agent': '\u001b[2J'.replaceAll('\u001b', '%1b') + 'x'.repeat(2000) }))
    expect(entry.details).to.deep.equal({ error: 'unauthenticated' })
    expect(entry.user_agent).to.have.length(500)
  })
})
