// Addresses that were not stored by this version of the server: SQL from outside writes capitals, and before there were several spellings.
import { expect } from 'chai'
import { up } from '../../resources/migrations/003_addresses.ts'
import { unique, type Person } from '../kit/test-server.ts'
import { onHouse } from './on-house.ts'

onHouse('addresses from outside', (house) => {
  const stored = async ({ id }: Person): Promise<unknown> => (await house.sql('select email from users where id = ?', [id]))[0]?.['email']
  const write = (person: Person, email: string) => house.sql('update users set email = ? where id = ?', [email, person.id])

  it('in capitals: found by log-in, reset, filter and search, and taken for anybody else', async () => {
    const person = await house.person()
    await write(person, person.email.toUpperCase())
    for (const email of [person.email, person.email.toUpperCase()]) {
      expect(await house.login({ ...person, email }), email).to.include.keys('token')
      for (const payload of [
        { filter: { email } }, { filter: { email: { in: [email] } } }, { filter: { not: { email: { ne: email } } } },
        { filter: { email: { contains: email } } }, { search: email },
      ]) {
        const page = await house.ok('user-list-request', payload, house.admin)
        expect(page, JSON.stringify(payload)).to.have.property('total', 1)
      }
      await house.no('conflict', 'user-create', { firstName: 'A', lastName: 'B', email }, house.admin)
      await house.no('conflict', 'invitation-create', { email }, house.admin)
    }
    await house.ok('auth-request-reset', { email: person.email })
    // To whom it is as the row has it; a mail server takes the domain in lower case.
    const [local = ''] = person.email.split('@')
    expect(await house.mailsTo(`${local.toUpperCase()}@example.com`)).to.have.length(1)
  })

  it('in another spelling: given the one, unless that is taken', async () => {
    const [decomposed, punycode, taken, plain] = [await house.person(), await house.person(), await house.person(), await house.person()]
    const mark = unique('old').replaceAll('-', '')
    await write(decomposed, `jürgen${mark}@example.com`.normalize('NFD'))
    await write(punycode, `ada${mark}@xn--mnchen-3ya.example`)
    await write(taken, `ada${mark}@MÜNCHEN.example`.normalize('NFD'))
    const [server] = house.servers
    if (server) await up(server.database.knex)
    expect(await stored(decomposed)).to.equal(`jürgen${mark}@example.com`)
    expect(await stored(punycode)).to.equal(`ada${mark}@münchen.example`)
    expect(await stored(taken)).to.equal(`ada${mark}@MÜNCHEN.example`.normalize('NFD'))
    expect(await stored(plain)).to.equal(plain.email)
    await house.login({ ...decomposed, email: `JÜRGEN${mark}@example.com`.normalize('NFD') })
    await house.login({ ...punycode, email: `ada${mark}@xn--mnchen-3ya.example` })
  })
})
