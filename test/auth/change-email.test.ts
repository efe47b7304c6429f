// auth-change-email and auth-confirm-email: an address counts once a mail to it was answered.
import { expect } from 'chai'
import { otherPassword, type Session } from '../kit/test-server.ts'
import { parallel } from '../kit/wait.ts'
import { onHouse } from './on-house.ts'

onHouse('change of the address', (house) => {
  const ask = (by: Session, email: string) => house.ok('auth-change-email', { email, password: by.password }, by)
  const mailed = (address: string) => house.mailedToken(address, '/confirm-email')
  const addressOf = async (by: Session) => (await house.ok('user-get', { id: by.id }, house.admin))['email']

  it('the link in the mail to the new address proves it; until then nothing changes', async () => {
    const by = await house.enter()
    const email = `New-${by.email}`
    await ask(by, email)
    expect(await addressOf(by)).to.equal(by.email)
    expect(await house.mailsTo(by.email)).to.deep.equal([])
    const token = await mailed(email.toLowerCase())
    expect(await house.ok('auth-confirm-email', { token })).to.deep.equal({ success: true })
    expect(await house.ok('user-get', { id: by.id }, house.admin)).to.include({ email: email.toLowerCase(), emailVerified: true })
    await house.no('unauthenticated', 'auth-confirm-email', { token })
    await house.no('unauthenticated', 'auth-login', { email: by.email, password: by.password })
    await house.login({ ...by, email })
  })

  it('it needs the password, and counts wrong ones for the lock', async () => {
    const by = await house.enter()
    for (let time = 0; time < 5; time += 1)
      await house.no('unauthenticated', 'auth-change-email', { email: `new-${by.email}`, password: otherPassword }, by)
    await house.no('unauthenticated', 'auth-change-email', { email: `new-${by.email}`, password: by.password }, by)
    expect(await house.mailsTo(`new-${by.email}`)).to.deep.equal([])
  })

  it('an address that is taken gets the same answer and no mail', async () => {
    const [by, other] = [await house.enter(), await house.enter()]
    expect(await ask(by, other.email)).to.deep.equal({ success: true })
    expect(await house.mailsTo(other.email)).to.deep.equal([])
  })

  it('taken meanwhile: conflict', async () => {
    const by = await house.enter()
    const email = `new-${by.email}`
    await ask(by, email)
    await house.person({ email })
    expect((await house.no('conflict', 'auth-confirm-email', { token: await mailed(email) })).details).to.deep.equal({ fields: ['email'] })
    expect(await addressOf(by)).to.equal(by.email)
  })

  it('two who prove one address: one gets it', async () => {
    const people = [await house.enter(), await house.enter()]
    const email = `shared-${people[0]?.email}`
    const tokens: string[] = []
    for (const by of people) {
      await ask(by, email)
      tokens.push(await mailed(email))
    }
    const replies = await parallel(2, (index) => house.ask('auth-confirm-email', { token: tokens[index] }))
    expect(replies.map((reply) => JSON.stringify(reply)).toSorted()[0]).to.include('"code":"conflict"')
    expect(replies).to.deep.include({ success: true })
  })

  it('a newer request kills the older; a day ends it; a new password too', async () => {
    const by = await house.enter()
    await ask(by, `first-${by.email}`)
    await ask(by, `second-${by.email}`)
    await house.no('unauthenticated', 'auth-confirm-email', { token: await mailed(`first-${by.email}`) })
    await house.sql("update email_changes set expires_at = now() - interval '1 second' where user_id = ?", [by.id])
    await house.no('unauthenticated', 'auth-confirm-email', { token: await mailed(`second-${by.email}`) })
    await ask(by, `third-${by.email}`)
    await house.ok('auth-change-password', { currentPassword: by.password, newPassword: otherPassword }, by)
    await house.no('unauthenticated', 'auth-confirm-email', { token: await mailed(`third-${by.email}`) })
    expect(await addressOf(by)).to.equal(by.email)
  })

  it("an administrator's change of the address ends what was under way, and proves nothing", async () => {
    const by = await house.enter()
    await ask(by, `new-${by.email}`)
    await house.ok('user-update', { id: by.id, email: `set-${by.email}` }, house.admin)
    await house.no('unauthenticated', 'auth-confirm-email', { token: await mailed(`new-${by.email}`) })
    expect(await house.ok('user-get', { id: by.id }, house.admin)).to.include({ email: `set-${by.email}`, emailVerified: false })
  })

  it('only its hash is stored', async () => {
    const by = await house.enter()
    await ask(by, `new-${by.email}`)
    expect(JSON.stringify(await house.sql('select * from email_changes'))).to.not.include(await mailed(`new-${by.email}`))
  })
})
