// One password in two spellings: what is typed on one machine opens on another, and hashes of before still do.
import { hashSync } from 'bcryptjs'
import { expect } from 'chai'
import { faultPaths } from '../kit/replies.ts'
import { otherPassword } from '../kit/test-server.ts'
import { onHouse } from './on-house.ts'

const composed = 'Brücken-Café-81-Größe'.normalize('NFC')
const decomposed = composed.normalize('NFD')
const wide = 'Ｐｌｕｍ－Ｋｅｔｔｌｅ－４１'

onHouse('spellings of a password', (house) => {
  for (const [what, set, typed] of [
    ['composed, typed decomposed', composed, decomposed], ['decomposed, typed composed', decomposed, composed],
    ['in full-width letters, typed in plain ones', wide, wide.normalize('NFKC')],
    ['in plain letters, typed in full-width ones', wide.normalize('NFKC'), wide],
  ] as const) {
    it(`set ${what}: it logs in, proves and changes`, async () => {
      const person = { ...await house.person({ password: set }), password: typed }
      const by = await house.login(person)
      await house.ok('auth-change-email', { email: `new-${person.id}@example.com`, password: set }, by)
      await house.ok('auth-change-password', { currentPassword: typed, newPassword: otherPassword }, by)
      expect(
        faultPaths(await house.no('invalid_payload', 'auth-change-password', { currentPassword: otherPassword, newPassword: set }, by)),
      )
        .to.deep.equal(['newPassword'])
    })
  }

  it('a hash that was made as it was given opens as it was given, and is made anew in the one spelling', async () => {
    const person = { ...await house.person(), password: decomposed }
    await house.sql('update credentials set password_hash = ? where user_id = ?', [hashSync(decomposed, 4), person.id])
    await house.no('unauthenticated', 'auth-login', { email: person.email, password: composed })
    const [before] = await house.sql('select password_changed_at from credentials where user_id = ?', [person.id])
    await house.login(person)
    await house.login({ ...person, password: composed })
    await house.login(person)
    expect(await house.sql('select password_changed_at from credentials where user_id = ?', [person.id])).to.deep.equal([before])
  })

  it('its length is that of the one spelling', async () => {
    const make = (password: string) =>
      house.ask('user-create', { firstName: 'A', lastName: 'B', email: `${Math.random()}@example.com`, password }, house.admin)
    // 72 bytes composed are 108 decomposed; seven characters composed are more decomposed.
    const longest = 'Zwéàüöñçêîôûâëïùåéčšžřýňťěůőűąęłóśx7ñü'
    expect(Buffer.byteLength(longest)).to.equal(72)
    expect(await make(longest.normalize('NFD'))).to.not.have.property('error')
    expect(await make(`${longest}é`.normalize('NFD'))).to.have.nested.property('error.code', 'invalid_payload')
    expect(await make('Zéà7xçü'.normalize('NFD'))).to.have.nested.property('error.code', 'invalid_payload')
  })
})
