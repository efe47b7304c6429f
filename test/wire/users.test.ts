// docs/protocol.md §3.3: what is particular to users.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { refusal, text } from '../kit/replies.ts'
import { login, unique } from './support/wire.ts'

onAnyDatabase('Users', (wire) => {
  it('defaults: status active, emailVerified false, no picture, no roles', async () => {
    const user = await wire.admin.ok('user-get', { id: await wire.make('user') })
    expect(user).to.include({ status: 'active' })
    expect(user['emailVerified']).to.equal(false)
    expect(user['picture']).to.equal(null)
    expect(user['roles']).to.deep.equal([])
    expect(user).to.include({ siteId: null, departmentId: null })
  })

  it('email: "stored lower-case"', async () => {
    const name = unique('mixed')
    const made = await wire.admin.ok('user-create', { firstName: 'A', lastName: 'B', email: `${name.toUpperCase()}@Example.COM` })
    expect(made['email']).to.equal(`${name}@example.com`)
    expect(await wire.admin.ok('user-update', { id: made['id'], email: `${name.toUpperCase()}2@EXAMPLE.com` })).to.include({
      email: `${name}2@example.com`,
    })
  })

  it('email: "unique whatever the case", on create and on update', async () => {
    const email = `${unique('taken')}@example.com`
    await wire.make('user', { email })
    refusal(await wire.admin.ask('user-create', { firstName: 'A', lastName: 'B', email }), 'conflict')
    refusal(await wire.admin.ask('user-create', { firstName: 'A', lastName: 'B', email: email.toUpperCase() }), 'conflict')
    const id = await wire.make('user')
    refusal(await wire.admin.ask('user-update', { id, email: email.toUpperCase() }), 'conflict')
    expect((await wire.admin.ok('user-get', { id }))['email']).to.equal(`${id}@example.com`)
  })

  it('email: twenty at once in different case make one user', async () => {
    const name = unique('race')
    const replies = await Promise.all(Array.from({ length: 20 }, async (_, index) => {
      const email = `${index % 2 === 0 ? name : name.toUpperCase()}@example.com`
      return wire.admin.ask('user-create', { firstName: 'A', lastName: 'B', email })
    }))
    const won = replies.filter((reply) => typeof reply === 'object' && reply !== null && !('error' in reply))
    expect(won).to.have.lengthOf(1)
    for (const reply of replies) if (reply !== won[0]) refusal(reply, 'conflict')
    expect((await wire.admin.ok('user-list-request', { search: name }))['total']).to.equal(1)
  })

  it('a user keeps his own email in an update', async () => {
    const id = await wire.make('user')
    expect(await wire.admin.ok('user-update', { id, email: `${id}@example.com`, firstName: 'Same' })).to.include({ firstName: 'Same' })
  })

  it('an email of 254 characters is allowed', async () => {
    const start = unique('long')
    const email = `${start}${'a'.repeat(64 - start.length)}@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(57)}.org`
    expect(email).to.have.lengthOf(254)
    expect(await wire.admin.ok('user-create', { firstName: 'A', lastName: 'B', email })).to.include({ email })
  })

  it('password is "write-only": in no reply of create, update, get, list', async () => {
    const secret = 'Hidden-Harbour-63-Lamp'
    const id = unique('secret')
    const email = `${id}@example.com`
    const replies = [
      await wire.admin.ok('user-create', { id, firstName: 'A', lastName: 'B', email, password: secret }),
      await wire.admin.ok('user-update', { id, password: `${secret}2` }),
      await wire.admin.ok('user-get', { id }),
      await wire.admin.ok('user-list-request', { search: email }),
    ]
    for (const reply of replies) {
      expect(JSON.stringify(reply)).to.not.include(secret)
      expect(JSON.stringify(reply)).to.not.match(/"password"|hash|\$2[aby]\$/i)
    }
    await login(wire.url, email, `${secret}2`)
    refusal((await wire.http('auth-login', { email, password: secret })).body, 'unauthenticated')
  })

  it('passwordChangedAt is set by a password and not before', async () => {
    const id = await wire.make('user')
    expect((await wire.admin.ok('user-get', { id }))['passwordChangedAt'] ?? null).to.equal(null)
    const changed = await wire.admin.ok('user-update', { id, password: 'Paper-Window-88-Cloud' })
    expect(Date.parse(text(changed['passwordChangedAt']))).to.be.greaterThan(0)
  })

  it('metadata is "replaced whole"', async () => {
    const id = await wire.make('user', { metadata: { a: 1, b: { c: 2 } } })
    expect((await wire.admin.ok('user-update', { id, metadata: { d: 3 } }))['metadata']).to.deep.equal({ d: 3 })
    expect((await wire.admin.ok('user-get', { id }))['metadata']).to.deep.equal({ d: 3 })
  })

  it('roles: "on create and update it replaces the set"', async () => {
    const [one, two, three] = [await wire.make('role'), await wire.make('role'), await wire.make('role')]
    const id = await wire.make('user', { roles: [one, two] })
    expect((await wire.admin.ok('user-get', { id }))['roles']).to.have.members([one, two])
    expect((await wire.admin.ok('user-update', { id, roles: [two, three] }))['roles']).to.have.members([two, three])
    expect((await wire.admin.ok('user-update', { id, firstName: 'Kept' }))['roles']).to.have.members([two, three])
    expect((await wire.admin.ok('user-update', { id, roles: [] }))['roles']).to.deep.equal([])
  })

  it('a role, site or department that does not exist is refused, and nothing is made', async () => {
    for (const fields of [{ roles: ['no-such-role'] }, { siteId: 'no-such-site' }, { departmentId: 'no-such-department' }]) {
      const id = unique('dangling')
      const reply = await wire.admin.ask('user-create', { id, firstName: 'A', lastName: 'B', email: `${id}@example.com`, ...fields })
      refusal(reply, 'invalid_payload')
      refusal(await wire.admin.ask('user-get', { id }), 'not_found')
    }
  })

  it('"a login neither raises version nor broadcasts", but is told in lastLoginAt', async () => {
    const person = await wire.person()
    const before = await wire.admin.ok('user-get', { id: person.id })
    expect(before['lastLoginAt'] ?? null).to.equal(null)
    const client = await wire.connect(wire.adminToken)
    const changes = await wire.changesDuring(client, async () => {
      await login(wire.url, person.email, person.password)
      refusal((await wire.http('auth-login', { email: person.email, password: 'Wrong-password-1' })).body, 'unauthenticated')
    })
    expect(changes).to.deep.equal([])
    const after = await wire.admin.ok('user-get', { id: person.id })
    expect(after).to.include({ version: before['version'], updatedAt: before['updatedAt'] })
    expect(Date.parse(text(after['lastLoginAt']))).to.be.greaterThan(0)
  })
})
