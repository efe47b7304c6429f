// invitation-create: what it answers, what it refuses, and the mail.
import { expect } from 'chai'
import { onAnyDatabase } from '../kit/databases.ts'
import { faultPaths, text } from '../kit/replies.ts'
import { World } from './world.ts'

/** Milliseconds. */
const week = 7 * 86_400_000

onAnyDatabase('invitations: create', (kind) => {
  const world = new World(kind)
  before(() => world.open())
  after(() => world.close())

  it('answers a token of 32 bytes, the address in lower case, and the seventh day', async () => {
    const reply = await world.ok('invitation-create', { email: 'Grace.Hopper@Example.COM' }, world.admin)
    expect(reply).to.include({ email: 'grace.hopper@example.com', status: 'pending' })
    expect(Buffer.from(text(reply['token']), 'base64url')).to.have.length(32)
    const [{ created_at: created, expires_at: expires } = {}] = await world.sql<{ created_at: Date; expires_at: Date }>(
      'select created_at, expires_at from invitations where id = ?', [text(reply['id'])])
    expect(Number(expires) - Number(created)).to.equal(week)
    expect(reply['expiresAt']).to.equal(expires?.toISOString())
  })

  it('sends a mail whose link has another token', async () => {
    const { token, email } = await world.invite()
    const letters = await world.letters(email)
    expect(letters).to.have.length(1)
    expect(letters[0]?.subject).to.equal('You are invited')
    expect(letters[0]?.text).to.match(/https:\/\/sovrane\.test\/accept-invitation\?token=[\w-]{43}/).and.include('7 days')
    expect(letters[0]?.token).to.not.equal(token)
    expect(await world.ok('invitation-fetch', { token: letters[0]?.token ?? '' })).to.include({ email })
  })

  it('sends it in the language of the author', async () => {
    const author = await world.enter({ direct: ['create-invitation'] })
    await world.ok('user-update', { id: author.id, locale: 'fr' }, world.admin)
    const { email } = await world.invite({}, author)
    expect((await world.letters(email))[0]?.subject).to.equal('Une invitation vous attend')
  })

  it('a refused one leaves no mail and no row', async () => {
    const email = world.address()
    await world.no('invalid_payload', 'invitation-create', { email, siteId: 'nowhere' }, world.admin)
    expect(await world.letters(email)).to.deep.equal([])
    expect(await world.sql('select 1 from invitations where email = ?', [email])).to.deep.equal([])
  })

  it('one pending invitation an address, whatever its case', async () => {
    const { email } = await world.invite()
    for (const again of [email, email.toUpperCase()]) {
      expect((await world.no('conflict', 'invitation-create', { email: again }, world.admin)).details).to.deep.equal({ fields: ['email'] })
    }
    expect(await world.letters(email)).to.have.length(1)
  })

  it('an address that a user has is a conflict', async () => {
    const { email } = await world.enter()
    for (const again of [email, email.toUpperCase()]) {
      expect((await world.no('conflict', 'invitation-create', { email: again }, world.admin)).details).to.deep.equal({ fields: ['email'] })
    }
  })

  it('a revoked, an expired and an accepted one do not block the address', async () => {
    const revoked = await world.invite()
    await world.ok('invitation-revoke', { id: revoked.id }, world.admin)
    await world.invite({ email: revoked.email })

    const overdue = await world.invite()
    await world.makeOverdue(overdue.id)
    const second = await world.invite({ email: overdue.email })
    expect(await world.listed(overdue.id)).to.include({ status: 'expired' })
    expect(await world.listed(second.id)).to.include({ status: 'pending' })

    const accepted = await world.invite()
    const user = await world.accept(accepted.token)
    await world.ok('user-delete', { id: user['id'] }, world.admin)
    await world.invite({ email: accepted.email })
  })

  it('the database itself keeps a second pending one out', async () => {
    const { id, email } = await world.invite()
    await world.ok('invitation-revoke', { id }, world.admin)
    await world.invite({ email })
    const again = await world.sql("update invitations set status = 'pending' where id = ?", [id]).catch((error: unknown) => error)
    expect(again).to.be.an('error')
  })

  it('ids that name nothing are named, all of them', async () => {
    const error = await world.no(
      'invalid_payload', 'invitation-create', { email: world.address(), role: 'r-none', siteId: 's-none', departmentId: 'd-none' },
      world.admin,
    )
    expect(faultPaths(error)).to.have.members(['role', 'siteId', 'departmentId'])
  })

  it('an id of another kind names nothing', async () => {
    const [site, department] = [await world.make('site'), await world.make('department')]
    const error = await world.no(
      'invalid_payload', 'invitation-create', { email: world.address(), role: site, siteId: department, departmentId: site }, world.admin,
    )
    expect(faultPaths(error)).to.have.members(['role', 'siteId', 'departmentId'])
  })

  const wrong: Record<string, readonly unknown[]> = {
    email: [
      undefined, null, '', 'x', 1, 'a@b@c', 'a b@example.com', 'a@example.com, b@example.com', 'a@example.com\r\nBcc: c@example.com',
      `${'a'.repeat(250)}@b.com`, ['a@b.com'],
    ],
    firstName: ['', 'x'.repeat(101), 1, {}], lastName: ['', ' a', 1], role: [1, '', 'a/b', []], siteId: [1, '-'],
    departmentId: [true, 'a b'],
    id: ['chosen'], token: ['chosen'], status: ['accepted'], expiresAt: ['2099-01-01T00:00:00Z'], createdBy: ['me'], tokenHash: ['x'],
    mail_token_hash: ['x'],
  }
  for (const [field, values] of Object.entries(wrong)) {
    it(`refuses a wrong ${field}`, async () => {
      for (const value of values) {
        const error = await world.no('invalid_payload', 'invitation-create', { email: world.address(), [field]: value }, world.admin)
        expect(faultPaths(error), JSON.stringify(value)).to.include(field)
      }
    })
  }
})
